"""One spelling for Khmer text that looks the same however it was typed.

A syllable is a base letter with signs around it, and most signs can be typed in any order
without a visible difference; some signs can be typed in parts (េ and ា look like ោ), and
the subscripts of ត and ដ are one shape. The order of signs and the compounds follow the
Khmer character specification of SIL (github.com/sillsdev/khmer-character-specification);
docs/decisions/0025-khmer-spelling.md says why no package does it. The front ends hold the same
rules in ``frontend/shared/spelling.ts``; tests compare them on every name of the gazetteer.

The result is for comparison, never for display: it is not always the correct spelling.
"""

import re

_COENG = "\u17d2"
_SYLLABLE = re.compile("[\u1780-\u17b3\u25cc][\u17b6-\u17d3\u17dd\u1780-\u17b3]*")
_PART = re.compile(f"{_COENG}+[\u1780-\u17b3]|.", re.DOTALL)
_DEPRECATED = str.maketrans(
    {
        "\u17a3": "\u17a2",
        "\u17a4": "\u17a2\u17b6",
        "\u17a8": "\u17a7\u1780",
        "\u17b2": "\u17b1",
        "\u17b4": "",
        "\u17b5": "",
        "\u17dd": "\u17d1",
    }
)
"""Letters that Unicode discourages, and ឲ and ឱ, which are written for each other."""

# Robat, subscripts, shifters, vowels before, below, above and after, then all other signs.
_ORDER = {
    "\u17cc": 1,
    "\u17c9": 3,
    "\u17ca": 3,
    **dict.fromkeys("\u17be\u17bf\u17c0\u17c1\u17c2\u17c3\u17c4\u17c5", 4),
    **dict.fromkeys("\u17bb\u17bc\u17bd", 5),
    **dict.fromkeys("\u17b7\u17b8\u17b9\u17ba", 6),
    "\u17b6": 7,
    "\u17c7": 9,
    "\u17c8": 9,
}
_COMPOUNDS = (
    (re.compile("\u17be\u17b6"), "\u17c4\u17b8"),  # ើ and ា
    (re.compile("\u17c1([\u17bb-\u17bd]?)\u17b8"), "\u17be\\1"),  # េ and ី are ើ
    (re.compile("\u17c1([\u17bb-\u17bd]?)\u17b6"), "\u17c4\\1"),  # េ and ា are ោ
    (re.compile("\u17c1\u17c1"), "\u17c2"),  # two េ are ែ
    # ុ, ៉ and ៊ under a vowel above are one shape
    (re.compile("[\u17c9\u17ca](?=[\u17be\u17bf\u17b7-\u17ba\u17d0]|\u17b6\u17c6)"), "\u17bb"),
    (re.compile("([\u17be\u17bf])\u17bb"), "\u17bb\\1"),
    (re.compile("(\u17d2\u179a)((?:\u17d2[\u1780-\u17b3])+)"), "\\2\\1"),  # subscript រ last
    (re.compile("\u17d2\u178a"), "\u17d2\u178f"),  # subscripts of ដ and ត
)

_MOST_TIMES = 6
"""A compound may be the beginning of another one; only nonsense of many signs needs over two."""


def one_spelling(text: str) -> str:
    """Return ``text`` with every Khmer syllable in one spelling; all else is left alone."""
    if text.isascii():
        return text
    return _SYLLABLE.sub(lambda match: _sorted(match[0]), text.translate(_DEPRECATED))


def _sorted(run: str) -> str:
    """Sort and compound a run of letters and signs until that changes nothing more."""
    for _time in range(_MOST_TIMES):
        before, run = run, _sorted_once(run)
        if run == before:
            break
    return run


def _sorted_once(run: str) -> str:
    """Return one spelling of a run of letters and signs, syllable by syllable."""
    syllables: list[list[tuple[int, str]]] = []
    for part in _PART.findall(run):
        if part[0] == _COENG and len(part) > 1:
            syllables[-1].append((2, _COENG + part[-1]))
        elif "\u1780" <= part <= "\u17b3" or part == "\u25cc":
            syllables.append([(0, part)])
        elif part != _COENG:  # one without a letter would join the next syllable when sorted last
            syllables[-1].append((_ORDER.get(part, 8), part))
    return "".join(map(_compound, syllables))


def _compound(parts: list[tuple[int, str]]) -> str:
    syllable = "".join(part for _order, part in sorted(parts, key=lambda part: part[0]))
    for pattern, written in _COMPOUNDS:
        syllable = pattern.sub(written, syllable)
    return syllable
