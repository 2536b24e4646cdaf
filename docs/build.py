"""Builds the site from these pages: python docs/build.py [FOLDER]

It makes the reference from the code, checks every link between pages, and writes HTML that needs no
network into docs/site, or into another folder.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import reference
from sphinx.cmd.build import build_main

HERE = Path(__file__).parent


def main(words: list[str]) -> int:
    """Build the site; a link that leads nowhere is an error."""
    gc.disable()  # looking for garbage among the pages took a quarter of the time
    reference.main()
    target = words[0] if words else str(HERE / "site")
    return build_main(["-q", "-W", "--keep-going", "-b", "html", str(HERE), target])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
