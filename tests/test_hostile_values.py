"""Hostile values at every address: the answer is the value read, or 4xx, and never an error.

Addresses come from the urls, names of parameters from the source of the views' modules, so
that a new page is tried without being listed here.
"""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from surveys.tests.country import make_country
from tests.doors import addresses, answered, make_people, make_things

pytestmark = pytest.mark.django_db

HOSTILE = (
    *("²", "abc", "9" * 5000, "-1", "1e999", "٣"),
    *("0001-01-01", "'\")%", "\ud83d", "x" * 70_000),
)
NOT_STORABLE = ("a\x00b", "\x00")
NAMED = re.compile(
    r"""(?:GET|POST|query_params|asked|params|said|told|body)\)?(?:\.get(?:list)?\(|\[|,)\s*"(\$?\w+)\""""
)
SAID = {501, 503}
"""What is not offered (by Central's interface) or not now: answers with a sentence, no errors."""
LEFT_ALONE = {
    *("accounts:sign_out", "accounts:sign_out_everywhere"),  # would end the session of the test
    *("healthz", "schema", "api-docs"),  # read nothing of the request, and take seconds
}


def function_of(path: str) -> Any:
    """What answers at this path, or None."""
    try:
        return resolve(path.split("?", maxsplit=1)[0]).func
    except Resolver404:
        return None


def view_of(path: str) -> Any:
    view = function_of(path)
    if view is None:
        return None
    return getattr(view, "cls", None) or getattr(view, "view_class", None) or inspect.unwrap(view)


def names_of(view: Any) -> list[str]:
    """Names of parameters in the source of the module that the view is in."""
    module = inspect.getmodule(view)
    try:
        source = inspect.getsource(module) if module else ""
    except (OSError, TypeError):
        source = ""
    return sorted({*NAMED.findall(source), "page", "q"})


def tries(names: list[str]) -> Iterator[dict[str, str]]:
    """Every name with every hostile value; the rarer values in all names at once."""
    alone = 2 if len(names) > 2 else 0  # where the view reads no name of its own, all at once
    for value in HOSTILE[:alone]:
        for name in names:
            yield {name: value}
    for value in HOSTILE[alone:]:
        yield dict.fromkeys(names, value)


def ask(client: Client, method: str, path: str, **options: Any) -> int:
    return int(answered(client, method, path, **options).status_code)


def opened(client: Client, path: str, *methods: str) -> list[str]:
    """Those methods that this client may use here: the others read nothing of a request."""

    def shut(answer: Any) -> bool:
        sent_away = "/sign-in/" in answer.headers.get("Location", "")
        return sent_away or answer.status_code in {401, 403, 405}

    return [method for method in methods if not shut(answered(client, method, path))]


@pytest.fixture(params=["admin", "visitor"])
def house(request: Any, db: None) -> tuple[Client, list[str]]:
    """A client of an administrator or of nobody, and every path with real things in it."""
    make_country()
    people = make_people()
    things = make_things(people["facilitator"], people["coordinator"])
    client = Client(raise_request_exception=False)
    if request.param == "admin":
        client.force_login(people["admin"])
    paths = {a.filled(things) for a in addresses() if a.name not in LEFT_ALONE}
    return client, sorted(paths)


def encodable(value: str) -> str:
    return value.encode("utf-8", "replace").decode()


def test_hostile_query_strings_and_forms_never_end_in_an_error(
    house: tuple[Client, list[str]],
) -> None:
    client, paths = house
    wrong = []
    for path in paths:
        methods = opened(client, path, "get", "post")
        for told in tries(names_of(view_of(path))) if methods else ():
            plain = {name: encodable(value) for name, value in told.items()}
            short = {name: value[:6000] for name, value in plain.items()}
            for method in methods:
                data = short if method == "get" else plain
                if (status := ask(client, method, path, data=data)) >= 500 and status not in SAID:
                    wrong.append(f"{method} {path} {str(told)[:80]}: {status}")
    assert not wrong, "\n".join(wrong)


def test_hostile_json_never_ends_in_an_error(house: tuple[Client, list[str]]) -> None:
    client, paths = house
    wrong = []
    bodies = [
        '{"%s": "\\ud800"}',
        '{"%s": "\\u0000"}',
        '{"%s": 1e999}',
        '{"%s": ' + "9" * 5000 + "}",
        '{"%s": {"a": []}}',
        '{"%s": "\xb2"}',
    ]
    for path in (p for p in paths if p.startswith(("/api/", "/app/", "/v1/", "/tablet"))):
        said = [body % name for body in bodies for name in names_of(view_of(path))]
        may = opened(client, path, "post", "patch")
        for body in ["[" * 50_000, "\xff", "[]", "1", *(said if may else ())]:
            for method in may if body in said else ("post", "patch"):
                options = {"data": body, "content_type": "application/json"}
                if (status := ask(client, method, path, **options)) >= 500 and status not in SAID:
                    wrong.append(f"{method} {path} {body[:60]}: {status}")
    assert not wrong, "\n".join(wrong)


def test_what_no_database_stores_is_refused_at_every_address(
    house: tuple[Client, list[str]],
) -> None:
    client, paths = house
    wrong = []
    for path in paths:
        # these read the body as a stream, each with its own parser: a form is nothing to them
        streamed = getattr(function_of(path), "csrf_exempt", False)
        for value in NOT_STORABLE:
            read = ask(client, "get", path, data={"q": value})
            named = ask(client, "get", path + "%00")
            sent = ask(client, "post", path, data={"q": value})
            refused = 400 <= sent < 500 or (streamed and (sent < 400 or sent in SAID))
            if read != 400 or named not in {400, 404} or not refused:
                wrong.append(f"{path}: {read}, {named}, {sent}")
    assert not wrong, "\n".join(wrong)
