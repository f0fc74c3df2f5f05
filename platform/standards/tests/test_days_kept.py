"""No change, by whatever way, leaves a day without a standard that had one."""

import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from standards import loading, services
from standards.book import standard_for
from standards.coverage import lost
from standards.models import Standard, StandardChange, Withdrawal
from standards.tests.factories import document, provider, service, standard

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 30)
DECEMBER = date(2026, 12, 1)
DAY = timedelta(days=1)


@pytest.fixture
def editor() -> User:
    return User.objects.create_user("sokha", "a long pass phrase")


@pytest.fixture
def copy() -> Standard:
    return standard(
        service("certified-copy"), fee=1000, fee_unit="sheet", valid_from=date(2017, 2, 8)
    )


def refuse_lost_days() -> None:
    """What happens at the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS standard_days_kept IMMEDIATE")
        cursor.execute("SET CONSTRAINTS standard_days_kept DEFERRED")


def fees(row: Standard, *days: date) -> list[int | None]:
    """The national fee in force on each of the days; None where no standard is."""
    results = (standard_for(row.service, row.option, None, day) for day in days)
    return [None if each is None else each.fee for each in results]


def test_a_price_from_next_month_leaves_todays_price_until_then(editor, copy):
    services.succeed_standard(standard=copy, starts_on=DECEMBER, by=editor, reason="new", fee=1500)
    assert fees(copy, date(2017, 2, 8), TODAY, DECEMBER, date(2030, 1, 1)) == [
        1000,
        1000,
        1500,
        1500,
    ]
    refuse_lost_days()


def test_moving_the_first_day_is_refused_as_an_edit_and_says_what_to_do(editor, copy):
    with pytest.raises(ValidationError, match=r"New price from|តម្លៃថ្មី"):
        services.edit_standard(
            standard=copy, by=editor, reason="from december", fee=1500, valid_from=DECEMBER
        )
    assert fees(copy, TODAY, DECEMBER) == [1000, 1000]


def test_an_end_without_a_successor_is_refused_as_an_edit(editor, copy):
    with pytest.raises(ValidationError):
        services.edit_standard(standard=copy, by=editor, reason="ends", valid_to=TODAY)
    assert fees(copy, DECEMBER) == [1000]


def test_further_prices_may_be_planned_before_and_after_one_that_waits(editor, copy):
    later = date(2027, 3, 1)
    services.succeed_standard(standard=copy, starts_on=later, by=editor, reason="a", fee=3000)
    now = Standard.objects.current().get(fee=1000)
    services.succeed_standard(standard=now, starts_on=DECEMBER, by=editor, reason="b", fee=2000)
    last = Standard.objects.current().get(fee=3000)
    services.succeed_standard(
        standard=last, starts_on=date(2028, 1, 1), by=editor, reason="c", fee=4000
    )
    days = (TODAY, DECEMBER, later - DAY, later, date(2027, 12, 31), date(2028, 1, 1))
    assert fees(copy, *days) == [1000, 2000, 2000, 3000, 3000, 4000]
    refuse_lost_days()


def test_a_second_price_from_the_same_day_is_a_correction_and_says_so(editor, copy):
    new = services.succeed_standard(
        standard=copy, starts_on=DECEMBER, by=editor, reason="new", fee=1500
    )
    with pytest.raises(ValidationError, match=r"Correct it|កែ"):
        services.succeed_standard(
            standard=new, starts_on=DECEMBER, by=editor, reason="again", fee=1600
        )
    ended = Standard.objects.current().get(fee=1000)
    with pytest.raises(ValidationError):
        services.succeed_standard(
            standard=ended, starts_on=DECEMBER, by=editor, reason="again", fee=1600
        )
    with pytest.raises(ValidationError):
        services.succeed_standard(
            standard=copy, starts_on=DECEMBER, by=editor, reason="stale page", fee=1600
        )
    services.edit_standard(standard=new, by=editor, reason="misread", fee=1600)
    assert fees(copy, TODAY, DECEMBER) == [1000, 1600]


def test_the_day_of_a_change_can_be_corrected_and_its_neighbour_moves_along(editor, copy):
    new = services.succeed_standard(
        standard=copy, starts_on=DECEMBER, by=editor, reason="new", fee=1500
    )
    moved = services.edit_standard(
        standard=new, by=editor, reason="from the 15th", valid_from=date(2026, 12, 15)
    )
    assert fees(copy, date(2026, 12, 14), date(2026, 12, 15)) == [1000, 1500]
    services.edit_standard(standard=moved, by=editor, reason="earlier", valid_from=date(2026, 6, 1))
    assert fees(copy, date(2026, 5, 31), date(2026, 6, 1), TODAY) == [1000, 1500, 1500]
    with pytest.raises(ValidationError):
        services.edit_standard(
            standard=Standard.objects.current().get(fee=1500),
            by=editor,
            reason="before the other began",
            valid_from=date(2017, 2, 8),
        )
    refuse_lost_days()


def test_a_change_that_never_was_is_taken_back(editor, copy):
    new = services.succeed_standard(
        standard=copy, starts_on=DECEMBER, by=editor, reason="rumour", fee=1500
    )
    services.undo_succession(standard=new, by=editor, reason="never decided")
    assert fees(copy, TODAY, DECEMBER) == [1000, 1000]
    with pytest.raises(ValidationError):
        services.undo_succession(
            standard=Standard.objects.current().get(), by=editor, reason="the first one"
        )
    refuse_lost_days()


def test_a_withdrawal_ends_a_standard_on_purpose_and_only_once(editor, copy):
    services.withdraw_standard(standard=copy, by=editor, reason="law repealed", from_day=DECEMBER)
    assert fees(copy, TODAY, DECEMBER) == [1000, None]
    assert Withdrawal.objects.get().valid_from == DECEMBER
    refuse_lost_days()
    services.add_standard(
        service=copy.service, by=editor, reason="a new law", fee=500, valid_from=DECEMBER
    )
    again = Standard.objects.current().get(fee=500)
    with pytest.raises(ValidationError):
        services.edit_standard(standard=again, by=editor, reason="ends", valid_to=date(2027, 1, 1))


def test_a_withdrawal_needs_a_reason_and_may_take_every_day(editor, copy):
    with pytest.raises(ValidationError):
        services.withdraw_standard(standard=copy, by=editor, reason=" ")
    services.withdraw_standard(standard=copy, by=editor, reason="entered for the wrong service")
    assert fees(copy, date(2017, 2, 8), TODAY) == [None, None]
    refuse_lost_days()


def test_of_two_editors_with_the_same_page_the_second_is_told(editor, copy):
    services.succeed_standard(standard=copy, starts_on=DECEMBER, by=editor, reason="new", fee=1500)
    for change in (services.edit_standard, services.withdraw_standard):
        with pytest.raises(ValidationError):
            change(standard=copy, by=editor, reason="I opened this an hour ago")
    assert fees(copy, TODAY, DECEMBER) == [1000, 1500]


def test_unit_concession_currency_and_documents_carry_over_or_change(editor):
    letter, photo = document("letter"), document("photo")
    old = services.add_standard(
        service=service("room-licence"),
        by=editor,
        reason="law",
        fee=20,
        fee_concession=5,
        currency="USD",
        fee_unit="room",
        documents=[letter],
        valid_from=date(2020, 1, 1),
    )
    same = services.succeed_standard(
        standard=old, starts_on=DECEMBER, by=editor, reason="new", fee=25
    )
    messages = (same.fee_concession, same.currency, same.fee_unit, same.documents_known)
    assert messages == (5, "USD", "room", True)
    other = services.succeed_standard(
        standard=same,
        starts_on=date(2027, 1, 1),
        by=editor,
        reason="in riel",
        fee=80_000,
        fee_concession=None,
        currency="KHR",
        documents=[letter, photo],
    )
    assert [row.document for row in other.required.all()] == [letter, photo]
    with pytest.raises(ValidationError):
        services.succeed_standard(
            standard=other,
            starts_on=date(2028, 1, 1),
            by=editor,
            reason="concession above the fee",
            fee=10,
            fee_concession=20,
        )


def test_a_providers_own_fee_is_posted_before_between_and_after(editor):
    visit = service("outpatient", "health_centre", fee_by_provider=True)
    centre = provider("hc-1", "health_centre", "010201")
    standard(visit, fee=None, days_max=0, day_kind="working", documents_known=True)
    for fee, day in ((3000, date(2026, 1, 1)), (2000, date(2025, 1, 1)), (2500, date(2025, 6, 1))):
        services.post_fee(provider=centre, service=visit, by=editor, fee=fee, posted_on=day)
    days = (date(2025, 1, 1), date(2025, 5, 31), date(2025, 6, 1), date(2025, 12, 31), TODAY)
    rows = [standard_for(visit, "standard", centre, day) for day in days]
    assert [row and row.fee for row in rows] == [2000, 2000, 2500, 2500, 3000]
    assert {row and row.days_max for row in rows} == {0}
    refuse_lost_days()


def test_every_change_is_noted_for_the_cases_of_its_days(editor, copy):
    services.succeed_standard(standard=copy, starts_on=DECEMBER, by=editor, reason="new", fee=1500)
    services.edit_standard(
        standard=Standard.objects.current().get(fee=1000), by=editor, reason="misread", fee=900
    )
    noted = StandardChange.objects.order_by("pk").values_list("valid_from", "valid_to")
    assert list(noted) == [(DECEMBER, None), (date(2017, 2, 8), TODAY)]


def change_past_the_services(row: Standard, how: str, folder: Path) -> None:
    """Write to the table in one of the ways that know no service, and end the transaction."""
    rows = Standard.objects.filter(pk=row.pk)
    if how == "update":
        rows.update(valid_from=DECEMBER)
    elif how == "delete":
        rows.delete()
    elif how == "replaced":
        rows.update(replaced_at="2026-11-30T00:00:00Z")
    elif how == "moved":
        rows.update(option="fast")
    elif how == "given to another service":
        rows.update(service=service("family-book"))
    elif how == "saved by bulk_update":
        row.valid_to = TODAY
        Standard.objects.bulk_update([row], ["valid_to"])
    else:
        dump = io.StringIO()
        call_command("dumpdata", "standards.standard", stdout=dump)
        payload = json.loads(dump.getvalue())
        payload[0]["fields"]["valid_to"] = "2026-11-30"
        file = folder / "standards.json"
        file.write_text(json.dumps(payload), "utf-8")
        call_command("loaddata", str(file), verbosity=0)
    refuse_lost_days()


WAYS = ["update", "delete", "replaced", "moved", "loaddata", "given to another service"]


@pytest.mark.parametrize("how", [*WAYS, "saved by bulk_update"])
def test_the_database_refuses_what_loses_days(copy, how, tmp_path: Path):
    with pytest.raises(IntegrityError, match="no standard would be in force"), transaction.atomic():
        change_past_the_services(copy, how, tmp_path)
    assert fees(copy, TODAY, DECEMBER) == [1000, 1000]


def test_a_withdrawal_of_another_day_excuses_nothing(editor, copy):
    services.withdraw_standard(standard=copy, by=editor, reason="repealed", from_day=DECEMBER)
    refuse_lost_days()
    Withdrawal.objects.update(transaction=1)  # as if it had been written the day before
    services.add_standard(
        service=copy.service, by=editor, reason="again", fee=5, valid_from=DECEMBER
    )
    again = Standard.objects.current().get(fee=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        change_past_the_services(again, "delete", Path())


FIXTURE = {
    "service": "certified-copy",
    "option": "standard",
    "currency": "KHR",
    "documents_known": "no",
    "documents": "",
    **dict.fromkeys(("fee_concession", "fee_unit", "days_max", "day_kind", "valid_years"), ""),
    **dict.fromkeys(("legal_basis_km", "legal_basis_en", "source", "checked_on"), ""),
    **dict.fromkeys(("completeness_km", "completeness_en", "valid_from", "valid_to"), ""),
}


def load(monkeypatch: pytest.MonkeyPatch, *rows: dict[str, str]) -> list[str]:
    """Load standards from such a file; what was refused."""
    monkeypatch.setattr(loading, "read_fixture", lambda name: [FIXTURE | row for row in rows])
    return loading.load_standards().refused


def test_a_file_that_ends_a_standard_without_another_is_refused_and_the_rest_loads(monkeypatch):
    copies, other = service("certified-copy"), service("family-book")
    first = {"key": "copy", "fee": "1000"}
    assert not load(monkeypatch, first)
    book = {"key": "book", "service": "family-book", "fee": "400"}
    refused = load(monkeypatch, first | {"valid_to": "2026-11-30"}, book)
    assert len(refused) == 1
    assert "certified-copy" in refused[0]
    assert [s.fee for s in Standard.objects.current().filter(service=other)] == [400]
    row = Standard.objects.current().get(service=copies)
    assert row.valid_to is None


def test_a_file_may_end_one_standard_and_begin_the_next_in_any_order(monkeypatch):
    service("certified-copy")
    first = {"key": "copy", "fee": "1000"}
    load(monkeypatch, first)
    ended = first | {"valid_to": "2026-11-30"}
    new = {"key": "copy-2", "fee": "1500", "valid_from": "2026-12-01"}
    assert not load(monkeypatch, new, ended)
    row = Standard.objects.current().get(fee=1000)
    assert fees(row, TODAY, DECEMBER) == [1000, 1500]
    earlier = ended | {"valid_to": "2026-10-31"}
    assert not load(monkeypatch, earlier, new | {"valid_from": "2026-11-01"})
    assert fees(row, date(2026, 10, 31), date(2026, 11, 1)) == [1000, 1500]
    refuse_lost_days()


ENDS = st.one_of(st.none(), st.integers(0, 40).map(lambda n: TODAY + n * DAY))
RANGES = st.lists(st.tuples(ENDS, ENDS).filter(lambda d: None in d or d[0] <= d[1]), max_size=4)


@given(RANGES, RANGES)
def test_lost_days_are_those_a_day_by_day_comparison_finds(before, after):
    def holds(ranges, day):
        return any((a is None or a <= day) and (b is None or b >= day) for a, b in ranges)

    gone = lost(before, after)
    for number in range(-3, 45):
        day = TODAY + number * DAY
        assert holds(gone, day) == (holds(before, day) and not holds(after, day))
