"""Comparisons are stored and follow the scores; a release's come from its cells alone."""

from datetime import timedelta
from math import isnan

import pandas as pd
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import User
from scorecards import periods, tasks
from scorecards.method.comparison import changes, funnel, shrink
from scorecards.method.estimates.timeliness import median_days, on_time
from scorecards.models import (
    Comparison,
    JudgedCase,
    OnTime,
    Overall,
    PendingComparison,
    Release,
    ReleasedCell,
    Score,
)
from scorecards.pipeline import comparison_queue, comparisons, workday_table
from scorecards.reading import scores, statistics
from scorecards.releases import lifecycle
from scorecards.storage import partitions
from scorecards.storage.replace_rows import Stored
from scorecards.tests.nation import (
    draw_cases,
    draw_meetings,
    make_person,
    publish,
    score_everything,
    tell_everything,
)
from standards.models import Service

QUARTER = "2026-Q1"


@pytest.fixture
def scored(nation: None) -> None:
    draw_cases(700)
    draw_meetings(10)
    score_everything()


@pytest.fixture
def published(scored: None) -> Release:
    by = make_person("coordinator")
    return publish(by, QUARTER)


def working(period: str) -> pd.DataFrame:
    scores = Score.objects.filter(
        period=period,
        service="",
        indicator="CA-C1",
        provider_kind="commune",
        level="commune",
        denominator__gt=0,
    ).order_by("place_code")
    return pd.DataFrame(scores.values("place_code", "numerator", "denominator", "deff"))


def test_a_job_that_is_broken_off_keeps_the_periods_that_it_finished(
    scored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = set(partitions.parts(partitions.SCORES))
    waited, done = [code for code in comparison_queue.noted() if code in parts], []

    def only_two(period: periods.Period) -> Stored:
        if len(done) == 2:
            raise SystemExit("killed")
        done.append(period.code)
        return Stored(0, 0)

    monkeypatch.setattr(comparisons, "compute", only_two)
    with pytest.raises(SystemExit):
        comparisons.work_off()
    assert done == waited[:2]
    assert [code for code in comparison_queue.noted() if code in parts] == waited[2:]


def test_the_job_stores_what_the_functions_of_the_method_say_of_the_scores(scored: None) -> None:
    assert PendingComparison.objects.exists()
    tasks.compare()
    assert not PendingComparison.objects.exists()
    now, before = working("2026-04"), working("2026-03")
    rows = list(
        Comparison.objects.filter(
            period="2026-04", release_id=0, indicator="CA-C1", provider_kind="commune"
        ).order_by("place_code")
    )
    assert [row.place_code for row in rows] == list(now["place_code"])
    deff = now["deff"]
    assert (deff >= 1).all()
    ranked = shrink(now["numerator"] / deff, now["denominator"] / deff)
    classes = funnel(now["numerator"], now["denominator"], deff=deff)
    both = now.merge(before, on="place_code", how="left", suffixes=("", "_before"))
    change = changes(
        both["numerator_before"],
        both["denominator_before"],
        both["numerator"],
        both["denominator"],
        deff=both["deff"],
        deff_before=both["deff_before"].fillna(1),
    )
    for number, row in enumerate(rows):
        assert row.mean == pytest.approx(ranked["mean"][number])
        assert (row.rank_low, row.rank_high) == (
            ranked["rank_low"][number],
            ranked["rank_high"][number],
        )
        assert row.funnel == classes["place"][number]
        assert row.arrow == change["arrow"][number]
        assert row.places == len(now)
        assert row.province_share is None  # never fewer than five others
    assert Comparison.objects.filter(indicator="CA-P1").exists()


def test_doing_it_again_changes_no_byte_and_a_change_is_followed(scored: None) -> None:
    comparisons.compute(periods.parse(QUARTER))
    before = list(Comparison.objects.order_by("pk").values())
    overalls = list(Overall.objects.order_by("pk").values())
    assert comparisons.compute(periods.parse(QUARTER)).changed == 0
    assert list(Comparison.objects.order_by("pk").values()) == before
    assert list(Overall.objects.order_by("pk").values()) == overalls
    draw_cases(40, seed=8)
    tell_everything()
    tasks.recompute_changed()
    assert comparisons.compute(periods.parse(QUARTER)).changed > 0
    for score in Score.objects.filter(
        period=QUARTER, level="commune", service="", denominator__gt=0
    ):
        if score.self_assessment:
            continue
        row = Comparison.objects.get(
            period=QUARTER,
            release_id=0,
            indicator=score.indicator,
            provider_kind=score.provider_kind,
            place_code=score.place_code,
        )
        assert (row.numerator, row.denominator) == (score.numerator, score.denominator)


def test_an_overall_score_needs_most_of_what_counts(scored: None) -> None:
    comparisons.compute(periods.parse("2026"))
    rows = Overall.objects.filter(period="2026", release_id=0, provider_kind="commune")
    nation = rows.get(place_code="")
    parts = Score.objects.filter(
        period="2026",
        service="",
        provider_kind="commune",
        place_code="",
        indicator__startswith="CA-C",
    )
    shares = [part.numerator / part.denominator for part in parts if part.denominator >= 10]
    assert nation.score == pytest.approx(100 * sum(shares) / len(shares))
    assert nation.parts_judged == len(shares)
    assert nation.coverage == pytest.approx(len(shares) / nation.parts_total)
    assert set(rows.values_list("level", flat=True)) == {"nation", "province", "commune"}
    thin = Overall.objects.filter(score=None)
    assert thin.exists()
    assert all(row.coverage < 0.6 for row in thin)


def test_a_releases_comparisons_say_nothing_that_its_cells_do_not(published: Release) -> None:
    cells = ReleasedCell.objects.filter(
        release=published, service="", self_assessment=False, share__isnull=False
    )
    table = pd.DataFrame(
        cells.values(*comparisons.FIGURES, "level", "share", "service", "self_assessment")
    )
    Score.objects.all().delete()  # nothing but the release is there to be read
    figures = comparisons.released(periods.parse(QUARTER), table, None)
    again = comparisons.of_figures(figures).set_index(["indicator", "provider_kind", "place_code"])
    stored = Comparison.objects.filter(release_id=published.pk)
    assert stored.count() == len(again) > 0
    for row in stored:
        outcome = again.loc[(row.indicator, row.provider_kind, row.place_code)]
        assert row.rank_high == outcome["rank_high"]
        assert row.mean == pytest.approx(outcome["mean"])
        assert row.denominator >= 9  # rounded: it stands for ten or more
        assert row.denominator % 3 == 0
    overall = comparisons.overall_of(figures)
    assert Overall.objects.filter(release_id=published.pk).count() == len(overall) > 0


def test_open_requests_are_neither_late_nor_left_out(nation: None) -> None:
    today = timezone.localdate()
    asked = today - timedelta(days=6)
    workday_table.refresh(today)
    draw_cases(200, asked_on=asked, received_on=None, status="open")
    draw_cases(300, seed=4)
    tell_everything()
    tasks.recompute_changed()
    period = periods.period_of(asked, "year")
    assert comparisons.compute(period).changed > 0
    assert comparisons.compute(period).changed == 0
    rows = OnTime.objects.filter(period=period.code)
    assert {row.level for row in rows} == {"nation", "province", "commune"}
    for row in rows:
        facts = JudgedCase.objects.filter(
            month__startswith=period.code,
            provider_kind=row.provider_kind,
            commune_code__startswith=row.place_code,
            time__in=[1, 0, -4],
        )
        if row.service:
            facts = facts.filter(service_id=Service.objects.get(code=row.service).pk)
        existing = list(facts.values_list("days", "is_open", "days_max", "time", "days_known"))
        days, is_open, within, outcome, result = map(list, zip(*existing, strict=True))
        share, _, _ = on_time(days, [not still for still in is_open], within)
        assert (row.cases, row.still_open) == (len(existing), outcome.count(-4))
        assert row.share == (None if isnan(share) else pytest.approx(share))
        total = [day if is_told else None for day, is_told in zip(days, result, strict=True)]
        middle = median_days(total, [not still for still in is_open])
        assert row.median_days == (None if isnan(middle) else pytest.approx(middle))
    council = make_person("council_member", "010201")
    facilitator = make_person("facilitator", "010201")
    assert statistics.on_time(council, period.code, place="010201").empty
    assert len(statistics.on_time(facilitator, period.code, place="010201"))


def refusal(sql: str, *values: object) -> str:
    """Return the words in which the database refuses the statement; "" where it does not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
    except DatabaseError as error:
        return str(error)
    return ""


def refused(sql: str, *values: object) -> bool:
    """Whether the database itself refuses the statement, because of a release."""
    return "published" in refusal(sql, *values)


def test_what_is_published_is_frozen_by_the_database_itself(
    published: Release, django_user_model: type[User]
) -> None:
    for table in ("releasedcell", "comparison", "overall"):
        mine = f"scorecards_{table} WHERE release_id = %s"
        part = f"scorecards_{table}_2026_q1 WHERE release_id = %s"
        for where in (mine, part):
            assert refused(f"DELETE FROM {where}", published.pk)
            name = where.split(" ", maxsplit=1)[0]
            assert refused(
                f"UPDATE {name} SET place_code = '99' WHERE release_id = %s", published.pk
            )
        one_more = (
            f"INSERT INTO scorecards_{table} SELECT (jsonb_populate_record(x, "
            f'\'{{"place_code": "99"}}\')).* FROM scorecards_{table} x WHERE release_id = %s LIMIT 1'
        )
        assert refused(one_more, published.pk)
    release = "scorecards_release"
    assert refused(f"DELETE FROM {release} WHERE id = %s", published.pk)
    for change in ("state = 'set_aside', is_current = false", "note = 'x'", "breaches = 1"):
        assert refused(f"UPDATE {release} SET {change} WHERE id = %s", published.pk)
    assert not refused(f"UPDATE {release} SET is_current = false WHERE id = %s", published.pk)
    assert refused(f"UPDATE {release} SET is_current = true WHERE id = %s", published.pk)


def test_rows_belong_to_a_release_that_exists(published: Release) -> None:
    """The foreign keys of released tables have no constraint; triggers stand for them."""
    for table in ("releasedcell", "cellstate", "comparison"):
        copy = (
            f"INSERT INTO scorecards_{table} SELECT (jsonb_populate_record(x, "
            f"jsonb_build_object('release_id', %s))).* FROM scorecards_{table} x "
            "WHERE release_id = %s LIMIT 1"
        )
        assert "does not exist" in refusal(copy, published.pk + 1, published.pk)
    other = lifecycle.begin(by=None, period=QUARTER)
    lifecycle.prepare(other.pk)
    gone = "DELETE FROM scorecards_release WHERE id = %s"
    assert "has figures" in refusal(gone, other.pk)
    other.delete()
    assert not ReleasedCell.objects.filter(release_id=other.pk).exists()


def test_a_correction_is_prepared_beside_a_published_release_and_takes_its_place(
    published: Release,
) -> None:
    by = make_person("administrator")
    first = scores.everything(None, QUARTER)
    second = publish(by, QUARTER)
    assert second.previous == published
    published.refresh_from_db()
    assert not published.is_current
    assert not scores.everything(None, QUARTER)["revised"].any()  # it says the same
    draw_cases(60, seed=9, communes=["010201"])
    tell_everything()
    tasks.recompute_changed()
    publish(by, QUARTER)
    now = scores.everything(None, QUARTER)
    key = ["indicator", "provider_kind", "service", "place_code", "self_assessment"]
    same = now.merge(first, on=key, how="left", suffixes=("", "_first"))
    for row in same.itertuples():
        messages = [(row.status, row.numerator, row.denominator)]
        messages += [(row.status_first, row.numerator_first, row.denominator_first)]
        before, after = ([None if pd.isna(value) else value for value in one] for one in messages)
        assert row.revised == (before != after)
    assert 0 < now["revised"].sum() < len(now)
    # working comparisons live in the same tables and may change
    comparisons.compute(periods.parse(QUARTER))
    assert Comparison.objects.filter(release_id=0).exists()
