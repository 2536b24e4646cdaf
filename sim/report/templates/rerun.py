"""Makes what is in this archive again and compares it byte by byte with what is here.

    python rerun.py           everything
    python rerun.py NAME ...  these folders

It needs the Python and the packages of requirements.txt; other versions may give other bytes.
"""

import json
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HERE = Path(__file__).resolve().parent


def files_in(folder: Path) -> dict[str, bytes]:
    """Return what each file below a folder holds."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def differences(kept: Path, again: Path) -> list[str]:
    """Say which files are not the same."""
    old, new = files_in(kept), files_in(again)
    said = [f"{name}: only in the archive" for name in sorted(old.keys() - new.keys())]
    said += [f"{name}: only made again" for name in sorted(new.keys() - old.keys())]
    both = sorted(old.keys() & new.keys())
    return said + [f"{name}: other bytes" for name in both if old[name] != new[name]]


def other_versions() -> list[str]:
    """Say which versions here are not those of the archive."""
    wanted: dict[str, list[str]] = {}
    for line in (HERE / "requirements.txt").read_text(encoding="utf-8").splitlines():
        name, _, number = line.removeprefix("# ").replace(" ", "==").partition("==")
        wanted.setdefault(name, []).append(number)
    said = []
    for name, numbers in wanted.items():
        try:
            here = platform.python_version() if name == "Python" else version(name)
        except PackageNotFoundError:
            here = "none"
        if here not in numbers:
            said.append(f"{name} {here} here, {' and '.join(numbers)} in the archive")
    return said


def main(wanted: list[str]) -> int:
    """Make folders again; the exit code is 1 where something differs, 2 for an unknown name."""
    commands = json.loads((HERE / "commands.json").read_text(encoding="utf-8"))
    if unknown := [name for name in wanted if name not in commands]:
        print(f"not in this archive: {', '.join(unknown)}", file=sys.stderr)
        return 2
    for line in other_versions():
        print(f"another version: {line}")
    failed = False
    for name in wanted or list(commands):
        command = commands[name]
        if command is None:
            print(f"{name}: was made from Python, no command makes it again")
            continue
        print(f"{name}: {' '.join(command)}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            again = Path(folder, "again")
            typed = [sys.executable, "-m", "sim", *command[1:], "--out", str(again)]
            done = subprocess.run(typed, cwd=HERE / name, stdout=subprocess.DEVNULL, check=False)
            said = differences(HERE / name, again) if done.returncode == 0 else ["did not run"]
        print("\n".join(f"  {line}" for line in said or ["the same bytes"]), flush=True)
        failed |= bool(said)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
