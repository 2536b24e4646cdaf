"""Tables for a manuscript: the rows that a page shows, as LaTeX and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.ground.files import write_safely

MOST = 200
"""Rows of a table that a manuscript may hold; longer ones stay in CSV."""
_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "\N{MINUS SIGN}": "$-$",
} | {sign: f"\\{sign}" for sign in "&%$#_{}"}


def latex_text(text: str) -> str:
    """Write text for LaTeX, in UTF-8."""
    return "".join(_LATEX.get(letter, letter) for letter in text)


def latex(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table for LaTeX, with the rules of `booktabs`; the first column holds words."""
    form = "l" + "r" * (len(heads) - 1)
    lines = [
        "% needs \\usepackage{booktabs}",
        f"\\begin{{tabular}}{{{form}}}",
        "\\toprule",
        _line(heads),
        "\\midrule",
        *map(_line, rows),
        "\\bottomrule",
        "\\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return " & ".join(map(latex_text, cells)) + " \\\\"


def markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table in Markdown; the first column holds words."""
    ruler = "|---|" + "---:|" * (len(heads) - 1)
    lines = [_row(heads), ruler, *map(_row, rows)]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    escaped = (
        cell.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;") for cell in cells
    )
    return f"| {' | '.join(escaped)} |"


def write_manuscript(
    folder: Path, stem: str, heads: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    """Write a table as `STEM.tex` and `STEM.md`, where it is short enough to be printed.

    Raises:
        RunError: the disk or the folder refuses.
    """
    if 0 < len(rows) <= MOST:
        write_safely(folder / f"{stem}.tex", latex(heads, rows))
        write_safely(folder / f"{stem}.md", markdown(heads, rows))
