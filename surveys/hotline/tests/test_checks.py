"""One report in twenty is checked by a person who calls: with consent, then the number is deleted."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from audit.models import Entry
from places.models import Place
from surveys.hotline import completion, facts, outbound_calls, tasks, verification_calls
from surveys.hotline.models import CallBack, Caller, Line, Step, Told
from surveys.hotline.tests.conftest import make_editor
from surveys.hotline.tests.phone import Phone
from surveys.models import Case, Contact

pytestmark = pytest.mark.django_db
Dial = Callable[..., Phone]
Heard = Callable[[Phone], list[str]]
NUMBER = "+85512345678"
SINCE = timezone.now() - timedelta(days=1)


@pytest.fixture
def everybody(line: Line, recorded: list[str], settings: Any) -> None:
    """Every call is drawn."""
    settings.HOTLINE_CHECK_PERCENT = 100


def tell(dial: Dial, **more: Any) -> Phone:
    """A call in which one experience of the commune 010201 is reported completely."""
    phone = dial(**more)
    callers = Caller.objects.filter(caller_key=outbound_calls.key_of(phone.number), language="km")
    return tell_in(phone if callers.exists() else phone.press("1"))


def tell_in(phone: Phone) -> Phone:
    before = Told.objects.count()
    phone.keys("81")
    for _key in range(14):
        if Told.objects.count() > before:
            return phone
        phone.press("010201" if phone.wanted > 1 else "1")
    raise AssertionError("nothing was told")


def open_checks() -> QuerySet[CallBack]:
    return CallBack.objects.filter(why="check", done_at=None)


def agreed(dial: Dial) -> CallBack:
    """A caller who reported, was asked, and agreed."""
    tell(dial, number=NUMBER).press("1")
    return open_checks().get()


def test_the_draw_is_fixed_for_a_call_and_of_the_share_that_is_set(settings: Any) -> None:
    calls = [f"call {n}" for n in range(4000)]
    settings.HOTLINE_CHECK_PERCENT = 5
    drawn = [verification_calls.drawn(call) for call in calls]
    assert drawn == [verification_calls.drawn(call) for call in calls]
    assert 140 <= sum(drawn) <= 260, "five in a hundred of 4,000 are 200"
    settings.SECRET_KEY = "another installation's"
    assert drawn != [verification_calls.drawn(call) for call in calls], "nobody can foresee it"
    for percent, expected in ((0, False), (100, True)):
        settings.HOTLINE_CHECK_PERCENT = percent
        assert {verification_calls.drawn(call) for call in calls} == {expected}


def test_the_simulator_is_never_asked_because_its_numbers_are_invented(
    dial: Dial, everybody: None, line: Line, heard: Heard
) -> None:
    Line.objects.filter(pk=line.pk).update(company=Line.Company.SIMULATOR)
    assert heard(tell(dial, number=NUMBER))[0] == "tell.thanks"
    assert not CallBack.objects.exists()


def test_who_is_not_drawn_is_thanked_as_ever(dial: Dial, recorded: list[str], heard: Heard) -> None:
    assert heard(tell(dial))[0] == "tell.thanks"
    assert not Step.objects.filter(node=verification_calls.ASKED).exists()
    assert not CallBack.objects.exists()


def test_who_agrees_leaves_a_sealed_number_for_one_call_by_a_person(
    everybody: None, line: Line, dial: Dial, heard: Heard
) -> None:
    phone = tell(dial)
    assert heard(phone) == ["tell.check"]
    assert not CallBack.objects.exists(), "nothing is kept before the answer"
    phone.press("1")
    assert heard(phone)[:2] == ["callback.promised", "tell.thanks"]
    check = open_checks().get()
    assert check.told == Told.objects.get(complete=True)
    assert check.consent == facts.CHECK_CONSENT
    assert check.contact is not None
    assert b"12345678" not in bytes(check.contact.sealed_number)
    assert outbound_calls.due(timezone.now() + timedelta(days=2), 10) == [], (
        "the machine calls nobody"
    )
    # reported again in the same call: asked once
    tell_in(phone)
    assert heard(phone)[0] == "tell.thanks"
    phone.post(f"/ivr/v1/status/{line.pk}", CallStatus="completed", CallDuration="90")
    assert Told.objects.filter(complete=True).count() == Told.objects.count() == 2


@pytest.mark.parametrize("key", ["2", "", "#"])
def test_no_and_silence_keep_nothing_and_hanging_up_tells_nothing_twice(
    everybody: None, line: Line, dial: Dial, key: str
) -> None:
    phone = tell(dial).press(key)
    assert not phone.ended
    phone.post(f"/ivr/v1/status/{line.pk}", CallStatus="completed", CallDuration="90")
    other = tell(dial, number="+85512999999")  # hangs up at the question
    other.post(f"/ivr/v1/status/{line.pk}", CallStatus="completed", CallDuration="90")
    assert [t.complete for t in Told.objects.all()] == [True, True]
    assert not CallBack.objects.exists()
    assert not Contact.objects.exists()
    assert (verification_calls.figures(SINCE).asked, verification_calls.figures(SINCE).agreed) == (
        2,
        0,
    )


def test_a_withheld_number_and_who_wanted_never_to_be_called_are_not_asked(
    everybody: None, dial: Dial, heard: Heard
) -> None:
    assert heard(tell(dial, number="anonymous"))[0] == "tell.thanks"
    tell(dial).press("2")
    Caller.objects.update(never_call=True)
    assert heard(tell(dial))[0] == "tell.thanks"
    assert verification_calls.figures(SINCE).asked == 1


def test_who_says_never_is_not_called_for_a_check_either(everybody: None, dial: Dial) -> None:
    check = agreed(dial)
    outbound_calls.never_call(check.caller_key)
    assert not verification_calls.visible_to(make_editor()).exists()
    assert not Contact.objects.exists()
    assert verification_calls.figures(SINCE).unwanted == 1


def test_the_number_is_shown_on_asking_and_it_is_noted_who_saw_it(
    everybody: None, dial: Dial, client: Client
) -> None:
    check = agreed(dial)
    client.force_login(make_editor())
    page = client.get("/hotline/checks/", headers={"accept-language": "en"}).content.decode()
    assert "12345678" not in page
    assert "received in the official time" in page
    assert "check of a report" in page
    assert not Entry.objects.filter(verb="hotline.number_shown").exists()
    shown = client.post(f"/hotline/checks/{check.pk}/number")
    assert NUMBER in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    noted = Entry.objects.get(verb="hotline.number_shown")
    assert (noted.actor, noted.place_code) == ("editor", "010201")
    assert "12345678" not in str(list(Entry.objects.values()))
    assert NUMBER not in client.get("/hotline/checks/").content.decode()


def test_only_who_looks_after_the_hotline_there_sees_or_closes_a_check(
    everybody: None, dial: Dial, client: Client
) -> None:
    check = agreed(dial)
    elsewhere = make_editor()
    Membership.objects.filter(user=elsewhere).update(place=Place.objects.get(code="02"))
    elsewhere = User.objects.get(pk=elsewhere.pk)
    assert not verification_calls.visible_to(elsewhere).exists()
    client.force_login(elsewhere)
    assert client.post(f"/hotline/checks/{check.pk}/number").status_code == 404
    assert client.post(f"/hotline/checks/{check.pk}/outcome").status_code == 404
    for refused in (
        lambda: verification_calls.show_number(check=check, by=elsewhere),
        lambda: verification_calls.close(check=check, by=elsewhere, outcome="confirmed"),
    ):
        with pytest.raises(PermissionDenied):
            refused()
    assert not Entry.objects.filter(verb__startswith="hotline.").exists()


@pytest.mark.parametrize("outcome", ["confirmed", "different", "not_reached", "unwanted"])
def test_closing_deletes_the_number_and_changes_no_case(
    everybody: None, dial: Dial, client: Client, outcome: str
) -> None:
    check = agreed(dial)
    editor = make_editor()
    experiences, cases = list(Told.objects.values()), list(Case.objects.values())
    client.force_login(editor)
    client.post(f"/hotline/checks/{check.pk}/outcome", {"outcome": "reached"})
    assert open_checks().exists(), "that is for the machine's calls"
    for sentence in (outcome, "confirmed"):
        client.post(f"/hotline/checks/{check.pk}/outcome", {"outcome": sentence})
    check.refresh_from_db()
    assert (check.outcome, check.contact) == (outcome, None)
    assert not Contact.objects.exists()
    assert Entry.objects.get(verb="hotline.check_closed").after == {"outcome": outcome}
    with pytest.raises(ValidationError):
        verification_calls.show_number(check=check, by=editor)
    assert (list(Told.objects.values()), list(Case.objects.values())) == (experiences, cases)
    figures = verification_calls.figures(SINCE)
    assert (figures.asked, figures.agreed, figures.waiting) == (1, 1, 0)
    assert getattr(figures, outcome) == 1
    page = client.get("/hotline/", headers={"accept-language": "en"}).content.decode()
    assert "Checks of reports" in page
    assert completion.call_backs(SINCE) == [], "calls of the line are counted apart"


def test_a_number_that_another_promise_needs_stays_for_that_one_only(
    everybody: None, line: Line, dial: Dial
) -> None:
    check = agreed(dial)
    assert outbound_calls.owe(line, NUMBER, CallBack.Why.ASKED, timedelta(0))
    asked = CallBack.objects.get(why="asked")
    assert asked.contact == check.contact
    verification_calls.close(check=check, by=make_editor(), outcome="confirmed")
    check.refresh_from_db()
    asked.refresh_from_db()
    assert check.contact is None
    assert asked.contact is not None
    outbound_calls.done(asked, CallBack.Outcome.REACHED)
    assert not Contact.objects.exists()


def test_after_thirty_days_the_number_is_gone_and_nobody_was_reached(
    everybody: None, dial: Dial
) -> None:
    check = agreed(dial)
    tasks.purge()
    assert open_checks().exists()
    Contact.objects.update(given_at=timezone.now() - tasks.CONTACT_KEPT - timedelta(hours=1))
    tasks.purge()
    check.refresh_from_db()
    assert (check.contact, check.outcome) == (None, "not_reached")
