"""The constraints of the database on standards."""

import threading
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from standards import services
from standards.models import Indicator, Provider, Service, Standard, StandardDocument
from standards.tests.factories import document, holiday, provider, service, standard

Y2018, Y2019, Y2020 = (date(y, 1, 1) for y in (2018, 2019, 2020))


@pytest.fixture
def card(db) -> Service:
    return service("id-card", "police")


OVERLAPS = [
    ((None, None), (None, None)),
    ((None, None), (Y2018, Y2019)),
    ((Y2018, None), (None, Y2018)),
    ((Y2018, None), (Y2020, None)),
    ((None, Y2019), (None, Y2018)),
    ((Y2018, Y2019), (Y2019, Y2020)),
    ((Y2018, Y2018), (Y2018, Y2018)),
]
APART = [
    ((None, date(2017, 12, 31)), (Y2018, None)),
    ((Y2018, date(2018, 12, 31)), (Y2019, Y2020)),
]


@pytest.mark.parametrize(("first", "second"), OVERLAPS)
def test_two_standards_are_never_in_force_on_one_day(card, first, second):
    standard(card, valid_from=first[0], valid_to=first[1])
    with pytest.raises(IntegrityError, match="standard_one_in_force_a_day"), transaction.atomic():
        standard(card, valid_from=second[0], valid_to=second[1])


@pytest.mark.parametrize(("first", "second"), OVERLAPS)
def test_an_overlap_is_told_in_a_sentence_before_the_database_says_no(card, first, second):
    standard(card, valid_from=first[0], valid_to=first[1])
    with pytest.raises(ValidationError):
        Standard(service=card, valid_from=second[0], valid_to=second[1]).full_clean()


@pytest.mark.parametrize(("first", "second"), APART)
def test_standards_that_follow_each_other_live_side_by_side(card, first, second):
    standard(card, valid_from=first[0], valid_to=first[1])
    standard(card, valid_from=second[0], valid_to=second[1])


def test_other_options_services_and_providers_do_not_collide(card):
    post = provider("post-1", "police", "010201")
    other = provider("post-2", "police", "010202")
    standard(card)
    standard(card, option="fast")
    standard(card, provider=post)
    standard(card, provider=other)
    standard(service("family-book", "police"))


def test_one_provider_has_one_posted_standard_a_day(card):
    post = provider("post-1", "police", "010201")
    standard(card, provider=post, valid_from=Y2018)
    with pytest.raises(IntegrityError, match="standard_one_in_force_a_day"), transaction.atomic():
        standard(card, provider=post, valid_from=Y2019)


def test_replaced_rows_stand_beside_their_successor(card):
    standard(card, replaced_at=timezone.now())
    standard(card, replaced_at=timezone.now())
    standard(card)


REFUSED = [
    ("standard_ends_after_it_starts", {"valid_from": Y2019, "valid_to": Y2018}),
    ("standard_fee_not_negative", {"fee": -1}),
    ("standard_fee_not_negative", {"fee": 1, "fee_concession": -1}),
    ("standard_days_have_a_kind", {"days_max": 3}),
    ("standard_concession_not_above_fee", {"fee": 500, "fee_concession": 1000}),
]


@pytest.mark.parametrize(("name", "values"), REFUSED)
def test_a_standard_that_contradicts_itself_is_refused(card, name, values):
    # In a current row, daterange itself already refuses a range that ends before it starts.
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        standard(card, replaced_at=timezone.now(), **values)


def test_one_row_is_replaced_only_once(card):
    old = standard(card, replaced_at=timezone.now())
    standard(card, replaces=old)
    with pytest.raises(IntegrityError, match="replaces_id"), transaction.atomic():
        standard(card, option="fast", replaces=old)


def test_a_document_stands_once_on_a_list(card):
    row, paper = standard(card), document("letter")
    StandardDocument.objects.create(standard=row, document=paper)
    with (
        pytest.raises(IntegrityError, match="standard_document_once"),
        transaction.atomic(),
    ):
        StandardDocument.objects.create(standard=row, document=paper)


def test_a_provider_does_not_close_before_it_opens(db):
    with (
        pytest.raises(IntegrityError, match="provider_ends_after_it_starts"),
        transaction.atomic(),
    ):
        provider("hall", "commune", "010201", valid_from=Y2019, valid_to=Y2018)


def test_codes_and_holidays_are_unique(card):
    provider("hall", "commune", "010201")
    holiday(Y2018)
    Indicator.objects.create(code="CA-C1", kind="compliance", provider_kinds=["commune"])
    for again in (
        lambda: service("id-card"),
        lambda: provider("hall", "commune", "010201"),
        lambda: holiday(Y2018),
        lambda: Indicator.objects.create(code="CA-C1", kind="input", provider_kinds=[]),
    ):
        with pytest.raises(IntegrityError, match="unique"), transaction.atomic():
            again()


@pytest.mark.django_db(transaction=True)
def test_of_two_people_adding_at_once_one_is_told_no():
    """Both have checked before either has written: only the constraint can decide."""
    card = service("id-card", "police")
    gate = threading.Barrier(2, timeout=20)
    outcomes: list[str] = []

    def add(fee: int) -> None:
        try:
            with transaction.atomic():
                Standard(service=card, fee=fee).full_clean()
                gate.wait()
                services.add_standard(service=card, by=None, reason="race", job="test", fee=fee)
            outcomes.append("written")
        except ValidationError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=add, args=(fee,)) for fee in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["refused", "written"]
    assert Standard.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_people_editing_at_once_the_second_is_told_someone_was_faster():
    old = standard(service("id-card", "police"), fee=10000)
    gate = threading.Barrier(2, timeout=20)
    outcomes: list[str] = []

    def edit(fee: int) -> None:
        try:
            gate.wait()
            services.edit_standard(standard=old, by=None, reason="race", fee=fee)
            outcomes.append("written")
        except ValidationError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=edit, args=(fee,)) for fee in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["refused", "written"]
    assert Standard.objects.current().count() == 1


def test_a_provider_with_standards_is_not_deleted(card):
    post: Provider = provider("post-1", "police", "010201")
    standard(card, provider=post)
    with pytest.raises(IntegrityError), transaction.atomic():
        post.delete()
