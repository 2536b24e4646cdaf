"""Figures to files and to pages: the same figure always gives the same bytes."""

from __future__ import annotations

import hashlib
import re
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr, unescape

import matplotlib
from matplotlib.figure import Figure

from sim.ground.files import write_safely
from sim.plots.lettering import width
from sim.plots.style import THEMED, styled

_ENDINGS = (".png", ".svg", ".pdf")
_NO_DATES = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None, "Type": None, "Format": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def save(figure: Figure, path: str | Path, *, dpi: float = 200) -> Path:
    """Write a figure to a .png, .svg or .pdf file, whole or not at all, and give the path.

    `dpi` matters to PNG only.

    Raises:
        ValueError: another ending.
        RunError: the disk or the folder refuses.
    """
    place = Path(path)
    ending = place.suffix.lower()
    if ending not in _ENDINGS:
        raise ValueError(f"{place.name!r}: a figure is saved as {', '.join(_ENDINGS)}")
    if ending == ".svg":
        prolog = '<?xml version="1.0" encoding="utf-8"?>\n'
        content = (prolog + svg(figure)).encode()
    else:
        content = _render(figure, ending[1:], dpi)
    write_safely(place, content)
    return place


def svg(figure: Figure, *, prefix: str | None = None) -> str:
    """Write a figure as one `<svg>` element for an HTML page, without prolog or doctype.

    The figure's label is its description for people who cannot see it. Each id begins with
    `prefix`, by default a digest of the drawing, so two figures in one page share no id unless they
    are the same drawing.
    """
    drawn = _render(figure, "svg", 72).decode()
    text = drawn[drawn.index("<svg ") :].strip()
    text = re.sub(r"\s*<!--.*?-->", "", text, flags=re.DOTALL)
    # The style element would reach the whole page; its attributes on the root reach the figure.
    text = re.sub(r"\s*<defs>\s*<style[^>]*>[^<]*</style>\s*</defs>", "", text, count=1)
    text = _TEXT.sub(_measured, text)
    said = str(figure.get_label()) or "figure"
    digest = hashlib.sha256((text + said).encode()).hexdigest()[:10]
    name = prefix or f"f{digest}"
    text = re.sub(r'(\sid=")', rf"\g<1>{name}-", text)
    text = re.sub(r'(="url\(#|:\s*url\(#|xlink:href="#)', rf"\g<1>{name}-", text)
    opening, rest = text.split(">", 1)
    looks = 'stroke-linejoin="round" stroke-linecap="butt" style="max-width: 100%; height: auto"'
    return (
        f'{opening} role="img" aria-label={quoteattr(said)} {looks}>\n'
        f" <title>{escape(said)}</title>{rest}\n"
    )


_TEXT = re.compile(r'<text style="([^"]*)"([^>]*)>([^<]*)</text>')
_STYLE = re.compile(r"font-size: ([\d.]+)px; font-family: '[^']*'")
_UPRIGHT = re.compile(r' transform="rotate\(-0 [^"]*\)"')
_FAMILY = "'DejaVu Sans', Verdana, sans-serif"


def _measured(found: re.Match[str]) -> str:
    """Say of a text how wide it was measured, so that the letters of any machine keep to it."""
    style, place, text = found.groups()
    size = _STYLE.search(style)
    if size is None:
        return found[0]
    bold, italic = "font-weight: 700" in style, "font-style: italic" in style
    inches = width(unescape(text), float(size[1]), bold=bold, italic=italic)
    style = _STYLE.sub(rf"font-size: \1px; font-family: {_FAMILY}", style)
    fitted = f'textLength="{72 * inches:.2f}" lengthAdjust="spacingAndGlyphs"'
    return f'<text style="{style}"{_UPRIGHT.sub("", place)} {fitted}>{text}</text>'


_COLOUR = re.compile(r"(fill|stroke): (#[0-9a-f]{6})")
_GROUND = re.compile(r' fill="(#[0-9a-f]{6})"')  # under a hatching


def themed(drawn: str) -> str:
    """Write an `<svg>` for a page that is light or dark: ink, paper and rules are named."""

    def named(found: re.Match[str]) -> str:
        name = THEMED.get(found[2])
        return f"{found[1]}: var(--fig-{name}, {found[2]})" if name else found[0]

    return _COLOUR.sub(named, _GROUND.sub(r' style="fill: \1"', drawn))


def _render(figure: Figure, form: str, dpi: float) -> bytes:
    out = BytesIO()
    with styled(getattr(figure, "look", None)):
        own = matplotlib.rcParams["savefig.dpi"]
        sharp = dpi if own == "figure" else float(own)
        figure.savefig(out, format=form, dpi=sharp, metadata=_NO_DATES[form])
    return out.getvalue()
