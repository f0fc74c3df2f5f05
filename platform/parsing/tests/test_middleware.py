"""Characters that cannot be stored are refused with a sentence before any view."""

from typing import Any

import pytest

from parsing import json_body
from parsing.errors import UnreadableValue

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/places/search?q=a%00b", "/prices/%00/", "/?%00=1"])
def test_nul_in_an_address_is_refused_in_the_readers_language(client: Any, address: str) -> None:
    khmer = client.get(address)
    english = client.get(address, headers={"Accept-Language": "en"})
    assert khmer.status_code == english.status_code == 400
    assert "សំណើនេះមានតួអក្សរ" in khmer.content.decode()
    assert "cannot be read. Delete it" in english.content.decode()


def test_nul_in_a_form_is_refused(client: Any) -> None:
    answer = client.post("/sign-in/", {"username": "a\0b", "password": "x"})
    assert answer.status_code == 400


def test_nul_in_an_escaped_cookie_is_refused(client: Any) -> None:
    client.cookies["sessionid"] = "0123456789\0"
    assert client.get("/").status_code == 400


def test_programs_get_json(client: Any) -> None:
    answer = client.get("/api/v1/places/?q=%00", headers={"Accept-Language": "en"})
    assert answer.status_code == 400
    assert "cannot be read" in answer.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        '{"a": "\\u0000"}',
        '{"\\ud800": 1}',
        '["\\udfff"]',
        "[" + "9" * 5000 + "]",
        "[1e999]",
        "[NaN]",
        "[" * 100_000,
        "{",
        b"\xff",
    ],
)
def test_json_that_cannot_be_stored_is_refused(body: bytes | str) -> None:
    with pytest.raises(UnreadableValue):
        json_body.loads(body)


def test_json_that_can_be_stored_is_read() -> None:
    assert json_body.loads('{"a": [1, -2.5, "\\ud83d\\ude00", null]}') == {
        "a": [1, -2.5, "😀", None]
    }
