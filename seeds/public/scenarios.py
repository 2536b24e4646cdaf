"""Write a scenario for each log of this folder, for `sim pool`: `python seeds/public/scenarios.py
FOLDER`.

Of `meetings/` the leaders' channel, with meetings on either side's ground; of `readouts/`
leaders and advisers. Acts that the sources cannot show have no rate. Both sides follow the
transactional doctrine, as it ships.
"""

from __future__ import annotations

import sys
from pathlib import Path

import sim
from sim.ground.yaml import dump_yaml

HERE = Path(__file__).parent
SETS = {
    "meetings": (("leaders",), ("meet",), "1977-01-20", "2024-11-12"),
    "readouts": (("leaders", "advisers"), ("meet", "call"), "2021-01-21", "2025-01-13"),
}
"""For each set: levels, acts that are shown, and the first and the last day."""
IDLE = ("meet", "call", "raise_detainees", "cancel", "cut", "swap")


def main(folder: Path) -> None:
    """Write the scenarios of each set into a folder of its own."""
    for name, (levels, acts, first, last) in SETS.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for path in sorted((HERE / name).glob("*.yaml")):
            log = sim.load_log(path)
            channels = [c for c in log.channels if c.partition("/")[2] in levels]
            if not any(e.channel in channels for e in log.events):
                continue
            us, them = (code.upper() for code in path.stem.split("-"))
            plain = {
                "title": f"{us} and {them}, {name}",
                "question": "How likely is contact?",
                "history": path.resolve().as_posix(),
                "as_of": last,
                "until": f"{int(last[:4]) + 1}{last[4:]}",
                "complete_from": first,
                "parties": {c: {"doctrine": "transactional"} for c in sorted((us, them))},
                "channels": {c: {} for c in channels},
                "rates_per_day": {act: 0.0 for act in IDLE if act not in acts},
                "ensemble": {"seed": 26},
            }
            (folder / name / path.name).write_text(dump_yaml(plain), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python seeds/public/scenarios.py FOLDER")
    main(Path(sys.argv[1]))
