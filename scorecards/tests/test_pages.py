"""Pages and API of the scoring: permissions, and that nothing else is shown."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from scorecards import periods, runs, tasks, views
from scorecards.models import JudgedCase, Release, ScoreRevision, ScoringRun
from scorecards.pipeline import comparisons
from scorecards.reading import scores
from scorecards.releases import lifecycle
from scorecards.tests import nation
from scorecards.tests.nation import (
    draw_cases,
    make_person,
    score_everything,
    second_person,
    tell_everything,
)
from surveys.models import Case

QUARTER = "2026-Q1"


@pytest.fixture
def scored(nation: None) -> None:
    draw_cases(300)
    score_everything()


def client_of(role: str = "", place: str = "") -> Client:
    client = Client(headers={"accept-language": "en"})
    if role:
        client.force_login(make_person(role, place))
    return client


def publish() -> None:
    nation.publish(make_person("administrator"), QUARTER)


def test_only_those_who_may_see_runs_and_releases(nation: None) -> None:
    for role in ("facilitator", "council_member", "donor"):
        client = client_of(role, "010201")
        for address in ("/scores/runs/", "/scores/alarms/", "/releases/"):
            assert client.get(address).status_code == 403
    assert client_of().get("/scores/runs/").status_code == 302
    coordinator = client_of("coordinator", "01")
    for address in ("/scores/runs/", "/scores/alarms/", "/releases/"):
        assert coordinator.get(address).status_code == 200


def test_a_run_by_hand_does_every_province_and_can_be_repeated(scored: None) -> None:
    output = io.StringIO()
    call_command("score", period=QUARTER, stdout=output)
    assert "2/2 province 02: 0 written" in output.getvalue()
    call_command("score", check=True, stdout=output)
    assert "differ" in output.getvalue()
    assert set(ScoringRun.objects.values_list("state", flat=True)) == {"done"}
    assert "2 / 2" in client_of("coordinator").get("/scores/runs/").content.decode()


def test_a_run_of_no_province_is_refused_and_leaves_no_run(scored: None) -> None:
    for wrong, outcome in (
        ({"province": "99"}, "is not the code of a province"),
        ({"period": "2026-13"}, "is not a period: write"),
    ):
        with pytest.raises(CommandError, match=outcome):
            call_command("score", **wrong)
    assert not ScoringRun.objects.exists()


def test_a_quarter_without_figures_is_not_prepared_for_release(scored: None) -> None:
    page = client_of("coordinator").post("/releases/", {"period": "2031-Q1"}).content.decode()
    assert "There are no figures of this quarter." in page
    assert "<select" in page
    assert not Release.objects.exists()


def test_a_run_that_was_broken_off_does_what_is_left(scored: None) -> None:
    run = runs.begin(kind="compute")
    assert runs.begin(kind="compute") == run
    runs.do_province(run.pk, "01")
    assert runs.provinces_of(run.pk) == ["02"]
    assert not runs.finish(run.pk)
    runs.do_province(run.pk, "02")
    assert runs.finish(run.pk)
    run.refresh_from_db()
    assert run.state == "running"
    runs.close(run.pk)
    run.refresh_from_db()
    assert run.state == "done"


def test_late_data_marks_a_closed_period_revised_and_keeps_what_it_said(scored: None) -> None:
    kept_its_word = JudgedCase.objects.filter(provider_kind="commune", fee=1).first()
    assert kept_its_word is not None
    case = Case.objects.get(pk=kept_its_word.case_id)
    Case.objects.filter(pk=case.pk).update(fee_paid=99_000, updated_at=timezone.now())
    tell_everything()
    tasks.recompute_changed()
    kept = ScoreRevision.objects.filter(indicator="CA-C1", place_code=case.commune_id)
    assert {r.period for r in kept} == {
        f"{case.asked_on:%Y-%m}",
        f"2026-Q{(case.asked_on.month + 2) // 3}",
    }
    api = client_of("coordinator")
    asked = {"indicator": "CA-C1", "place": case.commune_id, "provider_kind": "commune"}
    payload = api.get(
        "/api/v1/scores/explain/", {**asked, "period": f"{case.asked_on:%Y-%m}"}
    ).json()
    assert payload["cell"]["revised"]
    assert payload["earlier"][0]["numerator"] == payload["cell"]["numerator"] + 1


def test_what_a_second_person_approves_on_the_page_is_checked_and_then_seen(
    scored: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    by = make_person("coordinator")
    release = lifecycle.prepare(lifecycle.begin(by=by, period=QUARTER).pk)
    client = Client(headers={"accept-language": "en"})
    client.force_login(by)
    client.post(f"/releases/{release.pk}/decide/", {"decision": "publish", "sure": "1"})
    release.refresh_from_db()
    assert release.state == Release.State.AUDITED
    assert "somebody else has to approve" in client.get("/releases/").content.decode()
    client.force_login(second_person())
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(views, "send", lambda name, pk: asked.append((name, pk)) or True)
    looked = client.post(f"/releases/{release.pk}/decide/", {"decision": "publish"})
    assert f"<dt>Figures printed</dt><dd>{release.printed:,}</dd>" in looked.content.decode()
    release.refresh_from_db()
    assert (release.state, asked) == (Release.State.AUDITED, []), "a second look comes first"
    client.post(f"/releases/{release.pk}/decide/", {"decision": "publish", "sure": "1"})
    release.refresh_from_db()
    assert release.state == Release.State.APPROVED
    assert "checked once more" in client.get("/releases/").content.decode()
    assert client_of().get("/api/v1/scores/periods/").json() == []
    assert asked == [(tasks.publish_release.name, release.pk)]
    tasks.publish_release(release.pk)
    release.refresh_from_db()
    assert release.is_current
    assert [row["code"] for row in client_of().get("/api/v1/scores/periods/").json()] == [QUARTER]


def test_programs_see_what_people_see(scored: None) -> None:
    address, asked = "/api/v1/scores/", {"period": QUARTER, "indicator": "CA-C1"}
    public, coordinator = client_of(), client_of("coordinator")
    assert public.get(address, asked).json()["count"] == 0
    assert public.get("/api/v1/scores/periods/").json() == []
    assert coordinator.get(address, asked).json()["count"] > 3
    publish()
    released = public.get(address, asked).json()["results"]
    assert released
    assert all(row["denominator"] >= 9 and row["rounded"] for row in released)
    assert public.get(address, {"period": "2026-13"}).status_code == 400
    assert public.get(address, {"period": "2026-03"}).json()["count"] == 0
    assert Release.objects.filter(is_current=True).count() == 1


def test_comparisons_are_read_where_their_figures_are(scored: None) -> None:
    comparisons.compute(periods.parse(QUARTER))
    places = [f"/api/v1/scores/{name}/" for name in ("comparisons", "overall")]
    public, facilitator = client_of(), client_of("facilitator", "010201")
    for address in places:
        assert public.get(address, {"period": QUARTER}).json()["count"] == 0
        mine = facilitator.get(address, {"period": QUARTER}).json()["results"]
        assert {row["place_code"] for row in mine} == {"010201"}
        assert public.get(address, {"period": "never"}).status_code == 400
    publish()
    for address in places:
        rows = public.get(address, {"period": QUARTER}).json()["results"]
        assert rows
        assert not any(row["working"] for row in rows)
        one = public.get(address, {"period": QUARTER, "place": ""}).json()["results"]
        assert {row["place_code"] for row in one} <= {""}
        mixed = facilitator.get(address, {"period": QUARTER}).json()["results"]
        assert {row["place_code"] for row in mixed if row["working"]} == {"010201"}
    explain = {"period": QUARTER, "indicator": "CA-C1", "place": "010201", "kind": "commune"}
    page = facilitator.get("/scores/explain/", explain).content.decode()
    assert "Adjusted for small numbers" in page
    assert "met it, of" in page


def test_a_score_explains_itself_in_words(scored: None) -> None:
    publish()
    council = make_person("council_member", "010201")
    rows = scores.everything(council, QUARTER)
    chosen = rows[
        (rows["status"] == "full") & (rows["level"] == "nation") & (rows["service"] == "")
    ]
    cube = chosen[chosen["indicator"].str.startswith("CA-C")].iloc[0]
    asked = {
        "period": QUARTER,
        "indicator": cube["indicator"],
        "place": "",
        "kind": cube["provider_kind"],
    }
    client = Client(headers={"accept-language": "en"})
    client.force_login(council)
    page = client.get("/scores/explain/", asked).content.decode()
    assert "rounded to protect privacy" in page
    assert "in a hundred" in page
    assert client_of().get("/scores/explain/", {**asked, "period": "2026-03"}).status_code == 404
    khmer = Client(headers={"accept-language": "km"}).get("/scores/explain/", asked)
    assert khmer.status_code == 200
