"""A released figure as one SVG that stands alone: own colours and letters, no style sheet.

For other sites, slides and reports: title, sentence, drawing, source. Up to thirty places are
rows of marks; more are a map. For PNG typst sets the texts, because renderers of SVG do not
shape Khmer well, above the same drawing.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from html import escape
from pathlib import Path

import typst
from django.conf import settings

from dashboards.charts.choropleth import Picture
from dashboards.data.comparison import NationalFigure
from dashboards.data.table import Table
from dashboards.text import formats

TEMPLATE = Path(__file__).with_name("picture.typ")
WIDTH, MARGIN, ROW, NAME = 800, 24, 26, 220
MOST_ROWS = 30
INK, SOFT, LINE, PAPER = "#1c1b1a", "#55504a", "#d9d2c7", "#ffffff"
AREAS = {
    "better": "#9dc0da",
    "worse": "#f0b98f",
    "expected": "#e4ded4",
    "few": "#f3efe8",
}
FONT = "Noto Sans Khmer"


@dataclass(frozen=True)
class Captions:
    """The texts of a figure."""

    title: str
    sentence: str
    source: str
    note: str


@dataclass(frozen=True)
class Text:
    """A line of text on the drawing; ``anchor`` says which end of it is at ``x``."""

    x: float
    y: float
    text: str
    size: int = 14
    colour: str = INK
    bold: bool = False
    anchor: str = "start"

    @property
    def svg(self) -> str:
        weight = ' font-weight="700"' if self.bold else ""
        return (
            f'<text x="{self.x:.0f}" y="{self.y:.0f}" font-size="{self.size}" '
            f'fill="{self.colour}" text-anchor="{self.anchor}"{weight}>{escape(self.text)}</text>'
        )


@dataclass
class Drawing:
    """Shapes and texts of a figure, from the top down."""

    title: str
    height: int = MARGIN
    shapes: list[str] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def write(self, text: str, size: int, *, colour: str = INK, bold: bool = False) -> None:
        """Add lines of text below the present content."""
        for line in wrapped(text, (WIDTH - 2 * MARGIN) / size):
            self.height += round(1.6 * size)
            self.texts.append(Text(MARGIN, self.height, line, size, colour, bold))

    def _svg(self, inside: str) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" '
            f'width="{WIDTH}" height="{self.height}" role="img" aria-label="{escape(self.title)}" '
            f'font-family="{FONT}, sans-serif"><rect width="{WIDTH}" height="{self.height}" '
            f'fill="{PAPER}"/>{inside}</svg>'
        )

    @property
    def svg(self) -> str:
        """The figure as SVG."""
        return self._svg("".join([*self.shapes, *(text.svg for text in self.texts)]))

    @property
    def png(self) -> bytes:
        """The figure as a picture of twice the size."""
        fields = {
            "width": WIDTH,
            "height": self.height,
            "texts": [asdict(text) for text in self.texts],
        }
        inputs = {"svg": self._svg("".join(self.shapes)), "data": json.dumps(fields)}
        image = _typesetter().compile(sys_inputs=inputs, format="png", ppi=144.0)
        assert isinstance(image, bytes)
        return image


def figure(
    statement: Captions, table: Table, national: NationalFigure, picture: Picture
) -> Drawing:
    """Draw one released figure; ``table`` holds the rows that its page shows."""
    drawing = Drawing(statement.title)
    drawing.write(statement.title, 20, bold=True)
    drawing.write(statement.sentence, 16)
    drawing.height += 18
    if len(table) > MOST_ROWS and picture.shapes:
        _map(drawing, table, picture)
    else:
        _rows(drawing, table, national)
    drawing.height += 8
    for text in (statement.note, statement.source):
        drawing.write(text, 12, colour=SOFT)
    drawing.height += MARGIN
    return drawing


@cache
def _typesetter() -> typst.Compiler:
    fonts = settings.ROOT / "platform" / "pages" / "static" / "pages" / "dist"
    return typst.Compiler(str(TEMPLATE), font_paths=[str(fonts)], ignore_system_fonts=True)


_SYLLABLE = "[\u1780-\u17b3](?:\u17d2[\u1780-\u17b3]|[\u17b4-\u17d1\u17d3\u17dd\u200c\u200d])*"
_PIECE = re.compile(rf"(?:{_SYLLABLE}|[^\s\u1780-\u17ff]+|\S)[\u17d4-\u17d9,.;:)%»”]*|\s+")
"""A Khmer syllable or a word in Latin letters, each with the signs that close it; or blanks."""
_STACKED = re.compile("\u17d2.|[\u17b4-\u17d3\u17dd\u200b-\u200d]")
"""Signs above or below a letter, which take next to no width."""


def wrapped(text: str, most: float) -> list[str]:
    """Return lines of at most ``most`` times the size of the letters, broken at blanks or
    syllables.
    """
    lines, line = [], ""
    for piece in _PIECE.findall(text):
        if line and _width(line + piece) > most:
            blank = line.rfind(" ")
            # a blank in the last third of the line is the better break
            at = blank + 1 if blank > 2 * len(line) // 3 else len(line)
            lines.append(line[:at].strip())
            line = line[at:]
        line += piece
    return [*lines, line.strip()] if line.strip() else lines


def _width(text: str) -> float:
    """Estimate the width of a text, in sizes of its letters; rather too much than too little."""
    flat = _STACKED.sub("", text)
    return sum(0.78 if "\u1780" <= letter <= "\u17ff" else 0.58 for letter in flat)


def _rows(drawing: Drawing, table: Table, national: NationalFigure) -> None:
    """Draw one row per place: name, interval and mark, share; with the nation's line."""
    top, left, right = drawing.height, MARGIN + NAME, WIDTH - MARGIN - 60
    wide, bottom = right - left, drawing.height + ROW * len(table)
    lines = [(1.0, formats.BLUE, "6 4")]
    if national.is_known:
        lines.append((national.share, SOFT, "2 4"))
    for share, colour, dash in lines:
        at = left + wide * share
        drawing.shapes.append(
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{top - 6}" y2="{bottom}" '
            f'stroke="{colour}" stroke-dasharray="{dash}" stroke-width="2"/>'
        )
    for at in range(len(table)):
        row, y = table.row(at), top + ROW * at + ROW // 2
        mark = formats.mark(str(row["standing"]))
        drawing.shapes.append(f'<line x1="{left}" x2="{right}" y1="{y}" y2="{y}" stroke="{LINE}"/>')
        drawing.texts.append(Text(MARGIN, y + 5, _short(row["name"])))
        if row["share"] != row["share"]:  # NaN
            drawing.texts.append(Text(left, y + 5, mark.word, 12, SOFT))
            continue
        low, high, share = (left + wide * row[name] for name in ("low", "high", "share"))
        drawing.shapes.append(
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" stroke="{mark.colour}" '
            f'stroke-width="3"/>{_mark(mark.css, share, y, mark.colour)}'
        )
        percent = formats.percent(row["share"])
        drawing.texts.append(Text(WIDTH - MARGIN, y + 5, percent, bold=True, anchor="end"))
    drawing.height = bottom


def _short(name: str) -> str:
    return wrapped(name, NAME / 14)[0] if name else ""


def _mark(css: str, x: float, y: float, colour: str) -> str:
    if css in ("better", "worse"):
        turned = "M0 -7 L7 6 H-7 Z" if css == "better" else "M0 7 L7 -6 H-7 Z"
        return f'<path transform="translate({x:.1f} {y})" d="{turned}" fill="{colour}"/>'
    fill = PAPER if css == "few" else colour
    return f'<circle cx="{x:.1f}" cy="{y}" r="6" fill="{fill}" stroke="{colour}" stroke-width="2"/>'


def _map(drawing: Drawing, table: Table, picture: Picture) -> None:
    """Draw the map of the places shown and a legend.

    Other places are empty outlines; those clearly better or worse have a mark.
    """
    scale = min((WIDTH - 2 * MARGIN) / picture.width, 1.25)
    standing = dict(zip(table["code"].tolist(), table["standing"].tolist(), strict=True))
    areas, marks = [], []
    for code, shape in picture.shapes.items():
        mark = formats.mark(standing[code]) if code in standing else None
        fill = AREAS.get(mark.css, PAPER) if mark is not None else PAPER
        areas.append(f'<path d="{shape.d}" fill="{fill}" stroke="{SOFT}" stroke-width="0.4"/>')
        if mark is not None and mark.css in ("better", "worse"):
            marks.append(_mark(mark.css, shape.x, shape.y, mark.colour))
    place = f"translate({MARGIN} {drawing.height}) scale({scale:.3f})"
    drawing.shapes.append(f'<g transform="{place}">{"".join([*areas, *marks])}</g>')
    drawing.height += round(picture.height * scale) + 10
    for kind in _kinds(table["standing"].tolist()):
        mark = formats.mark(kind)
        drawing.height += 20
        drawing.shapes.append(
            f'<rect x="{MARGIN}" y="{drawing.height - 12}" width="14" height="14" '
            f'fill="{AREAS.get(mark.css, PAPER)}" stroke="{SOFT}"/>'
        )
        drawing.texts.append(Text(MARGIN + 22, drawing.height, mark.word, 12))


def _kinds(standings: Sequence[str]) -> list[str]:
    order = ("better", "as_expected", "worse", "few", "waiting")
    return [kind for kind in order if kind in standings]
