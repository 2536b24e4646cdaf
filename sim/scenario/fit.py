"""A fit's folder, read and checked: draws of weights that `sim learn` or `sim pool` wrote.

`docs/learning.md` and `docs/pool.md` describe the format. A scenario whose `fit` names such a
folder draws its weights from it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PrivateAttr

from sim.ground.errors import SCENARIO, InputError, one_problem, shown
from sim.ground.files import json_line, json_record, read_bytes, write_safely
from sim.ground.schema import SHA256, Line, Strict
from sim.ground.version import MODEL_VERSION
from sim.log.log import STATES
from sim.rules.features import FEATURES
from sim.scenario.doctrine import DECISIONS, weight_name
from sim.scenario.inclination import WITH, inclination_name, towards_of
from sim.scenario.prior import MAX_SPREAD, MAX_WEIGHT, MIN_SPREAD

FIT, DRAWS = "fit.json", "draws.parquet"
COPY = "fit-"
"""How the name of a fit's copy beside a resolved scenario begins."""
SCHEMA = 1
LEARNED, POOLED = "fit", "pool"
"""What a record may be: of weights of parties, or of a pair that was never seen."""
PAIR = "pair"
"""Whose weights those of a pool are: of both parties of any pair."""
CHAIN, DRAW, LOG_PRIOR, LOG_LIKELIHOOD = "chain", "draw", "log_prior", "log_likelihood"
REPORTED = "refusals_reported"
"""The columns of `draws.parquet` that are no weights; the last only where it was learned."""
MAX_RECORD_BYTES = 5_000_000
MAX_DRAWS_BYTES = 200_000_000
MAX_ROWS = 40_000
"""Draws of a fit; `sim learn` makes 32,000 at most."""


MAX_PARTIES = 300
LAW = ("centre", "spread")
"""What `fit.json` says of the prior of a weight, beside its sign."""
SEAL = "seal"
"""The key of `fit.json` under which the digest of all that it says stands."""


@dataclass(frozen=True, eq=False)
class SavedFit:
    """A fit as its folder has it."""

    record: dict[str, Any]
    """What `fit.json` holds."""
    names: tuple[str, ...]
    """[P] weights, as `USA.act.call.grievance`."""
    weights: NDArray[np.float64]
    """[draws, P] in logits."""
    log_priors: NDArray[np.float64]
    """[draws] in nats."""
    log_likelihoods: NDArray[np.float64]
    """[draws] in nats."""
    files: Mapping[str, bytes]
    """What `FIT` and `DRAWS` hold, byte by byte, to be copied."""

    @property
    def sha256(self) -> str:
        """The SHA-256 of `DRAWS`, in hexadecimal: of all that a run follows from."""
        return sha256(self.files[DRAWS]).hexdigest()

    @property
    def of_any_pair(self) -> bool:
        """Whether it holds the law of many pairs, and not what was learned from one record."""
        return bool(self.record["kind"] == POOLED)

    def place(self, party: str, decision: str, feature: str) -> int | None:
        """Return the column of a weight of a party; None where there is none."""
        name = weight_name(PAIR if self.of_any_pair else party, decision, feature)
        return self._columns.get(name)

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {name: n for n, name in enumerate(self.names)}

    @property
    def parties(self) -> dict[str, str]:
        """The doctrine under which each party was, by its code."""
        return dict(self.record["parties"])

    @property
    def channels(self) -> list[str]:
        """The channels whose history the weights were learned from."""
        return list(self.record["channels"])

    @property
    def transitions(self) -> set[tuple[str, str]]:
        """The changes of state that the record shows, as the observer sees them."""
        return {(source, target) for source, target in self.record["transitions"]}

    @property
    def log_prior_parts(self) -> NDArray[np.float64]:
        """[draws, P] what each weight adds to the logarithm of the prior, but for a constant."""
        centre, spread = (np.array([w[k] for w in self.record["weights"]]) for k in LAW)
        found: NDArray[np.float64] = -0.5 * ((self.weights - centre) / spread) ** 2
        return found

    @property
    def doctrine(self) -> dict[str, float]:
        """The doctrine's own weight under which each weight was learned, by its name."""
        return {w["weight"]: float(w["doctrine"]) for w in self.record["weights"]}

    def write(self, folder: Path) -> None:
        """Write what a run needs of the fit into a folder.

        Raises:
            RunError: the disk or the folder refuses.
        """
        for name, content in self.files.items():
            write_safely(folder / name, content)


class Fitted(Strict):
    """The fit from which each replication draws its weights."""

    folder: Line
    """Its folder, relative to this file. A resolved scenario has a copy beside it."""
    sha256: Annotated[str, Field(pattern=SHA256)]
    """The SHA-256 of its `draws.parquet`; another fit is refused."""
    _saved: SavedFit | None = PrivateAttr(default=None)

    def __eq__(self, other: object) -> bool:
        """Compare what is said; the draws are known by their digest."""
        return isinstance(other, Fitted) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]  # as a scenario has none

    @property
    def saved(self) -> SavedFit:
        """The fit itself.

        Raises:
            InputError: the scenario was not read by `load_scenario`, which finds the fit.
        """
        if self._saved is None:
            rule = "the fit is not at hand: read the scenario by `load_scenario`"
            raise one_problem(SCENARIO, rule, self.folder, path="fit")
        return self._saved

    @classmethod
    def of(cls, saved: SavedFit) -> Fitted:
        """Name a fit as a resolved scenario does: by its digest."""
        fitted = cls(folder=f"{COPY}{saved.sha256[:12]}", sha256=saved.sha256)
        fitted._saved = saved
        return fitted


def load_fit(folder: str | Path) -> SavedFit:
    """Open a fit's folder.

    Raises:
        InputError: it is no fit, is of another model, or its files are broken.
    """
    folder = Path(folder)

    def broken(rule: str, path: str = "", got: str = "") -> InputError:
        return one_problem(folder.as_posix(), rule, got, path=path)

    if not (folder / FIT).is_file() or not (folder / DRAWS).is_file():
        raise broken("must be the folder of a fit, of `sim learn` or `sim pool`")
    record = json_record(folder / FIT, MAX_RECORD_BYTES)
    if record is None or record.get("kind") not in (LEARNED, POOLED):
        raise broken(f"{FIT} must be a fit's record")
    for path, rule, got in _broken_record(record):
        raise broken(rule, path, got)
    files = {
        FIT: read_bytes(folder / FIT, MAX_RECORD_BYTES),
        DRAWS: read_bytes(folder / DRAWS, MAX_DRAWS_BYTES),
    }
    if record["draws"].get("sha256") != sha256(files[DRAWS]).hexdigest():
        raise broken(f"{DRAWS} is not the file that {FIT} names: it was changed or lost something")
    names = tuple(w["weight"] for w in record["weights"])
    try:
        columns = _columns(files[DRAWS], (*names, LOG_PRIOR, LOG_LIKELIHOOD))
    except ValueError as error:
        raise broken(f"{DRAWS} cannot be read: {str(error).splitlines()[0]}") from None
    weights, priors, likelihoods = columns[:, :-2], columns[:, -2], columns[:, -1]
    if not 1 <= len(weights) <= MAX_ROWS:
        raise broken(f"{DRAWS} must hold 1 to {MAX_ROWS:,} draws")
    astray = ~(np.abs(weights) <= MAX_WEIGHT)  # also what is no number
    if astray.any():
        where = names[int(astray.any(axis=0).argmax())]
        raise broken(f"must lie within {MAX_WEIGHT:g} of 0 in every draw", where)
    if not (np.isfinite(priors).all() and np.isfinite(likelihoods).all()):
        raise broken(f"{LOG_PRIOR} and {LOG_LIKELIHOOD} must be finite numbers")
    return SavedFit(record, names, weights, priors, likelihoods, files)


def share_reported(record: Mapping[str, Any]) -> str:
    """Write which share of refusals a fit takes to be reported: a number, or a range."""
    span = record.get("reporting_range")
    return f"{record['reporting']:g}" if span is None else f"{span[0]:g} to {span[1]:g}"


def seal_of(record: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a fit's record without its seal, as JSON without spaces. It covers the
    draws, whose digest the record names. It has no key: it finds edits, not forgers.

    Raises:
        ValueError: the record holds what is no number.
    """
    return sha256(json_line({k: v for k, v in record.items() if k != SEAL}).encode()).hexdigest()


def _is_sealed(record: dict[str, Any]) -> bool:
    try:
        return bool(record.get(SEAL) == seal_of(record))
    except (ValueError, RecursionError):  # NaN, half a character, or lists without end
        return False


def _broken_record(record: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what a fit's record breaks: path, rule, what is there."""
    if record.get("schema") != SCHEMA:
        yield "schema", f"must be {SCHEMA}", shown(record.get("schema"))
    if record.get("model") != MODEL_VERSION:
        rule = f"must be a fit of model {MODEL_VERSION}: learn it again with this program"
        yield "model", rule, shown(record.get("model"))
    if not _is_sealed(record):
        rule = f"is not that of this {FIT}: it was changed or lost something; learn it again"
        yield SEAL, rule, shown(record.get(SEAL))
    draws, parties = record.get("draws"), record.get("parties")
    channels, weights = record.get("channels"), record.get("weights")
    if not isinstance(draws, dict) or draws.get("file") != DRAWS:
        yield "draws", f"must name {DRAWS}, with its SHA-256", shown(draws)
    if (
        not isinstance(parties, dict)
        or len(parties) > MAX_PARTIES
        or not all(isinstance(d, str) for d in parties.values())
    ):
        yield "parties", f"must name the doctrine of each party, {MAX_PARTIES} at most", ""
        return
    if record["kind"] == POOLED and [*parties] != [PAIR]:
        yield "parties", f"must be {PAIR} alone in a pool", ", ".join(parties)
    if not isinstance(channels, list) or not all(isinstance(c, str) for c in channels):
        yield "channels", "must be a list of channels", shown(channels)
    span = record.get("history")
    first, last = (_day(span.get(k)) if isinstance(span, dict) else None for k in ("from", "until"))
    if first is None or last is None or last < first:
        yield "history", "must say from which day until which was learned", shown(span)
    reporting = record.get("reporting")
    if type(reporting) is not float or not 0.0 < reporting <= 1.0:
        yield "reporting", "must be a number above 0 and up to 1", shown(reporting)
    reported = record.get("reporting_range")
    if reported is not None and not (
        isinstance(reported, list)
        and len(reported) == 2
        and all(type(x) is float for x in reported)
        and 0.0 < reported[0] < reported[1] <= 1.0
    ):
        yield "reporting_range", "must be two numbers above 0 and up to 1", shown(reported)
    moves = record.get("transitions")
    if not isinstance(moves, list) or not all(
        isinstance(m, list) and len(m) == 2 and all(s in STATES for s in m) for m in moves
    ):
        yield "transitions", "must be a list of pairs of states", shown(moves)
    if not isinstance(weights, list) or not weights:
        yield "weights", "must be a list, a record a weight", ""
        return
    known = {weight_name(p, d, f) for p in parties for d in DECISIONS for f in FEATURES}
    pairs = {towards_of(w["weight"]) for w in weights if _names_other(w)}
    known |= {inclination_name(p, d) for p in pairs if {*p} <= {*parties} for d in DECISIONS}
    for n, weight in enumerate(weights):
        name = weight.get("weight") if isinstance(weight, dict) else None
        if not isinstance(name, str) or name not in known:
            yield f"weights[{n}]", "must be a weight of a party of the fit", shown(name)
            continue
        for key in ("doctrine", *LAW):
            low, high = (MIN_SPREAD, MAX_SPREAD) if key == "spread" else (-MAX_WEIGHT, MAX_WEIGHT)
            said = weight.get(key)
            if type(said) is not float or not low <= said <= high:
                rule = f"must be a number from {low:g} to {high:g}"
                yield f"weights[{n}].{key}", rule, shown(said)
        known -= {name}  # none comes twice


def _names_other(weight: object) -> bool:
    """Whether what is said of a weight names an inclination."""
    name = weight.get("weight") if isinstance(weight, dict) else None
    return isinstance(name, str) and f".{WITH}" in name


def _day(said: object) -> date | None:
    """Return the day that is written as 2022-02-24; None of anything else."""
    try:
        found = date.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return None
    return found if found is not None and found.isoformat() == said else None


def _columns(content: bytes, names: tuple[str, ...]) -> NDArray[np.float64]:
    """Return columns of a Parquet file as [rows, columns], one row more than there may be at most.

    Raises:
        ValueError: it is none, lacks a column, or holds other things than numbers.
    """
    import polars as pl  # who draws no weights need not load it

    try:
        frame = pl.read_parquet(io.BytesIO(content), columns=list(names), n_rows=MAX_ROWS + 1)
        return frame.select(names).cast(pl.Float64).to_numpy()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, TypeError) as error:
        raise ValueError(str(error) or "it is no Parquet file") from None
