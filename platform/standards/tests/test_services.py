"""Standards are replaced, fees posted, services retired and holidays confirmed, all on record."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from audit.models import Entry
from standards import services
from standards.models import Standard
from standards.tests.factories import document, holiday, place, provider, service, standard

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> User:
    return User.objects.create_user("sokha", "a long pass phrase")


@pytest.fixture
def card() -> Standard:
    return standard(service("id-card", "police"), fee=10000, valid_from=date(2014, 7, 1))


def test_an_edit_makes_a_new_row_and_leaves_the_old_one_as_it_was(editor, card):
    new = services.edit_standard(standard=card, by=editor, reason="misread", fee=0)
    card.refresh_from_db()
    assert (card.fee, card.replaced_at is not None) == (10000, True)
    assert (new.fee, new.replaces_id, new.replaced_at) == (0, card.pk, None)
    assert new.recorded_by == editor
    assert new.valid_from == card.valid_from


def test_the_trail_shows_who_changed_what_from_what_to_what(editor, card):
    services.edit_standard(standard=card, by=editor, reason="misread", fee=0)
    entry = Entry.objects.get(verb="standard.replaced")
    assert (entry.actor, entry.reason) == ("sokha", "misread")
    assert (entry.before["fee"], entry.after["fee"]) == (10000, 0)


def test_an_edit_that_changes_nothing_writes_nothing(editor, card):
    assert services.edit_standard(standard=card, by=editor, reason="same", fee=10000) == card
    assert not Entry.objects.exists()


def test_documents_are_replaced_as_a_whole_list(editor, card):
    one, two = document("one"), document("two")
    first = services.edit_standard(standard=card, by=editor, reason="list", documents=[one])
    assert first.documents_known
    second = services.edit_standard(standard=first, by=editor, reason="list", documents=[two, one])
    assert [r.document.code for r in second.required.all()] == ["two", "one"]
    assert [r.document.code for r in first.required.all()] == ["one"]


def test_documents_stay_when_the_fee_is_edited(editor, card):
    first = services.edit_standard(
        standard=card, by=editor, reason="list", documents=[document("one")]
    )
    second = services.edit_standard(standard=first, by=editor, reason="fee", fee=5)
    assert [r.document.code for r in second.required.all()] == ["one"]


def test_a_replaced_row_is_not_edited_again(editor, card):
    services.edit_standard(standard=card, by=editor, reason="misread", fee=0)
    with pytest.raises(ValidationError):
        services.edit_standard(standard=card, by=editor, reason="late", fee=1)


def test_an_edit_needs_a_reason(editor, card):
    with pytest.raises(ValidationError, match=r"reason|why"):
        services.edit_standard(standard=card, by=editor, reason=" ", fee=0)


def test_an_edit_that_would_overlap_is_refused_in_a_sentence_and_changes_nothing(editor, card):
    free = services.succeed_standard(
        standard=card, starts_on=date(2018, 1, 1), by=editor, reason="free", fee=0
    )
    with pytest.raises(ValidationError):
        services.edit_standard(
            standard=free, by=editor, reason="earlier", valid_from=date(2014, 7, 1)
        )
    free.refresh_from_db()
    assert free.replaced_at is None


def test_only_the_parts_of_a_standard_can_be_edited(editor, card):
    with pytest.raises(TypeError, match="service"):
        services.edit_standard(standard=card, by=editor, reason="other", service=1)


def test_a_new_law_ends_the_old_standard_the_day_before(editor, card):
    new = services.succeed_standard(
        standard=card, starts_on=date(2018, 1, 1), by=editor, reason="free now", fee=0
    )
    old = Standard.objects.current().get(fee=10000)
    assert (old.valid_to, new.valid_from, new.valid_to) == (
        date(2017, 12, 31),
        date(2018, 1, 1),
        None,
    )
    assert not new.documents_known


def test_a_retired_service_takes_no_new_standard(editor, card):
    services.retire_service(
        service=card.service, on=date(2026, 1, 1), by=editor, reason="abolished"
    )
    card.service.refresh_from_db()
    assert card.service.retired_on == date(2026, 1, 1)
    with pytest.raises(ValidationError):
        services.add_standard(service=card.service, by=editor, reason="again", option="fast")
    with pytest.raises(ValidationError):
        services.retire_service(
            service=card.service, on=date(2026, 1, 1), by=editor, reason="twice"
        )
    assert Entry.objects.filter(verb="service.retired").count() == 1


def test_a_health_centre_posts_its_own_fee_and_later_another(editor):
    visit = service("outpatient", "health_centre", fee_by_provider=True)
    centre = provider("hc-1", "health_centre", "010201")
    first = services.post_fee(
        provider=centre, service=visit, by=editor, fee=2000, posted_on=date(2025, 1, 1)
    )
    second = services.post_fee(
        provider=centre, service=visit, by=editor, fee=3000, posted_on=date(2026, 1, 1)
    )
    ended = Standard.objects.current().get(fee=2000)
    assert ended.replaces == first
    assert ended.valid_to == date(2025, 12, 31)
    assert second.valid_to is None
    assert {e.place_code for e in Entry.objects.all()} == {"010201"}


def test_a_fee_posted_twice_on_one_day_is_a_correction(editor):
    visit = service("outpatient", "health_centre", fee_by_provider=True)
    centre = provider("hc-1", "health_centre", "010201")
    for fee in (2000, 2500):
        services.post_fee(
            provider=centre, service=visit, by=editor, fee=fee, posted_on=date(2025, 1, 1)
        )
    assert [s.fee for s in Standard.objects.current()] == [2500]


def test_a_fee_cannot_be_posted_where_the_nation_sets_it(editor):
    birth = service("birth", "health_centre")
    centre = provider("hc-1", "health_centre", "010201")
    with pytest.raises(ValidationError):
        services.post_fee(
            provider=centre, service=birth, by=editor, fee=1, posted_on=date(2025, 1, 1)
        )


def test_a_provider_of_another_kind_cannot_have_a_standard(editor):
    visit = service("outpatient", "health_centre", fee_by_provider=True)
    hall = provider("hall", "commune", "010201")
    with pytest.raises(ValidationError):
        services.post_fee(
            provider=hall, service=visit, by=editor, fee=1, posted_on=date(2025, 1, 1)
        )


def test_a_holiday_becomes_official_with_its_source(editor):
    day = holiday(date(2026, 11, 24))
    with pytest.raises(ValidationError):
        services.mark_holiday_official(holiday=day, by=editor, source=" ")
    done = services.mark_holiday_official(holiday=day, by=editor, source="Sub-decree 1")
    assert done.is_official
    entry = Entry.objects.get(verb="holiday.edited")
    assert (entry.before["is_official"], entry.after["is_official"]) == (False, True)


def test_a_predicted_holiday_on_which_offices_worked_is_cancelled(editor):
    day = holiday(date(2026, 11, 24))
    done = services.mark_holiday_official(
        holiday=day, by=editor, source="Sub-decree 1", cancelled=True
    )
    assert done.is_cancelled


def test_saving_a_record_keeps_old_and_new_values(editor):
    place("010201")
    hall = provider("hall", "commune", "010201")
    hall.phone = "012345678"
    services.save_record(record=hall, by=editor)
    entry = Entry.objects.get(verb="provider.edited")
    assert (entry.before["phone"], entry.after["phone"]) == ("", "012345678")
    services.save_record(record=hall, by=editor)
    assert Entry.objects.count() == 1
