"""Past scorecards by spreadsheet: rounds and votes as of a meeting; only bad rows are returned."""

from pathlib import Path

import pytest
from django.db.models import Count

from accounts.models import User
from standards.models import Indicator
from surveys.importing.columns import OF_KIND
from surveys.models import Meeting, Vote
from surveys.rounds import reading
from surveys.rounds.models import MeetingNote, Round, RoundMeeting, Stage
from surveys.rounds.services.plan import plan_round
from surveys.rounds.tests.factories import planned
from surveys.rounds.tests.test_sheets import read

HEAD = (
    "provider,commune,period,kind,held_on,indicator,criterion,"
    "votes_1,votes_2,votes_3,votes_4,votes_5,people,women,strengths,weaknesses"
)
GOOD = (
    "hall-010201,010201,2019-H1,,04/03/2019,CA-P1,,2,4,9,12,3,34,20,Open on market day,Long queue; dark",
    "hall-010201,010201,2019-H1,,04/03/2019,CA-P3,,0,0,5,20,5,34,20,,",
    "hall-010201,010201,2019-H1,,04/03/2019,,Clean toilets,10,5,0,0,0,34,20,,",
    "hall-010201,010201,2019-H1,self-assessment,01/03/2019,CA-P1,,0,0,0,2,3,5,1,,",
)
KHMER = """លេខកូដអ្នកផ្តល់សេវា;ឃុំ;រយៈពេល;ថ្ងៃប្រជុំ;សូចនាករ;ចំនួនពិន្ទុ ៤;ចំនួនអ្នកចូលរួម
hall-010201;០១០២០១;២០១៩-H1;០៤/០៣/២០១៩;CA-P1;១២;៣៤
"""


@pytest.fixture(autouse=True)
def _second_criterion(country: None) -> None:
    row = Indicator.objects.get(code="CA-P1")
    row.pk, row.code = None, "CA-P3"
    row.save(force_insert=True)


def sheet(*rows: str) -> str:
    return "\n".join([HEAD, *rows, ""])


def test_a_past_scorecard_becomes_a_round_with_its_votes(tmp_path: Path, coordinator: User) -> None:
    batch, back = read(tmp_path, coordinator, "scorecards", sheet(*GOOD))
    assert (batch.state, batch.read, batch.added, back) == ("done", 4, 4, "")
    row = Round.objects.get()
    assert (row.period, row.provider.code) == ("2019-H1", "hall-010201")
    done = {stage.name: stage.done_on for stage in row.stages.all() if stage.done_on}
    assert {name: f"{day}" for name, day in done.items()} == {
        Stage.MET: "2019-03-04",
        Stage.SELF_ASSESSED: "2019-03-01",
    }
    community = row.meetings.get(kind="community")
    assert (community.people, community.women, f"{community.held_on}") == (34, 20, "2019-03-04")
    scores = dict(
        Vote.objects.filter(meeting=community.meeting_id, indicator_code="CA-P1")
        .values_list("score")
        .annotate(Count("pk"))
    )
    assert scores == {1: 2, 2: 4, 3: 9, 4: 12, 5: 3}
    assert sorted(MeetingNote.objects.values_list("aspect", "text")) == [
        ("problem", "Long queue"),
        ("problem", "dark"),
        ("strength", "Open on market day"),
    ]
    shown = {line.criterion.key: line for line in reading.results_of(row)}
    own = next(line for key, line in shown.items() if key.startswith("own-"))
    assert own.community.counts == [10, 5, 0, 0, 0]
    assert shown["CA-P1"].own.counts == [0, 0, 0, 2, 3]


def test_the_same_file_again_changes_nothing_and_other_counts_come_back(
    tmp_path: Path, coordinator: User
) -> None:
    read(tmp_path, coordinator, "scorecards", sheet(*GOOD))
    again, _back = read(tmp_path, coordinator, "scorecards", sheet(*GOOD))
    assert (again.added, again.unchanged, again.conflicts, again.rejected) == (0, 4, 0, 0)
    other = GOOD[2].replace("10,5,0", "9,6,0")
    changed, back = read(tmp_path, coordinator, "scorecards", sheet(other, GOOD[1]))
    assert (changed.unchanged, changed.conflicts) == (1, 1)
    assert "Row 2" in back
    assert Vote.objects.count() == 30 + 30 + 5


BAD = (
    ("hall-010201,", "hall-nowhere,", "provider"),
    (",010201,", ",990101,", "commune"),
    ("2019-H1", "2019-H2", "held_on"),
    ("04/03/2019", "04/03/2999", "held_on"),
    ("CA-P1,", "HC-P1,", "indicator"),
    ("CA-P1,,", ",,", "criterion"),
    ("CA-P1,,", "CA-P1,Clean,", "criterion"),
    ("2,4,9,12,3", "0,0,0,0,0", "votes_1"),
    ("2,4,9,12,3", "2,4,9,12,30", "people"),
    ("2,4,9", "2,four,9", "votes_2"),
    ("34,20", "34,40", "women"),
)


def test_a_bad_row_names_its_column_and_the_others_are_kept(
    tmp_path: Path, coordinator: User
) -> None:
    wrong = [GOOD[0].replace(now, then, 1) for now, then, _column in BAD]
    batch, back = read(tmp_path, coordinator, "scorecards", sheet(*wrong, GOOD[1], GOOD[2]))
    assert (batch.added, batch.rejected) == (2, len(BAD))
    for number, (_now, _then, column) in enumerate(BAD, start=2):
        assert f"Row {number}: {column}" in back


def test_khmer_and_the_examples_of_the_templates_are_read(
    tmp_path: Path, coordinator: User, facilitator: User
) -> None:
    batch, back = read(tmp_path, facilitator, "scorecards", KHMER)
    assert (batch.added, batch.rejected, Round.objects.count()) == (0, 1, 0)
    assert "commune" in back
    (tmp_path / "back.csv").unlink()
    batch, back = read(tmp_path, coordinator, "scorecards", KHMER)
    assert (batch.added, back) == (1, "")
    assert Meeting.objects.get().kind == "community"
    Round.objects.all().update(year=2018)
    for kind in ("scorecards", "sessions", "rounds"):
        for khmer in (False, True):
            columns = OF_KIND[kind]
            row = ",".join(c.example_khmer if khmer else c.example for c in columns)
            text = "\n".join([",".join(c.khmer if khmer else c.name for c in columns), row, ""])
            batch, back = read(tmp_path, coordinator, kind, text)
            assert batch.added + batch.unchanged == 1, (kind, back)


def test_a_planned_round_takes_it_and_a_meeting_of_a_tablet_stands(
    tmp_path: Path, coordinator: User
) -> None:
    row, _outcome = plan_round(by=coordinator, planned=planned())
    now = [line.replace("2019", "2026").replace("04/03", "02/03") for line in GOOD[:2]]
    batch, _back = read(tmp_path, coordinator, "scorecards", sheet(*now))
    assert (batch.added, Round.objects.get()) == (2, row)
    RoundMeeting.objects.update(content_hash="0" * 64)
    after, back = read(tmp_path, coordinator, "scorecards", sheet(*now))
    assert (after.added, after.conflicts) == (0, 2)
    assert "Row 2" in back
