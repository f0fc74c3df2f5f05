"""The history of a case says what each value was before and after."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from standards.services import edit_standard
from surveys.services import correct_case, record_case, rejudging, void_case
from surveys.tests.country import make_person, reported_case

pytestmark = pytest.mark.django_db


def test_each_change_says_before_and_after_in_words(client: Client, facilitator: User) -> None:
    case = record_case(
        by=None, job="test", reported=reported_case(fee_paid=5000, visits=2)
    ).observation
    correct_case(case=case, by=facilitator, reason="heard again", fee_paid=2000)
    correct_case(case=case, by=facilitator, reason="and again", fee_paid=0, visits=3)
    case.refresh_from_db()
    assert case.standard is not None
    edit_standard(standard=case.standard, by=None, job="test", reason="misread", fee=700)
    rejudging.rejudge_cases()
    void_case(case=case, by=facilitator, reason="told twice")
    client.force_login(facilitator)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    answer = client.get(reverse("surveys:case", args=[case.pk]))
    steps = answer.context["history"]
    assert [step.revision.reason for step in steps] == [
        "told twice",
        "misread",
        "and again",
        "heard again",
    ]
    changes = [[(label, was, now) for label, was, now in step.changes] for step in steps]
    assert changes[3] == [("Paid", "5,000\u00a0riel", "2,000\u00a0riel")]
    assert ("Paid", "2,000\u00a0riel", "free of charge") in changes[2]
    assert ("Visits", "2", "3") in changes[2]
    ((label, _was, now),) = changes[1]
    assert label == "Official standard"
    assert "700" in now
    assert changes[0][0][0] == "Does not count since"
    assert "5,000" in answer.content.decode()


def test_a_case_page_says_the_verdict_and_a_stranger_sees_neither(
    client: Client, facilitator: User
) -> None:
    case = record_case(by=None, job="test", reported=reported_case(fee_paid=5000)).observation
    address = reverse("surveys:case", args=[case.pk])
    client.force_login(make_person("coordinator", "02"))
    assert client.get(address).status_code == 404
    client.force_login(facilitator)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = client.get(address).content.decode()
    assert "Judged by the standard" in page
    assert page.count('class="tag') >= 6
