"""Spreadsheets of rounds and sessions.

Bad rows are returned, good ones stay, twice changes nothing.
"""

from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from surveys.importing.run import import_file
from surveys.models import ImportBatch
from surveys.rounds.models import InformationSession, Round
from surveys.rounds.tests.factories import make_person

ROUNDS = """provider,commune,period,met_on,facilitators
hall-010201,010201,2026-H1,02/03/2026,
school-a,10201,2026,2026-03-02,caf.dara
hall-010202,010202,2026-H3,02/03/2026,
hall-020101,020101,2026-H1,02/03/2026,
school-b,010201,2026-H1,someday,
"""
KHMER = """លេខកូដអ្នកផ្តល់សេវា;ឃុំ;រយៈពេល;ថ្ងៃប្រជុំសហគមន៍
hall-010201;០១០២០១;២០២៦-H1;០២/០៣/២០២៦
"""
SESSIONS = """session_id,kind,commune,held_on,topic,trainer,people,women,men,handouts,trained,follows
S-1,training,010201,02/03/2026,Prices,caf.dara,24,14,10,poster: 20,chief of Banteay,
S-2,information,010201,09/03/2026,Prices,chief of Banteay,30,18,12,,,S-1
S-3,information,010201,09/03/2026,Prices,somebody else,30,18,12,,,S-1
S-4,information,010201,09/03/2026,Prices,caf.dara,10,8,8,,,
S-1,training,010201,02/03/2026,Prices,caf.dara,25,14,10,poster: 20,chief of Banteay,
S-5,dance,010201,09/03/2026,Prices,caf.dara,10,8,2,,,
"""


def read(tmp_path: Path, by: User, kind: str, text: str) -> tuple[ImportBatch, str]:
    source = tmp_path / "rows.csv"
    source.write_text(text, encoding="utf-8")
    back = tmp_path / "back.csv"
    batch = ImportBatch.objects.create(kind=kind, file_name="rows.csv", by=by, language="en")
    import_file(source, batch=batch, rejects_path=back)
    return batch, back.read_text(encoding="utf-8-sig") if back.exists() else ""


def test_good_rounds_are_planned_and_bad_rows_come_back(
    tmp_path: Path, coordinator: User, facilitator: User
) -> None:
    batch, back = read(tmp_path, coordinator, "rounds", ROUNDS)
    assert (batch.state, batch.read, batch.added, batch.rejected) == ("done", 5, 2, 3)
    assert {r.provider.code for r in Round.objects.all()} == {"hall-010201", "school-a"}
    assert Round.objects.get(half=None).facilitators.get() == facilitator
    assert "Row 4: period" in back
    assert "Row 5: commune" in back
    assert "Row 6: met_on" in back
    again, _back = read(tmp_path, coordinator, "rounds", ROUNDS)
    assert (again.added, again.unchanged, again.rejected) == (0, 2, 3)


def test_khmer_headers_and_digits_are_read(tmp_path: Path, coordinator: User) -> None:
    batch, back = read(tmp_path, coordinator, "rounds", KHMER)
    assert (batch.added, back) == (1, "")


def test_a_facilitator_plans_nothing_by_spreadsheet(tmp_path: Path, facilitator: User) -> None:
    batch, _back = read(tmp_path, facilitator, "rounds", KHMER)
    assert (batch.added, batch.rejected) == (0, 1)


def test_sessions_follow_the_person_who_was_trained(tmp_path: Path, facilitator: User) -> None:
    batch, back = read(tmp_path, facilitator, "sessions", SESSIONS)
    assert (batch.added, batch.conflicts, batch.rejected) == (2, 1, 3)
    later = InformationSession.objects.get(session_id="S-2")
    assert later.led_by is not None
    assert later.led_by.session.session_id == "S-1"
    for row, field in ((4, "follows"), (5, "women"), (6, "session_id"), (7, "kind")):
        assert f"Row {row}: {field}" in back


@pytest.mark.parametrize("size", [1, 400])
def test_a_spreadsheet_of_any_size_is_read(
    tmp_path: Path, country: Any, facilitator: User, size: int
) -> None:
    head, first, *_rest = SESSIONS.splitlines()
    rows = [first.replace("S-1", f"S-{n}") for n in range(size)]
    batch, _back = read(tmp_path, facilitator, "sessions", "\n".join([head, *rows]))
    assert batch.added == size


def test_a_place_elsewhere_is_refused(tmp_path: Path, country: None) -> None:
    stranger = make_person("facilitator", "020101", username="stranger")
    batch, back = read(tmp_path, stranger, "sessions", "\n".join(SESSIONS.splitlines()[:2]))
    assert (batch.added, batch.rejected) == (0, 1)
    assert "commune" in back
