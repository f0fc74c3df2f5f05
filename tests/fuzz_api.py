"""Requests made up from the API's document, as each role: `make fuzz` (not a part of the suite).

schemathesis invents parameters and bodies, right ones and wrong ones; no answer may be an error of
ours (5xx), none may have a status, a type or a shape that the document does not name.
FUZZ=200 says how many requests each operation gets of each role.
"""

import os
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import User
from accounts.tokens import issue
from surveys.tests.country import make_country
from tests.addresses import ROLES, make_people, make_things

pytestmark = pytest.mark.django_db(transaction=True)
EXAMPLES = int(os.environ.get("FUZZ", "20"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.mark.parametrize("role", [*ROLES, "visitor"])
def test_no_request_breaks_it_and_every_answer_is_documented(role: str, tmp_path: Any) -> None:
    django_settings.ALLOWED_HOSTS = ["*"]
    make_country()
    people = make_people()
    make_things(people["facilitator"], people["coordinator"])
    headers = {}
    if role != "visitor":
        person = User.objects.get(username=role)
        _row, key = issue(user=person, name="fuzz", with_second_factor=True)
        headers["Authorization"] = f"Bearer {key}"
    application = get_wsgi_application()
    document = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", application)
    wrong, count, answered = [], 0, 0
    for result in document.get_all_operations():
        operation = result.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Any) -> None:
            nonlocal count, answered
            count += 1
            answer = case.call(headers=headers)
            answered += answer.status_code < 300
            case.validate_response(answer, checks=CHECKS)

        try:
            ask()
        except (Exception, BaseExceptionGroup) as trouble:
            wrong.append(f"{operation.method.upper()} {operation.path}\n{trouble}"[:1500])
    print(f"{role}: {count} requests, {answered} of them answered with 2xx")
    assert not wrong, "\n\n".join(wrong)
