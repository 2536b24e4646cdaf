"""A small folder of every kind that the commands write, by the command that writes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from micro import doctrine
from pasts import detained, event, written

from sim.ground.yaml import dump_yaml

EVEN = doctrine(call=0.0, accept_call=0.0, cut=-1.0, tell=0.5)
PAST = written(
    event("cut", "contact_cut", "2021-01-20", by="USA"),
    detained("arrest", "2021-01-22"),
    detained("free", "2021-02-10", "released"),
    doctrines={"can": EVEN, "usa": EVEN},
    outcomes={"open": {"type": "state_at", "state": "open", "title": "Open"}},
    show_from="2021-01-20",
)
LONG = written(
    event("cut", "contact_cut", "2021-01-20", by="USA"),
    *(event(f"call-{n}", "call_held", f"2021-{n:02d}-05") for n in range(2, 10)),
    doctrines={"can": EVEN, "usa": EVEN},
    as_of="2021-12-31",
    until="2022-01-31",
)
LOG = {**PAST["history"], "channels": {"can-usa/ministers": {"parties": ["CAN", "USA"]}}}
PLAIN = {key: value for key, value in PAST.items() if key != "show_from"}
FILES: dict[str, dict[str, Any]] = {
    "base.yaml": PAST,
    "kept.yaml": PAST | {"title": "Kept", "changes": [{"remove": "cut"}]},
    "warm.yaml": PAST | {"title": "Warm", "rates_per_day": {"call": 0.5}},
    "plain.yaml": PLAIN,
    "plain-warm.yaml": PLAIN | {"title": "Warm", "rates_per_day": {"call": 0.5}},
    "long.yaml": LONG,
    "swept.yaml": PAST | {"sweep": {"rates_per_day.call": [0.1, 0.2]}},
    "prior.yaml": {"biases": 0.5, "reason": "A try."},
    "one.yaml": LOG,
    "two.yaml": LOG | {"title": "Another coding"},
}
MADE = {
    "a-run": ("run", "base.yaml", "-n", 6, "--seed", 5, "--events"),
    "a-precise-run": ("run", "base.yaml", "-n", 40, "--interval-width", 0.4),
    "by-the-other": ("run", "base.yaml", "-n", 3, "--executor", "reference"),
    "a-comparison": ("compare", "kept.yaml", "-n", 6),
    "several": ("compare", "base.yaml", "kept.yaml", "warm.yaml", "-n", 6, "--coupling"),
    "forecasts": ("compare", "plain.yaml", "plain-warm.yaml", "-n", 6),
    "a-why": ("why", "base.yaml", "-n", 3),
    "a-sweep": ("run", "swept.yaml", "-n", 4),
    "codings": ("agree", "one.yaml", "two.yaml", "--until", "2021-02-28"),
    "codings-and-answers": ("agree", "one.yaml", "two.yaml", "--scenario", "base.yaml", "-n", 4),
    "a-sensitivity": ("sensitivity", "base.yaml", "--vary", "*.cut.bias", "-n", 4),
    "a-hindcast": ("hindcast", "long.yaml", "--from", "2021-09-30", "--horizons", "1", "-n", 9),
    "a-design": ("design", "base.yaml", "--prior", "prior.yaml"),
}


def write_files(folder: Path) -> None:
    """Write what the commands read."""
    for name, plain in FILES.items():
        (folder / name).write_text(dump_yaml(plain), encoding="utf-8")
