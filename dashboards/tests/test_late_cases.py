"""A late case changes nothing that outsiders can fetch: only rounded numbers are anywhere.

Every address that carries figures is opened before and after a release that repeats every print
(rule 6 of docs/decisions/0031-rounded-release.md). An exact count, coverage, mean or median on a
page, in a chart, a file or a printed sheet would change with a case.
"""

import io
import re
import zipfile
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from scorecards import tasks
from scorecards.pipeline import workday_table
from scorecards.tests.nation import (
    draw_cases,
    draw_meetings,
    make_nation,
    make_person,
    number_records_from_one,
    publish,
    tell_everything,
)
from standards.loading import load_indicators

QUARTER = "2026-Q1"
ASKED = f"period={QUARTER}&kind=commune&indicator=CA-C1"
OF_PLACE = f"{ASKED}&place=010201"
RELEASED = f"/released/en/{QUARTER}/commune/CA-C1/all"
ADDRESSES = {
    "": [
        *(f"/api/v1/scores/{name}?period={QUARTER}" for name in ("overall/", "gaps/")),
        f"/scores/explain/?{ASKED}&provider_kind=commune&place=",
        f"/scores/data.zip?period={QUARTER}",
        f"/compare/?{ASKED}",
        f"/compare.csv?{ASKED}",
        *(f"/compare.json?{ASKED}&figure={name}" for name in ("dots", "funnel")),
        *(f"/compare/place{end}?{OF_PLACE}" for end in ("/", ".csv", ".json")),
        *(f"{RELEASED}/commune/all{end}" for end in ("", ".json")),
        "/services/birth-registration/",
        "/app/communes/010201.json",
        "/commitments/measures.csv",
        "/commitments/010201/",
    ],
    "council_member": [
        *(f"/communes/{code}/?period={QUARTER}" for code in ("010201", "010202")),
        f"/compare/place/?{OF_PLACE}",
    ],
    "district_officer": [
        f"/districts/0102/?period={QUARTER}",
        f"/districts/0102.csv?period={QUARTER}",
    ],
    "donor": [
        f"/donor/?period={QUARTER}",
        f"/donor.csv?period={QUARTER}",
        f"/donor.json?period={QUARTER}",
    ],
}
PLACES = {"council_member": "010201", "district_officer": "0102", "donor": ""}
NOT_FIGURES = re.compile(
    rb'csrf[^>]*value="[^"]+"|nonce="[^"]+"|nonce-[\w+/=-]+|"csrf_?[tT]oken": *"[^"]+"'
    rb"|\d{4}-\d\d-\d\dT[\d:.+Z]+|\d\d/\d\d/\d{4} \d\d:\d\d"
)


def content_of(answer: Any) -> dict[str, bytes]:
    """The parts of an answer: the files of an archive, else all of it."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    parts = {"": content}
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name for name in archive.namelist() if not name.endswith(".parquet")]
            parts = {name: archive.read(name) for name in names}  # the same tables as CSV
    return {name: NOT_FIGURES.sub(b"", part) for name, part in parts.items()}


def fetched(readers: dict[str, Client]) -> dict[tuple[str, str, str], bytes]:
    """Every answer, by role, address and part."""
    cache.clear()
    contents, refused = {}, []
    for role, addresses in ADDRESSES.items():
        for address in addresses:
            answer = readers[role].get(address)
            if answer.status_code != 200:
                refused.append((role, address, answer.status_code))
                continue
            for part, content in content_of(answer).items():
                contents[role, address, part] = content
    assert not refused
    return contents


@pytest.mark.django_db
def test_late_cases_change_nothing_that_outsiders_fetch(tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    number_records_from_one()
    make_nation()
    load_indicators()
    workday_table.refresh(timezone.localdate())
    draw_cases(500)
    draw_meetings(10)
    tell_everything()
    tasks.recompute_changed()
    leader = make_person("coordinator", "")
    assert publish(leader, QUARTER).printed > 20
    readers = {role: Client(headers={"accept-language": "en"}) for role in ("team", *ADDRESSES)}
    readers["team"].force_login(leader)
    for role, place in PLACES.items():
        readers[role].force_login(make_person(role, place))
    before, exact = fetched(readers), readers["team"].get(f"/compare.csv?{ASKED}").content
    draw_cases(4, seed=77, communes=["010201"])
    tell_everything()
    tasks.recompute_changed()
    again = publish(leader, QUARTER)
    assert again.printed == again.repeated > 20
    after = fetched(readers)
    assert readers["team"].get(f"/compare.csv?{ASKED}").content != exact
    assert after.keys() == before.keys()
    assert not [key for key in after if after[key] != before[key]]
