"""The REST API does what its OpenAPI document says: its parameters, its statuses, its words."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from jsonschema import ValidationError, validate
from rest_framework import serializers
from rest_framework.fields import empty

from accounts.tests.factories import join, make_user
from accounts.tokens import issue
from surveys.services import record_case
from surveys.tests.country import ASKED, HALL, make_country, reported_case

pytestmark = pytest.mark.django_db
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def document() -> Any:
    generator: Any = SchemaGenerator
    return generator().get_schema(request=None, public=True)


@pytest.fixture
def signed_in() -> Client:
    make_country()
    person = make_user(username="sok", is_superuser=True)
    join(person, "cases.read", "cases.record", "cases.correct")
    record_case(by=person, reported=reported_case(case_id="C-1"))
    return Client(headers={"Authorization": f"Bearer {issue(user=person, name='script')[1]}"})


def operations(document: Any) -> list[tuple[str, str, Any]]:
    return [
        (path, method, operation)
        for path, result in document["paths"].items()
        for method, operation in result.items()
        if method in METHODS
    ]


def filled(path: str, operation: Any) -> str:
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            name = parameter["name"]
            thing = "1" if name == "id" else "C-1"
            if parameter["schema"].get("format") == "uuid":
                thing = "00000000-0000-4000-8000-000000000000"
            path = path.replace("{" + name + "}", thing)
    return path


def query_of(operation: Any) -> dict[str, Any]:
    return {p["name"]: p for p in operation.get("parameters", []) if p["in"] == "query"}


def needed(operation: Any) -> dict[str, str]:
    values = {"period": "2026-07", "indicator": "CA-P1", "provider_kind": "commune_hall"}
    return {n: values.get(n, "01") for n, p in query_of(operation).items() if p.get("required")}


def send(client: Client, method: str, path: str, query: dict[str, str], body: Any = None) -> Any:
    more = {} if method == "get" else {"data": json.dumps(body), "content_type": "application/json"}
    return getattr(client, method)(path, query_params=query, **more)


def test_there_is_something_to_walk(document: Any) -> None:
    assert len(operations(document)) >= 25
    assert "/api/v1/cases/{case_id}/void/" in document["paths"]


def test_an_unknown_parameter_is_refused_at_every_address(document: Any, signed_in: Client) -> None:
    for path, method, operation in operations(document):
        for name in ("comune", "Commune", "page_siz", "q" * 300, "²"):
            query = {**needed(operation), name: "010201"}
            answer = send(signed_in, method, filled(path, operation), query, {})
            assert answer.status_code == 400, (method, path, name, answer.status_code)
            assert name[:80] in answer.json()
    assert signed_in.get("/api/v1/cases/", {"comune": "010201"}).status_code == 400


def test_a_parameter_that_is_given_twice_is_refused(document: Any, signed_in: Client) -> None:
    asked = 0
    for path, method, operation in operations(document):
        for name in query_of(operation):
            answer = signed_in.generic(
                method.upper(), filled(path, operation), QUERY_STRING=f"{name}=1&{name}=2"
            )
            assert answer.status_code == 400, (method, path, name)
            assert name in answer.json()
            asked += 1
    assert asked > 50


def test_every_documented_parameter_is_taken(document: Any, signed_in: Client) -> None:
    for path, method, operation in operations(document):
        for name in query_of(operation):
            answer = send(signed_in, method, filled(path, operation), {name: "1"}, {})
            if answer.status_code == 400:
                assert "no such parameter" not in answer.content.decode(), (path, name)


NASTY: list[Any] = [
    *(None, [], {}, "x", 1, True, {"reason": "²"}, {"reason": "a\0b"}),
    *({"case_id": "12/2026"}, {"commune": "²" * 6}, {"fee_paid": 10**30}, {"age": "9" * 5000}),
    *({"asked_on": "0001-01-01"}, {"votes": [[]]}, {"seen_on": 5}, {"note": "\ud800"}),
    {"case_id": "C-1", "commune": "010201"},
]
WORDS = ("²", "9" * 5000, "10" * 15, "-1", "0001-01-01", "9999", "9999-12", "៣", "%00")


def test_only_documented_statuses_are_answered(document: Any, signed_in: Client) -> None:
    wrong = []

    def look(what: Any, operation: Any, answer: Any) -> None:
        if str(answer.status_code) not in operation["responses"]:
            wrong.append((what, answer.status_code))

    for path, method, operation in operations(document):
        place = filled(path, operation)
        visitor = Client()
        if method == "get":
            for name in query_of(operation):
                for word in WORDS:
                    query = {**needed(operation), name: word}
                    look((path, name, word[:12]), operation, signed_in.get(place, query))
            look((path, "visitor"), operation, visitor.get(place, needed(operation)))
            look((path, "cursor"), operation, visitor.get(place, {"cursor": "x"}))
            wanted = visitor.get(place, needed(operation), headers={"Accept": "text/csv"})
            look((path, "Accept"), operation, wanted)
            continue
        for body in NASTY:
            look(
                (path, method, str(body)[:20]), operation, send(signed_in, method, place, {}, body)
            )
        look((path, method, "visitor"), operation, send(visitor, method, place, {}, {}))
        for kind, text in (("application/json", b"{"), ("text/csv", b"a,b")):
            answer = getattr(signed_in, method)(place, data=text, content_type=kind)
            look((path, method, kind), operation, answer)
    assert not wrong, wrong


@pytest.mark.parametrize("name", ["12/2026", "ក/១២", "a/b/c", "no slash", "x?y=1&z#%"])
def test_a_case_of_any_name_is_recorded_read_corrected_and_voided(
    signed_in: Client, name: str
) -> None:
    from urllib.parse import quote

    body = {"case_id": name, "commune": "010201", "provider": HALL, "status": "open"}
    body |= {"service": "birth-registration", "asked_on": str(ASKED)}
    made = send(signed_in, "post", "/api/v1/cases/", {}, body)
    assert made.status_code == 201, made.content
    place = f"/api/v1/cases/{quote(made.json()['case_id'], safe='')}/"
    assert signed_in.get(place).json()["status"] == "open"
    changed = send(signed_in, "patch", place, {}, {"visits": 2, "reason": "asked again"})
    assert changed.json()["visits"] == 2
    gone = send(signed_in, "post", f"{place}void/", {}, {"reason": "a test"})
    assert gone.status_code == 200
    assert gone.json()["voided_at"] is not None


@pytest.mark.parametrize("name", [".", "..", "void", "A-1/void"])
def test_a_name_that_no_address_can_hold_is_refused(signed_in: Client, name: str) -> None:
    body = {"case_id": name, "commune": "010201", "service": "birth-registration"}
    answer = send(signed_in, "post", "/api/v1/cases/", {}, body)
    assert answer.status_code == 400
    assert "case_id" in answer.json()


def test_filters_take_the_words_that_a_post_takes(signed_in: Client) -> None:
    def cases_with(**query: str) -> list[str]:
        answer = signed_in.get("/api/v1/cases/", query)
        assert answer.status_code == 200, answer.content
        return [row["case_id"] for row in answer.json()["results"]]

    status = signed_in.get("/api/v1/cases/C-1/").json()["status"]
    assert status == "received"
    for word in ("received", "Received", "បានទទួល"):
        assert cases_with(status=word) == ["C-1"]
    assert cases_with(status="open") == cases_with(status="កំពុងរង់ចាំ") == []
    for commune in ("010201", "១០២០១", "10201", "10201.0"):
        assert cases_with(commune=commune) == ["C-1"]
    for day in (str(ASKED), f"{ASKED:%d/%m/%Y}"):
        assert cases_with(asked_from=day, asked_to=day) == ["C-1"]
    for name, word in (("status", "perhaps"), ("asked_from", "yesterday"), ("page_size", "²")):
        answer = signed_in.get("/api/v1/cases/", {name: word})
        assert answer.status_code == 400
        assert name in answer.json()
    assert signed_in.get("/api/v1/meetings/", {"kind": "party"}).status_code == 400
    assert signed_in.get("/api/v1/meetings/", {"kind": "សហគមន៍"}).status_code == 200


def model_serializers(
    kind: Any = serializers.ModelSerializer,
) -> Iterator[type[serializers.ModelSerializer[Any]]]:
    """Every serializer of ours that answers with the rows of a model."""
    _all_imported = get_resolver().url_patterns
    for one in kind.__subclasses__():
        if not one.__module__.startswith("rest_framework"):
            yield one
        yield from model_serializers(one)


def undocumented(serializer: Any) -> Iterator[str]:
    """Fields whose column may hold null, or no choice, though the document says otherwise."""
    for name, field in serializer().fields.items():
        model, may_be_null, column = serializer.Meta.model, False, None
        try:
            for part in field.source.split("."):
                column = model._meta.get_field(part)
                may_be_null |= column.null
                model = column.related_model or model
        except (FieldDoesNotExist, AttributeError):
            continue  # computed
        by_default = field.default is not empty or isinstance(field, serializers.BaseSerializer)
        if may_be_null and not field.allow_null and not by_default:
            yield f"{serializer.__name__}.{name} may be null"
        is_choice = isinstance(field, serializers.ChoiceField)
        if is_choice and getattr(column, "blank", False) and not field.allow_blank:
            yield f"{serializer.__name__}.{name} may be empty"


def test_the_document_says_where_an_answer_may_be_null_or_empty() -> None:
    every = list(model_serializers())
    assert len(every) > 8
    assert [wrong for one in every for wrong in undocumented(one)] == []


def test_a_field_that_hides_null_or_the_empty_choice_is_seen() -> None:
    from standards.models import Standard
    from surveys.models import Vote

    class Provider(serializers.ModelSerializer[Standard]):
        provider = serializers.SlugRelatedField(slug_field="code", read_only=True)  # type: ignore[var-annotated]

        class Meta:
            model = Standard
            fields = ("provider", "fee")

    class Sex(serializers.ModelSerializer[Vote]):
        class Meta:
            model = Vote
            fields = ("sex", "youth")
            read_only_fields = fields

    wrong = [*undocumented(Provider), *undocumented(Sex)]
    assert wrong == ["Provider.provider may be null", "Sex.sex may be empty"]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/v1/rounds/", {"facilitators": ["", "x" * 5000, None]}, "facilitators"),
        ("/api/v1/sessions/", {"handouts": [3, {"kind": []}]}, "handouts"),
        ("/api/v1/meetings/", {"votes": [{"score": []}, 7]}, "votes"),
        ("/api/v1/rounds/", {"agreed_on": "never"}, "agreed_on"),
    ],
)
def test_a_refusal_inside_a_list_is_as_documented(
    signed_in: Client, document: Any, path: str, body: dict[str, Any], field: str
) -> None:
    answer = send(signed_in, "post", path, {}, body)
    assert answer.status_code == 400, answer.content
    responses = document["paths"][path]["post"]["responses"]
    schema = responses["400"]["content"]["application/json"]["schema"]
    validate(answer.json(), schema)
    assert field in answer.json()
    with pytest.raises(ValidationError):
        validate({field: "one text"}, schema)
