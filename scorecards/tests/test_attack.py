"""An attacker with every door, every filter and both releases finds no hidden cell."""

import io
import zipfile

import pandas as pd
import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from scorecards import auditing, beside, explaining, releasing, scores, tasks, tidy
from scorecards.catalogue import KINDS
from scorecards.computing import calendar
from scorecards.models import Release
from scorecards.scoring import disclosure
from scorecards.tests import nation
from scorecards.tests.nation import (
    COMMUNES,
    draw_cases,
    draw_meetings,
    make_person,
    tell_everything,
)
from surveys.models import Case

QUARTER = "2026-Q1"
KEY = [
    "level",
    "place_code",
    "provider_kind",
    "provider_id",
    "service",
    "indicator",
    "self_assessment",
]
TOLD = ["numerator", "denominator", "share", "low", "high"]


@pytest.fixture
def coordinator(nation: None) -> User:
    calendar.refresh(timezone.localdate())
    draw_cases(500, seed=4)  # its release says everything a release can say
    draw_meetings(10)
    tell_everything()
    tasks.recompute_changed()
    return make_person("coordinator")


def publish(by: User) -> Release:
    return nation.publish(by, QUARTER)


def outsiders() -> list[User | None]:
    """Somebody in every role that sees no working figures, and nobody at all."""
    make_person("administrator")  # loads the roles
    roles = [role for role in Role.objects.all() if "scores.working" not in role.permissions]
    known = {role.code for role in roles}
    assert {"council_member", "district_officer", "donor", "report_keeper"} <= known
    places = {"council_member": "010201", "district_officer": "0102"}
    return [None, *(make_person(code, places.get(code, "")) for code in sorted(known))]


def correct() -> None:
    """A few late cases and a few corrected ones: what differencing is made of."""
    few = Case.objects.order_by("pk").values("pk")[:9]
    Case.objects.filter(pk__in=few).update(fee_paid=0, updated_at=timezone.now())
    draw_cases(6, seed=9)
    tell_everything()
    tasks.recompute_changed()


def through_every_door(user: User | None, *, filters: bool = True) -> pd.DataFrame:
    """All that this person can fetch of a quarter, every filter tried, months and years too.

    Without ``filters`` by the doors that give everything at once.
    """
    whole = tidy.table(user, QUARTER)
    tables = [scores.everything(user, QUARTER)]
    for code in ["", "01", "02", *COMMUNES]:
        tables.append(scores.place(user, code, QUARTER))
        for length in ("month", "year"):
            assert scores.series(user, place=code, indicator="CA-C1", length=length).empty
    for indicator in whole["indicator"].unique() if filters else ():
        for service in whole["service"].unique():
            for level in scores.LEVELS:
                asked = {"period": QUARTER, "indicator": indicator, "service": service}
                tables += [
                    scores.cells(user, **asked, level=level, self_assessment=own)
                    for own in (False, True)
                ]
    for kind in KINDS:
        tables.append(scores.series(user, place="", indicator="CA-C1", provider_kind=kind))
    client = Client()
    if user is not None:
        client.force_login(user)
    rows = client.get("/api/v1/scores/", {"period": QUARTER}).json()["results"]
    archive = zipfile.ZipFile(
        io.BytesIO(client.get("/scores/data.zip", {"period": QUARTER}).content)
    )
    saved = pd.read_csv(
        io.BytesIO(archive.read("scores.csv")),
        dtype={"place_code": str, "service": str},
        keep_default_na=False,
        na_values={name: [""] for name in TOLD},
    )
    tables += [pd.DataFrame(rows), saved, whole]
    found = pd.concat(
        [t[[*KEY, *TOLD, "status"]].astype(dict.fromkeys(TOLD, float)) for t in tables if len(t)],
        ignore_index=True,
    )
    return found.round(dict.fromkeys(TOLD, 9)).drop_duplicates()


def as_cubes(table: pd.DataFrame) -> dict[tuple[object, ...], pd.DataFrame]:
    """What an attacker has collected, in the form the solver takes, crossed margins and all."""
    figure = table["status"].isin(["full", "pale"])
    band = table["status"] == "under_three"
    commune, nation = table["level"] == "commune", table["level"] == "nation"
    cells = table[~table["status"].isin(["no_data", "not_yet_known"])].assign(
        province=table["place_code"].str[:2].mask(nation, "all"),
        commune=table["place_code"].where(commune, "all"),
        service=table["service"].mask(table["service"] == "", "all"),
        status=table["status"].mask(figure, "shown"),
        judged=table["denominator"],
        met=table["numerator"],
        share_low=table["low"].where(band, table["share"]),
        share_high=table["high"].where(band, table["share"]),
    )
    cubes = {}
    for key, rows in cells.groupby(releasing.CUBE):
        few = not (rows["service"] != "all").any()
        dims = ["province", "commune"] if few else releasing.DIMS
        columns = [*dims, "status", "judged", "met", "share", "share_low", "share_high"]
        cubes[key] = rows[columns].reset_index(drop=True)
    return cubes


def test_whatever_outsiders_fetch_is_the_release_and_two_releases_give_nothing_away(
    coordinator: User,
) -> None:
    readers = outsiders()
    collected = []
    for number in range(2):
        if number:
            correct()
        publish(coordinator)
        seen = [through_every_door(one, filters=at < 2) for at, one in enumerate(readers)]
        for table in seen:
            assert not table.duplicated(KEY).any()  # every door says the same
            assert (table["provider_id"] == 0).all()
        ordered = [table.sort_values(KEY, ignore_index=True) for table in seen]
        for table in ordered[1:]:
            pd.testing.assert_frame_equal(ordered[0], table)
        collected.append(as_cubes(ordered[0]))
    before, now = collected
    hidden = 0
    for key, cube in now.items():
        report = disclosure.audit(cube, previous=before.get(key))
        assert not report["breach"].any(), key
        mine = report[(report["of"] == "release") & (report["status"] == "hidden")]
        assert (mine["high"] - mine["low"] >= 3).all()
        hidden += len(mine)
    assert hidden > 20


def test_every_page_of_a_release_opens_whatever_the_release_hides(coordinator: User) -> None:
    publish(coordinator)
    client = Client()
    client.force_login(make_person("council_member", "010201"))
    rows = scores.everything(None, QUARTER)
    assert {"full", "under_three", "hidden"} <= set(rows["status"])
    pages = {explaining.address(row) for row in rows.to_dict("records")}
    pages |= {f"/communes/{code}/?period={QUARTER}" for code in COMMUNES}
    cubes = rows[["indicator", "provider_kind"]].drop_duplicates()
    for indicator, kind in cubes.itertuples(index=False):
        cube = f"period={QUARTER}&indicator={indicator}&kind={kind}"
        pages |= {f"/compare/?{cube}&sort={way}" for way in ("name", "-judged", "share")}
        pages |= {f"/compare/?{cube}&province=01", f"/compare.csv?{cube}", f"/donor/?{cube}"}
    answers = {page: client.get(page).status_code for page in sorted(pages)}
    assert len(answers) > 100
    assert set(answers.values()) == {200}, {p: a for p, a in answers.items() if a != 200}


def test_what_is_told_of_ranks_and_peers_covers_shown_cells_only(coordinator: User) -> None:
    publish(coordinator)
    council = make_person("council_member", "010201")
    shown = scores.everything(council, QUARTER)
    shown = shown[shown["share"].notna() & (shown["service"] == "")]
    allowed = set(zip(shown["indicator"], shown["provider_kind"], shown["place_code"], strict=True))
    for user in (None, council, make_person("donor")):
        told = beside.comparisons(user, QUARTER)
        assert len(told)
        keys = zip(told["indicator"], told["provider_kind"], told["place_code"], strict=True)
        assert set(keys) <= allowed
        assert beside.on_time(user, QUARTER, place="").empty
        assert beside.comparisons(user, "2026-03").empty
        assert beside.overall(user, "2026").empty


def without_secondary_suppression(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = releasing.safe_cube
    monkeypatch.setattr(
        releasing, "safe_cube", lambda cube, before: whole(cube, before, secondary=False)
    )


def test_no_day_on_which_anybody_was_asked_leaves_with_a_release(coordinator: User) -> None:
    publish(coordinator)
    donor = make_person("donor")
    moments = list(scores.everything(donor, QUARTER)["newest_observation"])
    for read in (beside.comparisons, beside.overall):
        moments += list(read(donor, QUARTER)["data_until"])
    assert len(moments) > 20
    for moment in moments:
        local = timezone.localtime(pd.Timestamp(moment).to_pydatetime())
        assert (local.day, local.hour, local.minute, local.second) == (1, 0, 0, 0)


def test_the_same_attack_succeeds_where_nothing_protects_and_nobody_looks(
    coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the attack above proves nothing without: it finds what there is to be found."""
    without_secondary_suppression(monkeypatch)
    monkeypatch.setattr(auditing, "attacked", lambda cube, previous: 0)
    publish(coordinator)
    found = as_cubes(through_every_door(make_person("donor")))
    assert sum(int(disclosure.audit(cube)["breach"].sum()) for cube in found.values()) > 0


def test_without_secondary_suppression_a_release_fails_its_audit_and_cannot_go_out(
    coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_secondary_suppression(monkeypatch)
    release = releasing.prepare(releasing.begin(by=coordinator, period=QUARTER).pk)
    assert release.state == Release.State.FAILED
    assert release.breaches > 0
    with pytest.raises(ValidationError):
        releasing.approve(by=coordinator, release=release)
