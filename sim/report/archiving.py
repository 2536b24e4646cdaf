"""One file of finished folders, to be kept beside a paper: what they hold, what made them, and a
script that makes them again and compares the bytes. It is a zipped RO-Crate 1.1."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sim.ground.errors import InputError, Problem, RunError
from sim.ground.files import PART, json_text
from sim.ground.version import DISTRIBUTION
from sim.log.file import load
from sim.report.citing import Work, bibtex, folder_works, unique
from sim.report.datapackage import media_type
from sim.report.kept import Kept, kept_in
from sim.scenario.resolve import load_scenario

CRATE, RERUN, COMMANDS = "ro-crate-metadata.json", "rerun.py", "commands.json"
VERSIONS, BIBLIOGRAPHY = "requirements.txt", "bibliography.bib"
OWN = (CRATE, RERUN, COMMANDS, VERSIONS, BIBLIOGRAPHY)
"""Files of an archive beside its folders."""
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say: no clock in its bytes


def archive(
    folders: Sequence[str | Path], out: str | Path, *, date: str, title: str = "", licence: str = ""
) -> Path:
    """Write finished folders into one zip, and return its path.

    `date` is the day of publication that the archive states, as 2024-05-31; `licence` an address.
    The same folders, date and words give the same bytes.

    Raises:
        InputError: a folder is not finished, or two have one name.
        RunError: the disk refuses.
    """
    held = _named([kept_in(folder) for folder in folders])
    place = Path(out)
    if place.suffix.lower() != ".zip":
        raise InputError([Problem("--out", 0, "", "must end in .zip", place.name)])
    inside = {name: _files(kept) for name, kept in held.items()}
    own = {
        RERUN: files("sim.report").joinpath("templates", RERUN).read_text(encoding="utf-8"),
        COMMANDS: json_text({name: kept.command for name, kept in held.items()}),
        VERSIONS: _versions(held),
        BIBLIOGRAPHY: bibtex(unique(work for kept in held.values() for work in _works(kept))),
    }
    graph = _graph(held, inside, own, {"date": date, "title": title, "licence": licence})
    own = {CRATE: json_text({"@context": f"{SPECIFICATION}/context", "@graph": graph}), **own}
    with _zipped(place) as whole:
        for name, text in own.items():
            whole.writestr(_info(name), text)
        for name, paths in inside.items():
            for path in paths:
                entry = _info(f"{name}/{path.relative_to(held[name].folder).as_posix()}")
                with path.open("rb") as source, whole.open(entry, "w", force_zip64=True) as into:
                    while part := source.read(1 << 20):
                        into.write(part)
    return place


def _named(held: list[Kept]) -> dict[str, Kept]:
    named: dict[str, Kept] = {}
    for kept in held:
        name = kept.folder.resolve().name
        if name in named or name in OWN:
            rule = "folders of an archive must have different names"
            raise InputError([Problem(kept.folder.as_posix(), 0, "", rule, name)])
        named[name] = kept
    return named


def _files(kept: Kept) -> list[Path]:
    return [
        path
        for path in sorted(kept.folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and not path.match(PART)
    ]


def _works(kept: Kept) -> list[Work]:
    scenarios = [load_scenario(path) for path in kept.scenarios]
    return folder_works(scenarios, [load(path) for path in kept.logs], kept.record)


def _versions(held: dict[str, Kept]) -> str:
    """Write the versions that the records name, each once; of two that differ, both."""
    lines = set()
    for kept in held.values():
        said = {DISTRIBUTION: kept.record["program"]["version"], **kept.record.get("packages", {})}
        lines |= {f"{name}=={version}" for name, version in said.items()}
        lines.add(f"# Python {kept.record.get('python', 'unknown')}")
    return "\n".join(sorted(lines)) + "\n"


def _graph(
    held: dict[str, Kept],
    inside: dict[str, list[Path]],
    own: dict[str, str],
    said: dict[str, str],
) -> list[dict[str, Any]]:
    """Describe the archive as RO-Crate does: what is in it, and what made each folder."""
    kinds = ", ".join(sorted({kept.kind for kept in held.values()}))
    programs = {kept.record["program"]["version"] for kept in held.values()}
    root: dict[str, Any] = {
        "@id": "./",
        "@type": "Dataset",
        "name": said["title"] or f"{len(held)} folders of {DISTRIBUTION}: {', '.join(held)}",
        "description": f"Simulations of diplomatic channels ({kinds}) with the scenarios and "
        f"histories that they follow from. `python {RERUN}` makes them again and compares the "
        "bytes.",
        "datePublished": said["date"],
        "hasPart": [{"@id": name} for name in own] + [{"@id": f"{name}/"} for name in held],
        "mentions": [{"@id": f"#{name}"} for name in held],
    }
    root |= {"license": {"@id": said["licence"]}} if said["licence"] else {}
    graph: list[dict[str, Any]] = [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "conformsTo": {"@id": SPECIFICATION},
            "about": {"@id": "./"},
        },
        root,
    ]
    graph += [
        {
            "@id": f"#{DISTRIBUTION}-{version}",
            "@type": "SoftwareApplication",
            "name": DISTRIBUTION,
            "softwareVersion": version,
        }
        for version in sorted(programs)
    ]
    graph += [_described(name, text.encode()) for name, text in own.items()]
    for name, kept in held.items():
        paths = {p: f"{name}/{p.relative_to(kept.folder).as_posix()}" for p in inside[name]}
        graph += [
            {
                "@id": f"{name}/",
                "@type": "Dataset",
                "name": f"{kept.kind}: {name}",
                "hasPart": [{"@id": inner} for inner in paths.values()],
            },
            {
                "@id": f"#{name}",
                "@type": "CreateAction",
                "name": " ".join(kept.command or ["made from Python; no command makes it again"]),
                "instrument": {"@id": f"#{DISTRIBUTION}-{kept.record['program']['version']}"},
                "object": [{"@id": paths[path]} for path in (*kept.scenarios, *kept.logs)],
                "result": {"@id": f"{name}/"},
            },
            *(_described(inner, path.read_bytes()) for path, inner in paths.items()),
        ]
    return graph


def _described(name: str, content: bytes) -> dict[str, Any]:
    return {
        "@id": name,
        "@type": "File",
        "name": name.rpartition("/")[2],
        "encodingFormat": media_type(name),
        "contentSize": str(len(content)),
        "sha256": sha256(content).hexdigest(),
    }


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name, _FIRST_DAY)
    info.compress_type, info.external_attr, info.create_system = ZIP_DEFLATED, 0o644 << 16, 3
    return info


@contextmanager
def _zipped(place: Path) -> Iterator[ZipFile]:
    """Give a zip to write into, which takes its place when it is whole."""
    temporary: str | None = None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(".part", f".{place.name}.", place.parent)
        with os.fdopen(handle, "wb") as stream, ZipFile(stream, "w") as whole:
            yield whole
        Path(temporary).chmod(0o644)
        Path(temporary).replace(place)
    except OSError as error:
        raise RunError(f"{place}: cannot be written: {error.strerror or error}") from None
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
