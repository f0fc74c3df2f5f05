"""A meeting arrives: its counts are kept exactly, once, and feed the scores like other votes."""

import base64
import copy
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from standards.loading import load_indicators
from surveys.models import Meeting, ObservationChange, Vote
from surveys.rounds import reading
from surveys.rounds.models import Criterion, Handover, Round, RoundMeeting, VillageTally
from surveys.rounds.services import meeting_content, meetings
from surveys.rounds.services.meeting_content import ReportedCriterion
from surveys.rounds.services.meetings import may_tell, votes_of
from surveys.rounds.tests.factories import make_person
from surveys.rounds.tests.meeting_hand import CORE, GROUPS, KEYS, OWN, Person, counted, meeting
from surveys.services import Outcome, ReportedMeeting, ReportedVote, record_meeting, void_meeting


@pytest.fixture
def row(make_round: Callable[..., Round]) -> Round:
    load_indicators()
    return make_round()


def people(number: int = 20) -> list[Person]:
    """Half women, a quarter with a card; scores that differ by person and criterion."""
    return [
        Person(
            frozenset({"women" if n % 2 else "men", *(["poor_card"] if n % 4 == 0 else [])}),
            {key: 1 + (n + place) % 5 for place, key in enumerate(KEYS)},
        )
        for n in range(number)
    ]


def receive(row: Round, texts: dict[str, Any], by: User | None = None) -> tuple[RoundMeeting, str]:
    reported = meeting_content.read_reported(texts)
    return meetings.receive_meeting(
        by=by, round=row, reported=reported, content=meeting_content.as_content(texts), job="tablet"
    )


def test_votes_become_rows_like_any_other_and_finish_the_stage(
    row: Round, facilitator: User
) -> None:
    kept, outcome = receive(row, meeting(people()), facilitator)
    assert outcome == Outcome.ADDED
    assert kept.meeting is not None
    assert kept.meeting.kind == Meeting.Kind.COMMUNITY
    assert kept.meeting.facilitator == facilitator
    votes = Vote.objects.filter(meeting=kept.meeting)
    for key in CORE:
        scores = [p.scores[key] for p in people()]
        mine = votes.filter(indicator_code=key)
        assert counted(list(mine.values_list("score", flat=True))) == counted(scores)
        women = mine.filter(sex="female")
        assert counted(list(women.values_list("score", flat=True))) == counted(
            [p.scores[key] for p in people() if "women" in p.groups]
        )
    assert row.stages.get(name="met").done_on == kept.held_on
    assert ObservationChange.objects.filter(observation="vote", commune_code="010201").exists()


def test_figures_are_those_of_the_same_votes_told_the_usual_way(
    row: Round, facilitator: User
) -> None:
    kept, _outcome = receive(row, meeting(people()), facilitator)
    usual = [
        ReportedVote(
            vote_id=f"V-{n}-{key}", indicator=key, score=p.scores[key],
            sex="female" if "women" in p.groups else "male", poor_card="poor_card" in p.groups,
        )
        for n, p in enumerate(people()) for key in CORE
    ]  # fmt: skip
    reported = ReportedMeeting(
        meeting_id="usual", kind="community", commune="010201", provider="hall-010201",
        held_on=kept.held_on, votes=usual,
    )  # fmt: skip
    other = record_meeting(by=facilitator, reported=reported).observation

    def figures(of: Meeting) -> Counter[tuple[Any, ...]]:
        rows = Vote.objects.filter(meeting=of)
        results: Counter[tuple[Any, ...]] = Counter()
        for group in ("sex", "poor_card"):
            results.update((group, *r) for r in rows.values_list("indicator_code", "score", group))
        return results

    assert kept.meeting is not None
    assert figures(kept.meeting) == figures(other)


def test_the_villages_own_criterion_has_its_counts_in_the_round(row: Round) -> None:
    receive(row, meeting(people()))
    (own,) = [r for r in reading.results_of(row) if not r.criterion.indicator_code]
    assert own.name == "ទឹកស្អាត"
    assert own.community.counts == counted([p.scores[OWN] for p in people()])
    assert not Vote.objects.filter(indicator_code=OWN).exists()


def test_a_meeting_is_kept_once_and_another_is_a_conflict(row: Round) -> None:
    text = meeting(people())
    assert receive(row, text)[1] == Outcome.ADDED
    before = Vote.objects.count()
    assert receive(row, text)[1] == Outcome.UNCHANGED
    assert receive(row, copy.deepcopy(text) | {"person": "x"})[1] == Outcome.CONFLICT
    assert receive(row, meeting(people()))[1] == Outcome.CONFLICT
    assert Vote.objects.count() == before


def test_a_voided_meeting_has_no_results_and_can_be_sent_anew(
    row: Round, coordinator: User
) -> None:
    kept, _outcome = receive(row, meeting(people()))
    assert kept.meeting is not None
    void_meeting(meeting=kept.meeting, by=coordinator, reason="wrong round")
    assert all(r.community.n == 0 for r in reading.results_of(row))
    assert receive(row, meeting(people()))[1] == Outcome.ADDED
    assert all(r.community.n == 20 for r in reading.results_of(row))


def _without(texts: dict[str, Any], count: int) -> dict[str, Any]:
    return texts | {"criteria": texts["criteria"][:count]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda s: _without(s, 4), "criteria"),
        (lambda s: s | {"criteria": [*s["criteria"], {**s["criteria"][-1], "key": "v2"}]}, "criteria"),
        (lambda s: s | {"attendance": {"people": 3}}, "criteria"),
        (lambda s: s | {"attendance": {}}, "people"),
        (lambda s: s | {"days": []}, "days"),
        (lambda s: s | {"days": ["2099-01-01"]}, "days"),
        (lambda s: s | {"kind": "party"}, "kind"),
        (lambda s: s | {"id": "x"}, "id"),
        (lambda s: _changed(s, tablet=[0] * 5, groups={}), "criteria"),
        (lambda s: _changed(s, tablet=[1, 2, 3]), "criteria"),
        (lambda s: _changed(s, tablet=[-1, 2, 3, 4, 5]), "criteria"),
        (lambda s: _changed(s, groups={"women": [9, 9, 9, 9, 9]}), "criteria"),
        (lambda s: _changed(s, groups={"names": [0, 0, 0, 0, 0]}), "criteria"),
        (lambda s: _changed(s, key="HC-P1", code="HC-P1"), "criteria"),
        (lambda s: _changed(s, key="CA-P2", code="CA-P2"), "criteria"),
        (lambda s: _changed(s, key="v1", code="", text=""), "criteria"),
        (lambda s: _changed(s, problems=["x" * 1001]), "criteria"),
        (lambda s: _changed(s, key="v1", code="", voice="***"), "criteria"),
        (lambda s: {"kind": "community"}, "meeting"),
        (lambda s: s | {"criteria": "x"}, "meeting"),
        (lambda s: s | {"attendance": None}, "meeting"),
    ],
)  # fmt: skip
def test_a_wrong_meeting_changes_nothing_and_says_why(
    row: Round, change: Callable[[dict[str, Any]], dict[str, Any]], field: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        receive(row, change(meeting(people())))
    assert field in caught.value.message_dict
    assert not Vote.objects.exists()
    assert not RoundMeeting.objects.exists()
    assert not Criterion.objects.exists()


def _changed(texts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    first, *others = texts["criteria"]
    return texts | {"criteria": [{**first, **changes}, *others]}


def test_a_self_assessment_stands_beside_the_community(row: Round) -> None:
    receive(row, meeting(people()))
    staff = [Person(frozenset(), dict.fromkeys(KEYS, 5)) for _n in range(6)]
    receive(row, meeting(staff, kind="self_assessment"))
    results = reading.results_of(row)
    assert [r.own.counts for r in results] == [[0, 0, 0, 0, 6]] * 6
    assert all(r.gap == pytest.approx(2.0) for r in results)
    assert row.stages.get(name="self_assessed").done_on is not None
    kinds = set(Meeting.objects.values_list("kind", flat=True))
    assert kinds == {"community", "self_assessment"}


def test_the_largest_difference_comes_first(row: Round) -> None:
    receive(row, meeting([Person(frozenset(), dict.fromkeys(KEYS, 3)) for _n in range(10)]))
    staff = [Person(frozenset(), {key: 1 + place % 5 for place, key in enumerate(KEYS)})]
    receive(row, meeting(staff, kind="self_assessment"))
    gaps = [abs(r.gap or 0) for r in reading.results_of(row)]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[0] == 2


def test_the_median_of_two_and_three_is_two_and_a_half() -> None:
    assert reading.Scores([0, 1, 1, 0, 0]).median == 2.5
    assert reading.Scores().median is None
    assert reading.Scores([0, 0, 0, 0, 3]).median == 5


def test_a_handover_is_gone_once_the_meeting_is_sent(row: Round) -> None:
    meetings.keep_handover(round=row, kind="community", ciphertext=b"x" * 40)
    meetings.keep_handover(round=row, kind="community", ciphertext=b"y" * 40)
    assert bytes(Handover.objects.get().ciphertext) == b"y" * 40
    receive(row, meeting(people()))
    assert not Handover.objects.exists()


def test_the_database_refuses_tallies_and_criteria_that_cannot_be(row: Round) -> None:
    receive(row, meeting(people()))
    tally = VillageTally.objects.all()[0]
    for broken in ({"score": 6}, {"score": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            VillageTally.objects.filter(pk=tally.pk).update(**broken)
    with pytest.raises(IntegrityError), transaction.atomic():
        Criterion.objects.create(round=row, key="empty")
    with pytest.raises(IntegrityError), transaction.atomic():
        RoundMeeting.objects.filter(round=row).update(women=99)


# -- counts to votes, for any ballots ----------------------------------------------------

BALLOTS = st.lists(
    st.tuples(st.integers(1, 5), st.frozensets(st.sampled_from([g for g in GROUPS if g != "men"]))),
    max_size=40,
)


@given(BALLOTS)
@settings(max_examples=60, deadline=None)
def test_scores_by_group_are_exact_where_told_and_absent_elsewhere(
    ballots: list[tuple[int, frozenset[str]]],
) -> None:
    everybody = [(s, g if "women" in g else g | {"men"}) for s, g in ballots]
    one = ReportedCriterion(key="CA-P1", code="CA-P1")
    one.tablet = counted([score for score, _groups in everybody])
    one.groups = {g: counted([s for s, groups in everybody if g in groups]) for g in GROUPS}
    votes = votes_of(one)
    assert counted([v.score or 0 for v in votes]) == one.tablet
    for group in GROUPS:
        value, name = {"women": ("female", "sex"), "men": ("male", "sex")}.get(group, (True, group))
        mine = [v.score or 0 for v in votes if getattr(v, name) == value]
        assert counted(mine) == (one.groups[group] if may_tell(one, group) else [0] * 5)
        if may_tell(one, group):
            inside = sum(one.groups[group])
            assert inside >= 5
            assert sum(one.tablet) - inside >= 5


def test_what_arrives_is_read_as_json_writes_it() -> None:
    payload = json.loads(json.dumps(meeting(people())))
    assert meeting_content.read_reported(payload).people == 20


def test_a_criterion_by_voice_keeps_its_recording_and_no_words(
    row: Round, facilitator: User, client: Client
) -> None:
    sent = meeting(people())
    sent["criteria"][-1] |= {"text": "", "voice": base64.b64encode(b"sound").decode()}
    receive(row, sent, facilitator)
    staff = make_person("provider_staff", "010201", "staff")
    client.force_login(staff)
    page = reverse("rounds:assess", args=[row.uuid])
    spoken = Criterion.objects.exclude(voice="").get()
    heard = reverse("rounds:voice", args=[row.uuid, spoken.pk])
    assert heard in client.get(page).content.decode()
    scores = {"held_on": "02/03/2026", "people": "2", f"{OWN}:4": "2", "CA-P1:5": "1"}
    assert client.post(page, scores).status_code == 302
    spoken.refresh_from_db()
    assert (spoken.text, bool(spoken.voice)) == ("", True)
    own = {r.criterion.key: r.own for r in reading.results_of(row)}
    assert own[OWN].counts == [0, 0, 0, 2, 0]
    assert client.get(heard).content == b"sound"
    for role, place in (("council_member", "010201"), ("facilitator", "020101"), ("donor", None)):
        client.force_login(make_person(role, place, f"no-{role}"))
        assert client.get(heard).status_code in (403, 404), "a voice may be recognised"
