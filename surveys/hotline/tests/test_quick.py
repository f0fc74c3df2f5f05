"""The answer path is short: few statements, nothing read twice, no step done twice."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

import media
from standards.models import Standard
from surveys.hotline import content, sound
from surveys.hotline.models import Call, Line, Step
from surveys.hotline.tests.conftest import TOKEN
from surveys.hotline.tests.phone import Phone

Dial = Callable[..., Phone]


@pytest.mark.django_db
def test_a_key_costs_one_statement_to_read_and_one_to_write(
    dial: Dial, recorded: list[str], django_assert_num_queries: Any
) -> None:
    phone = dial().press("1").press("1")
    caller = dial(number=phone.number)
    caller.press("1")
    with django_assert_num_queries(2):
        caller.press("*")


@pytest.mark.django_db
def test_no_sound_is_joined_before_it_is_fetched(dial: Dial, recorded: list[str]) -> None:
    phone = dial()
    made = sound.joined_name(phone.played[0].split("/")[-1].removesuffix(".wav"))
    assert not media.exists(made)
    assert phone.client.head(phone.played[0]).status_code == 200
    assert media.exists(made)


@pytest.mark.django_db
def test_content_is_read_again_only_when_a_row_has_changed(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "KEPT_FOR", 0.0)
    first = content.content()
    assert content.content() is first
    Standard.objects.filter(service__code="certified-copy").update(fee=2500)
    changed = content.content()
    assert changed is not first
    assert changed.facts.by_code["certified-copy"].options[0].fee == 2500


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_for_one_step_one_is_done_and_both_hear_the_same(
    line: Line, dial: Dial, recorded: list[str]
) -> None:
    phone = dial().keys("18111")
    action = phone.action
    answers: list[bytes] = []
    together = threading.Barrier(4)

    def press(key: str) -> None:
        own = Phone(Client(), line.pk, line.account_sid, TOKEN, sid=phone.sid)
        together.wait()
        answers.append(own.post(action, Digits=key).content)
        connection.close()

    pressing = [threading.Thread(target=press, args=(key,)) for key in "1212"]
    for thread in pressing:
        thread.start()
    for thread in pressing:
        thread.join()
    assert len(answers) == 4
    assert len(set(answers)) == 1
    number = int(action.rsplit("/", 1)[1])
    assert Step.objects.filter(number=number).count() == 1
    assert Call.objects.get().steps_taken == number + 1
