"""Calls over the wire: signed, answered once and always, as Somleng and Twilio both execute."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from standards.models import Standard
from surveys import phone_numbers
from surveys.hotline import callbacks, content, facts, lines, menu, numbers, self_test_call, tasks
from surveys.hotline.models import Call, CallBack, Caller, Clip, Language, Line, Step, Told
from surveys.hotline.tests.conftest import TOKEN, record
from surveys.hotline.tests.phone import Phone
from surveys.models import Contact

Dial = Callable[..., Phone]
Heard = Callable[[Phone], list[str]]

pytestmark = pytest.mark.django_db


def test_a_stranger_hears_a_price_after_at_most_three_keys(
    dial: Dial, recorded: list[str], heard: Heard
) -> None:
    keys = "1" + menu.keys_to("birth-registration", content.content().facts)
    assert len(keys) <= 3
    phone = dial().keys(keys)
    assert "fee.free" in heard(phone)
    assert Call.objects.get().first_fact_at is not None


def test_the_fee_spoken_is_the_fee_stored_for_every_standard(
    dial: Dial, recorded: list[str], heard: Heard
) -> None:
    loaded = content.content().facts.services
    reported = 0
    for position, service in enumerate(loaded):
        phone = dial(number=f"+8551200000{position:02d}").press("1")
        phone.keys(menu.keys_to(service.code, content.content().facts))
        for option_number, option in enumerate(service.options, start=1):
            if len(service.options) > 1:
                phone.press(str(option_number))
            names = heard(phone)
            row = (
                Standard.objects.in_force(timezone.localdate())
                .filter(service__code=service.code, option=option.code, provider=None)
                .first()
            )
            reported += 1
            if row is None or row.fee is None:
                assert "fee.unknown" in names
            elif row.fee == 0:
                assert "fee.free" in names
            else:
                start = names.index("fee.official") + 1
                end = next(i for i in range(start, len(names)) if names[i].startswith("unit."))
                assert numbers.decoded(names[start:end]) == row.fee
            if len(service.options) > 1:
                phone.press("*")
    assert reported == sum(len(s.options) for s in loaded)


def test_a_sound_is_served_as_somlengs_player_fetches_it(
    dial: Dial, recorded: list[str], client: Client
) -> None:
    address = dial().played[0]
    head = client.head(address)
    assert head.status_code == 200
    assert head["Content-Type"] == "audio/wav"
    got = client.get(address)
    body = got.content
    assert int(head["Content-Length"]) == len(body)
    assert body[:4] == b"RIFF"
    assert client.get(address, headers={"If-None-Match": got["ETag"]}).status_code == 304
    assert client.get("/ivr/audio/" + "0" * 64 + ".wav").status_code == 404


@pytest.mark.parametrize("token", ["", "wrong"])
def test_an_unsigned_request_is_refused_and_does_nothing(
    line: Line, client: Client, token: str
) -> None:
    phone = Phone(client, line.pk, line.account_sid, token or "x")
    assert phone.post(f"/ivr/v1/voice/{line.pk}").status_code == 403
    before = lines.refused(1)
    assert client.post(f"/ivr/v1/voice/{line.pk}", {"CallSid": "x"}).status_code == 403
    assert lines.refused(1) == before + 1
    assert not Call.objects.exists()


def test_the_token_before_stays_valid_while_it_is_being_replaced(
    line: Line, client: Client
) -> None:
    lines.set_token(line, "new secret")
    line.save()
    Phone(client, line.pk, line.account_sid, TOKEN).dial()
    lines.set_token(line, "newer secret")
    line.save()
    old = Phone(client, line.pk, line.account_sid, TOKEN)
    assert old.post(f"/ivr/v1/voice/{line.pk}").status_code == 403


def test_a_step_asked_again_is_answered_the_same_and_done_once(
    dial: Dial, recorded: list[str]
) -> None:
    phone = dial().keys("18111")
    action = phone.action
    for key in ("1", "1", "1"):
        action = phone.action
        phone.press(key)
    first = phone.last.content
    steps = Step.objects.count()
    again = phone.post(action, Digits="3")
    assert again.content == first
    assert Step.objects.count() == steps


def test_a_request_of_one_call_is_worth_nothing_in_another(dial: Dial, recorded: list[str]) -> None:
    mine, other = dial(), dial(number="+85598765432")
    mine.sid, sid = other.sid, mine.sid
    assert mine.post(mine.action, Digits="1").status_code == 403
    mine.sid = sid
    skipped = mine.action.rsplit("/", 1)[0] + "/40"
    mine.execute(mine.post(skipped, Digits="1"))
    assert mine.ended


@pytest.mark.parametrize("keys", ["A", "1'; DROP TABLE", "១", "9" * 40, "<x/>", "\x00"])
def test_what_no_keypad_sends_is_a_wrong_key(
    dial: Dial, recorded: list[str], heard: Heard, keys: str
) -> None:
    phone = dial().press(keys)
    assert not phone.ended
    assert heard(phone)[0] == "invalid"
    assert Step.objects.latest("pk").result == "invalid"


def test_three_silences_end_the_call_kindly(dial: Dial, recorded: list[str], heard: Heard) -> None:
    phone = dial().press().press().press()
    assert phone.ended
    assert heard(phone)[-1] == "goodbye"


def test_nothing_recorded_still_makes_a_call_that_can_be_walked(dial: Dial) -> None:
    phone = dial().press("1").press("1").press("1")
    assert not phone.ended
    silence = phone.client.get(phone.played[0])
    assert silence.content[:4] == b"RIFF"
    assert silence.content[44:].strip(b"\0"), "two tones, never silence"


def test_what_is_told_is_kept_without_number_and_counted_three_times_a_day(
    dial: Dial, recorded: list[str]
) -> None:
    for _time in range(4):
        phone = dial().press("1") if not Caller.objects.exists() else dial()
        phone.keys("811")
        while not Told.objects.filter(call__sid=phone.sid).exists():
            phone.press("010201" if phone.wanted > 1 else "1")
    assert [t.counts for t in Told.objects.order_by("pk")] == [True, True, True, False]
    assert Told.objects.latest("pk").commune_code == "010201"
    assert "12345678" not in str(list(Told.objects.values()) + list(Call.objects.values()))


def test_call_me_back_keeps_a_sealed_number_and_owes_a_call(
    dial: Dial, recorded: list[str]
) -> None:
    phone = dial().keys("1831")
    assert phone.ended
    owed = CallBack.objects.get()
    assert owed.why == "asked"
    assert b"12345678" not in bytes(owed.contact.sealed_number)


def test_a_missed_call_is_free_and_called_back_once(line: Line, dial: Dial) -> None:
    line.mode = Line.Mode.MISSED_CALL
    line.save()
    assert dial().rejected == "busy"
    assert dial().rejected == "busy"
    assert CallBack.objects.filter(why="missed_call").count() == 1
    assert [c.status for c in Call.objects.all()] == ["missed", "missed"]
    first = Call.objects.order_by("pk").first()
    again = Phone(Client(), line.pk, line.account_sid, TOKEN, sid=first.sid).dial()
    assert again.rejected == "busy", "asked again, answered the same"
    assert Call.objects.count() == 2


def test_a_line_over_its_budget_or_closed_declines(line: Line, dial: Dial) -> None:
    line.minutes_a_day = 0
    line.save()
    assert dial().rejected == "rejected"
    Line.objects.update(minutes_a_day=600, is_open=False)
    assert dial().rejected == "rejected"


def test_a_withheld_number_is_served_and_nothing_of_it_kept(
    dial: Dial, recorded: list[str]
) -> None:
    phone = dial(number="anonymous").keys("1831")
    assert phone.ended
    assert not Contact.objects.exists()
    assert not Caller.objects.exists()


def test_a_long_call_ends_with_a_sentence(dial: Dial, recorded: list[str], heard: Heard) -> None:
    phone = dial()
    Call.objects.update(started_at=timezone.now() - timedelta(minutes=7))
    phone.press("1")
    assert phone.ended
    assert "too-long" in heard(phone)


def test_an_ended_call_answers_nothing_any_more(
    line: Line, dial: Dial, recorded: list[str]
) -> None:
    phone = dial()
    done = phone.post(f"/ivr/v1/status/{line.pk}", CallStatus="completed", CallDuration="31")
    assert done.status_code == 200
    call = Call.objects.get()
    assert (call.status, call.seconds) == ("completed", 31)
    phone.press("1")
    assert phone.ended
    phone.post(f"/ivr/v1/status/{line.pk}", CallStatus="failed", CallDuration="1")
    assert Call.objects.get().status == "completed"


def test_the_hotline_calls_itself_and_leaves_nothing_behind(
    line: Line, recorded: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert tasks.try_a_call() == 1
    assert self_test_call.walk(line) > 4 * 400
    assert not Call.objects.exists()
    Clip.objects.filter(name__in=("fee.official", "fee.free")).delete()
    content.forget()
    assert tasks.try_a_call() == 1, "what can be heard of the answer is heard"
    Line.objects.update(is_open=False)
    assert tasks.try_a_call() == 0
    Line.objects.update(is_open=True, minutes_a_day=0)
    assert tasks.try_a_call() == 0
    assert "would not hear a price" in caplog.text


def test_who_hangs_up_between_the_questions_has_told_that_much(
    line: Line, dial: Dial, recorded: list[str]
) -> None:
    phone = dial().keys("18111")
    phone.press("1").press("2").press("3")
    phone.post(f"/ivr/v1/status/{line.pk}", CallStatus="completed", CallDuration="40")
    experience = Told.objects.get()
    assert not experience.complete
    assert experience.answers["got"] == "in_time"
    assert experience.notice == facts.NOTICE
    assert Caller.objects.get().notice == facts.NOTICE, "heard once, not asked again"
    keys = dial().keys("811")
    while not Told.objects.filter(call__sid=keys.sid).exists():
        keys.press("#" if keys.wanted > 1 else "1")
    keys.post(f"/ivr/v1/status/{line.pk}", CallStatus="completed", CallDuration="40")
    assert list(Told.objects.order_by("pk").values_list("complete", flat=True)) == [False, True]


def test_a_call_whose_callback_was_lost_is_known(dial: Dial) -> None:
    dial()
    assert callbacks.unended() == []
    Call.objects.update(started_at=timezone.now() - timedelta(minutes=8))
    assert callbacks.unended() == [Call.objects.get().pk]


def test_a_stale_sentence_falls_back_to_fragments(
    dial: Dial, recorded: list[str], heard: Heard
) -> None:
    row = Standard.objects.in_force(timezone.localdate()).get(service__code="certified-copy")
    service = content.content().facts.by_code["certified-copy"]
    name = content.sentence("certified-copy", service.options[0].code)
    record(name, facts=content.facts_hash("", service.options[0]))
    content.forget()

    def answer() -> list[str]:
        phone = dial()
        if not phone.action or "main.other" not in heard(phone):
            phone.press("1")
        return heard(phone.keys(menu.keys_to("certified-copy", content.content().facts)))

    assert name in answer()
    Standard.objects.filter(pk=row.pk).update(fee=2000)
    content.forget()
    names = answer()
    assert name not in names
    assert "fee.official" in names


def test_whatever_breaks_the_answer_is_a_valid_document(
    line: Line, dial: Dial, recorded: list[str]
) -> None:
    phone = dial()
    Call.objects.update(state={"node": "no such node"})
    phone.press("1")
    assert phone.ended


@pytest.mark.django_db(transaction=True)
def test_without_a_database_a_caller_hears_sorry_and_the_sound_of_it(
    dial: Dial, recorded: list[str], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = dial()
    sorry = content.content().apology
    connection.close()
    with monkeypatch.context() as gone:
        gone.setitem(connection.settings_dict, "HOST", "/there/is/no/such/folder")
        for address in (phone.action, f"/ivr/v1/voice/{phone.line_id}"):
            phone.execute(phone.post(address, Digits="1"))
            assert phone.ended
            assert phone.played == [f"/ivr/audio/{sorry}.wav"]
        response = client.get(phone.played[0])
        assert response.status_code == 200
        assert response.content[:4] == b"RIFF"
        status = phone.post(f"/ivr/v1/status/{phone.line_id}", CallStatus="completed")
        assert status.status_code == 200
        connection.close()
    assert Call.objects.count() == 1


def test_a_calls_length_budget_and_each_callers_share_are_capped(line: Line, dial: Dial) -> None:
    for _time in range(lines.CALLS_A_DAY):
        phone = dial()
        phone.post(f"/ivr/v1/status/{line.pk}", CallStatus="completed", CallDuration="60")
    assert dial().rejected == "rejected"
    assert dial(number="+85598000001").rejected == ""
    Line.objects.update(calls_at_once=1)
    assert dial(number="+85598000002").rejected == "rejected", "one is in progress"
    Line.objects.update(calls_at_once=50, minutes_a_day=lines.CALLS_A_DAY)
    assert dial(number="+85598000003").rejected == "rejected", "the day's minutes are spoken"


def test_a_language_is_remembered_by_a_keyed_hash_alone(
    line: Line, dial: Dial, recorded: list[str], heard: Heard
) -> None:
    english("main.other")
    dial().press("2")
    again = dial()
    assert heard(again) == ["main.other"]
    assert Call.objects.latest("pk").language == "en"
    caller = Caller.objects.get()
    assert caller.language == "en"
    assert caller.caller_key == phone_numbers.caller_key("+85512345678")
    assert "12345678" not in caller.caller_key


def english(*names: str) -> None:
    """English is open too; of it these clips are recorded."""
    Language.objects.create(
        code="en", name_km="អង់គ្លេស", name_en="English", is_open=True, position=1
    )
    for name in names:
        record(name, language="en")
    content.forget()


PRICE = ("fee.official", "fee.free", "days.official", "number.3", "unit.working-day")


def test_on_a_fresh_installation_nothing_counts_as_a_price_that_was_heard(dial: Dial) -> None:
    dial().keys("11")
    call = Call.objects.get()
    assert call.state["node"] == "info.answer"
    assert call.first_fact_at is None


def test_what_is_not_recorded_is_said_so_in_a_language_that_is(dial: Dial, heard: Heard) -> None:
    english("not-recorded", "answer.menu", "main.other", *PRICE)
    phone = dial().press("1")
    assert heard(phone) == ["not-recorded", "main.other"]
    names = heard(phone.press("1"))
    assert names[0] == "not-recorded"
    assert "fee.official" in names
    assert Call.objects.get().first_fact_at is not None


def test_a_menu_without_its_price_is_no_answer(
    dial: Dial, recorded: list[str], heard: Heard
) -> None:
    """A clip of the price is gone in Khmer: it is told in English, after saying so."""
    english("not-recorded", *PRICE)
    Clip.objects.filter(language="km", name__in=("fee.official", "days.official")).delete()
    content.forget()
    names = heard(dial().keys("11"))
    assert names[:3] == ["not-recorded", "fee.official", "fee.free"]


def test_a_language_is_named_in_itself(dial: Dial, recorded: list[str]) -> None:
    english("language.en")
    own = Clip.objects.get(language="en", name="language.en").sha256
    loaded = content.content()
    played = content.spoken(
        ("language.km", "press.1", "language.en", "press.2"), "km", loaded, menu.State("language")
    )
    assert ("language.en", own) in played.clips
