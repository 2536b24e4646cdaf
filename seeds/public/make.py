"""Make the logs of this folder again: `python seeds/public/make.py SOURCES`.

SOURCES is a folder that holds the repositories `travels`, `visits` and `wh-briefings`; the README
beside this file says where they come from.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sim.coding.by_pair import make_pairs
from sim.ground.errors import InputError

HERE = Path(__file__).parent

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python seeds/public/make.py SOURCES")
    try:
        print(f"{make_pairs(Path(sys.argv[1]), HERE)} logs")
    except InputError as error:
        sys.exit(str(error))
