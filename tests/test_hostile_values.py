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
from tests.addresses import addresses, answered, make_people, make_things

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

HOSTILE = (
    *("²", "abc", "9" * 5000, "-1", "1e999", "٣"),
    *("0001-01-01", "'\")%", "\ud83d", "x" * 70_000),
)
NOT_STORABLE = ("a\x00b", "\x00")
NAMED = re.compile(
    r"(?:GET|POST|query_params|asked|params|body|text|values|fields|answers|reported)\)?"
    r"""(?:\.get(?:list)?\(|\[|,)\s*"(\$?\w+)\""""
)
SAID = {501, 503}
"""Functions not offered (by Central's interface) or not now: answers with a sentence, no errors."""
LEFT_ALONE = {
    *("accounts:sign_out", "accounts:sign_out_everywhere"),  # would end the session of the test
    *("healthz", "schema", "api-docs"),  # read nothing of the request, and take seconds
}


def function_of(path: str) -> Any:
    """Return the view at this path, or None."""
    try:
        return resolve(path.split("?", maxsplit=1)[0]).func
    except Resolver404:
        return None


def view_of(path: str) -> Any:
    view = function_of(path)
    if view is None:
        return None
    return getattr(view, "cls", None) or getattr(view, "view_class", None) or inspect.unwrap(view)


def source_of(thing: Any) -> str:
    try:
        return inspect.getsource(thing) if thing else ""
    except (OSError, TypeError):
        return ""


def names_of(view: Any) -> list[str]:
    """Names of parameters in the source of the module that the view is in."""
    return sorted({*NAMED.findall(source_of(inspect.getmodule(view))), "page", "q"})


def own_names(view: Any) -> list[str]:
    """Names of parameters that the view itself reads, not its helpers."""
    return sorted(set(NAMED.findall(source_of(view))))


def tries(view: Any) -> Iterator[dict[str, str]]:
    """Every name with half of the hostile values, many at once, and the view's own one by one.

    The halves change from name to name and from view to view, so that every value is tried often.
    A view may refuse a request for the first name it reads and never come to the others: what
    it reads itself is therefore tried alone too, with what no number or text can be.
    """
    names = names_of(view)
    for turn in range(len(names) % 2, len(HOSTILE), 2):
        yield {n: HOSTILE[(place + turn) % len(HOSTILE)] for place, n in enumerate(names)}
    for name in own_names(view):
        for value in ("²", "9" * 5000):
            yield {name: value}


def one_path_a_view(paths: list[str]) -> list[str]:
    """One path for each view: what a view reads does not depend on the thing in its address."""
    results: dict[Any, str] = {}
    for path in paths:
        results.setdefault(function_of(path) or path, path)
    return sorted(results.values())


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
    """Return a client of an administrator or of nobody, and every path with real things in it."""
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
    for path in one_path_a_view(paths):
        methods = opened(client, path, "get", "post")
        for message in tries(view_of(path)) if methods else ():
            plain = {name: encodable(value) for name, value in message.items()}
            short = {name: value[:6000] for name, value in plain.items()}
            for method in methods:
                data = short if method == "get" else plain
                if (status := ask(client, method, path, data=data)) >= 500 and status not in SAID:
                    wrong.append(f"{method} {path} {str(message)[:80]}: {status}")
    assert not wrong, "\n".join(wrong)


def test_hostile_json_never_ends_in_an_error(house: tuple[Client, list[str]]) -> None:
    client, paths = house
    wrong = []
    values = [r'"\ud800"', r'"\u0000"', "1e999", "9" * 5000, '{"a": []}', '"\xb2"']
    programs = [p for p in paths if p.startswith(("/api/", "/app/", "/v1/", "/tablet"))]
    for path in one_path_a_view(programs):
        view = view_of(path)
        texts = [
            "{" + ", ".join(f'"{name}": {value}' for name in names) + "}"
            for value in values
            for names in (names_of(view), *([name] for name in own_names(view)))
        ]
        may = opened(client, path, "post", "patch")
        for body in ["[" * 50_000, "\xff", "[]", "1", *(texts if may else ())]:
            for method in may if body in texts else ("post", "patch"):
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
        # these read the body as a stream, each with its own parser, and not as a form
        streamed = getattr(function_of(path), "csrf_exempt", False)
        for value in NOT_STORABLE:
            read = ask(client, "get", path, data={"q": value})
            named = ask(client, "get", path + "%00")
            sent = ask(client, "post", path, data={"q": value})
            refused = 400 <= sent < 500 or (streamed and (sent < 400 or sent in SAID))
            if read != 400 or named not in {400, 404} or not refused:
                wrong.append(f"{path}: {read}, {named}, {sent}")
    assert not wrong, "\n".join(wrong)
