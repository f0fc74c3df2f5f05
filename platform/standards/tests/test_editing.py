"""The pages on which standards change: a preview first, two different actions, nothing lost."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role, User
from audit.models import Entry
from standards.book import standard_for
from standards.models import Document, Indicator, Service, Standard
from standards.tests.factories import document, place, provider, service, standard

pytestmark = pytest.mark.django_db

TERMS = {
    "fee": "",
    "currency": "KHR",
    "fee_unit": "",
    "fee_concession": "",
    "days_max": "",
    "day_kind": "",
    "valid_years": "",
    "source": "",
    "checked_on": "",
    "legal_basis_km": "",
    "legal_basis_en": "",
    "completeness_km": "",
    "completeness_en": "",
    "reason": "Sub-decree 5",
}


def editor_of(client: Client, at: str = "") -> User:
    """Somebody signed in who edits standards at a place (everywhere where none is named)."""
    user = User.objects.create_user(f"editor{at}", "a long pass phrase", language="en")
    role, _made = Role.objects.get_or_create(code="editor", permissions=["standards.edit"])
    Membership.objects.create(user=user, role=role, place=place(at) if at else None)
    client.force_login(user)
    return user


@pytest.fixture
def english(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def copy() -> Standard:
    return standard(
        service("certified-copy"),
        fee=1000,
        fee_unit="sheet",
        days_max=3,
        day_kind="working",
        valid_from=date(2017, 2, 8),
    )


def send(client: Client, name: str, key: Any, **values: Any) -> Any:
    address = reverse(f"standards:{name}", args=[] if key is None else [key])
    return client.post(address, TERMS | values)


def next_month() -> date:
    return (timezone.localdate().replace(day=1) + timedelta(days=32)).replace(day=1)


def test_a_price_from_next_month_is_shown_then_confirmed(english, copy):
    editor_of(english)
    page = english.get(reverse("standards:succeed", args=[copy.pk])).content.decode()
    assert next_month().strftime("%d/%m/%Y") in page
    sent = {"starts_on": next_month().isoformat(), "fee": "1,500", "fee_unit": "sheet"}
    preview = send(english, "succeed", copy.pk, **sent).content.decode()
    assert "Nothing is saved yet" in preview
    assert "1,500" in preview
    for reached in ("Cases", "Hotline", "Posters", "Tablets"):
        assert reached in preview
    assert Standard.objects.count() == 1
    back = send(english, "succeed", copy.pk, **sent, back="1").content.decode()
    assert 'value="1,500"' in back
    answer = send(english, "succeed", copy.pk, **sent, confirm="1")
    assert answer.status_code == 302
    today = timezone.localdate()
    rows = [standard_for(copy.service, "standard", None, day) for day in (today, next_month())]
    assert [row and row.fee for row in rows] == [1000, 1500]
    assert Entry.objects.filter(verb="standard.added", reason="Sub-decree 5").exists()


def test_a_correction_says_that_cases_are_judged_again_and_keeps_the_days(english, copy):
    editor_of(english)
    sent = {"fee": "១.២០០", "fee_unit": "sheet", "valid_from": "8/2/2017"}
    preview = send(english, "correct", copy.pk, **sent).content.decode()
    assert "1,200" in preview
    assert "all days" in preview or "from 08/02/2017 on" in preview
    send(english, "correct", copy.pk, **sent, confirm="1")
    row = Standard.objects.current().get()
    assert (row.fee, row.valid_from, row.days_max) == (1200, date(2017, 2, 8), None)


def test_a_correction_cannot_move_the_first_day_to_next_month(english, copy):
    editor_of(english)
    answer = send(english, "correct", copy.pk, fee="1500", valid_from=next_month().isoformat())
    assert answer.status_code == 422
    assert "New price from" in answer.content.decode()
    assert Standard.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("fee", "1000000000"),
        ("fee", "9" * 30),
        ("fee", "-5"),
        ("fee", "1.5"),
        ("fee_concession", "2000"),
        ("days_max", "3651"),
        ("days_max", "²"),
        ("valid_years", "101"),
        ("starts_on", "1/1/0001"),
        ("starts_on", "2017-02-08"),
        ("starts_on", "soon"),
        ("currency", "EUR"),
        ("papers", "999999"),
        ("reason", " "),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_a_sentence_and_nothing_is_lost(
    english, copy, field, value
):
    editor_of(english)
    sent = {"starts_on": next_month().isoformat(), "fee": "1500", "source": "the notice board"}
    answer = send(english, "succeed", copy.pk, **sent | {field: value}, confirm="1")
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert "the notice board" in answer.content.decode()
    assert Standard.objects.count() == 1


def test_twelve_million_riel_is_a_price_like_any_other(english, copy):
    editor_of(english)
    sent = {"starts_on": next_month().isoformat(), "fee": "១២.០០០.០០០"}
    send(english, "succeed", copy.pk, **sent, confirm="1")
    assert Standard.objects.current().filter(fee=12_000_000).exists()


def test_who_had_the_page_open_meanwhile_is_told_and_sees_what_is_in_force(english, copy):
    editor_of(english)
    sent = {"starts_on": next_month().isoformat(), "fee": "1500"}
    for _twice in range(2):
        answer = send(english, "succeed", copy.pk, **sent, confirm="1")
    answer = english.get(answer["Location"])
    assert "Someone else has changed this meanwhile" in answer.content.decode()
    assert Standard.objects.current().count() == 2


def test_a_typo_in_a_list_of_documents_is_corrected_where_it_stands(english, copy):
    editor_of(english)
    paper = document("letter")
    sent = {"name_km": "លិខិត", "name_en": "Letter of the village chief", "reason": "typo"}
    assert send(english, "edit_document", "letter", **sent).status_code == 302
    paper.refresh_from_db()
    assert (paper.name_en, paper.code) == ("Letter of the village chief", "letter")
    sent = {"fee": "1000", "fee_unit": "sheet", "papers": [paper.pk], "documents_known": "on"}
    send(english, "correct", copy.pk, valid_from="8/2/2017", **sent, confirm="1")
    row = Standard.objects.current().get()
    assert [r.document for r in row.required.all()] == [paper]
    assert row.documents_known
    page = english.get(reverse("standards:edit_service", args=["certified-copy"])).content.decode()
    assert "Letter of the village chief" in page


def test_an_option_gets_a_name_and_then_terms_of_its_own(
    english, copy, django_capture_on_commit_callbacks
):
    editor_of(english)
    sent = {"name_km": "នៅផ្ទះ", "name_en": "at home", "code": "at-home"}
    with django_capture_on_commit_callbacks(execute=True):
        assert send(english, "add_option", None, **sent).status_code == 302
    terms = {"option": "at-home", "fee": "3000", "days_max": "2", "day_kind": "working"}
    since = {"valid_from": "1/1/2026", "documents_known": "on"}
    send(english, "add_standard", "certified-copy", **terms, **since, confirm="1")
    page = english.get("/services/certified-copy/").content.decode()
    assert "at home" in page
    with django_capture_on_commit_callbacks(execute=True):
        changed = {"name_km": "តាមផ្ទះ", "name_en": "at your home", "code": "other"}
        assert send(english, "edit_option", "at-home", **changed).status_code == 302
    assert "at your home" in english.get("/services/certified-copy/").content.decode()
    again = send(english, "add_option", None, **sent)
    assert again.status_code == 422, "its code is taken"


def test_withdrawing_and_taking_back_are_confirmed_too(english, copy):
    editor_of(english)
    sent = {"starts_on": next_month().isoformat(), "fee": "1500"}
    send(english, "succeed", copy.pk, **sent, confirm="1")
    new = Standard.objects.current().get(fee=1500)
    assert "Nothing is saved yet" in send(english, "take_back", new.pk).content.decode()
    send(english, "take_back", new.pk, confirm="1")
    row = Standard.objects.current().get()
    assert (row.fee, row.valid_to) == (1000, None)
    preview = send(english, "withdraw", row.pk, from_day=next_month().isoformat())
    assert "Nothing is saved yet" in preview.content.decode()
    send(english, "withdraw", row.pk, from_day=next_month().isoformat(), confirm="1")
    assert standard_for(copy.service, "standard", None, next_month()) is None
    assert standard_for(copy.service, "standard", None, timezone.localdate()) is not None


def test_a_service_an_option_and_an_indicator_are_added_and_changed(english):
    editor_of(english)
    sent = {
        "name_km": "សេវាថ្មី",
        "name_en": "New service",
        "code": "new-service",
        "provider_kind": "commune",
        "note_km": "",
        "note_en": "",
        "position": "៥",
        "retired_on": "",
        "reason": "asked for",
    }
    assert english.post(reverse("standards:add_service"), sent).status_code == 302
    result = Service.objects.get(code="new-service")
    assert result.position == 5
    send(
        english, "add_standard", "new-service", option="fast", fee="20", currency="USD", confirm="1"
    )
    row = Standard.objects.get(service=result)
    assert (row.option, row.fee, row.currency) == ("fast", 20, "USD")
    send(english, "service_form", "new-service", **sent | {"name_en": "Renamed", "code": "x"})
    result.refresh_from_db()
    assert (result.name_en, result.code) == ("Renamed", "new-service")
    Indicator.objects.create(
        code="CA-C1", kind="compliance", provider_kinds=["commune"], name_km="ក", name_en="Fee",
        measured_as_km="ក", measured_as_en="as told",
    )  # fmt: skip
    words = {"name_km": "ក", "measured_as_km": "ក", "measured_as_en": "as told"}
    send(english, "edit_indicator", "CA-C1", **words, name_en="Official fee")
    assert Indicator.objects.get().name_en == "Official fee"


def test_a_provinces_editor_changes_fees_posted_there_and_no_national_price(english, copy):
    visit = service("outpatient", "health_centre", fee_by_provider=True)
    here = provider("hc-1", "health_centre", "010201")
    there = provider("hc-2", "health_centre", "020101")
    mine = standard(visit, provider=here, fee=2000, valid_from=date(2025, 1, 1))
    theirs = standard(visit, provider=there, fee=2000, valid_from=date(2025, 1, 1))
    editor_of(english, "01")
    assert english.get(reverse("standards:edit_services")).status_code == 200
    page = english.get(reverse("standards:edit_service", args=["outpatient"])).content.decode()
    assert reverse("standards:succeed", args=[mine.pk]) in page
    assert reverse("standards:succeed", args=[theirs.pk]) not in page
    for pk in (copy.pk, theirs.pk):
        for name in ("succeed", "correct", "withdraw", "take_back"):
            assert send(english, name, pk, confirm="1").status_code == 403
    assert english.get(reverse("standards:add_service")).status_code == 403
    sent = {"starts_on": next_month().isoformat(), "fee": "2500", "confirm": "1"}
    assert send(english, "succeed", mine.pk, **sent).status_code == 302
    assert standard_for(visit, "standard", here, next_month()).fee == 2500


def test_many_posted_fees_are_shown_by_the_page_and_found_by_name(english):
    editor_of(english)
    visit = service("outpatient", "health_centre", fee_by_provider=True)
    for number in range(60):
        office = provider(f"hc-{number:02}", "health_centre", "010201", name_en=f"Centre {number}!")
        standard(visit, provider=office, fee=number, valid_from=date(2025, 1, 1))
    address = reverse("standards:edit_service", args=["outpatient"])
    assert english.get(address).content.decode().count("Centre") < 300
    body = english.get(address, {"q": "Centre 7!"}).content.decode()
    assert "Centre 7!" in body
    assert "Centre 8!" not in body
    assert english.get(address, {"q": "²"}).status_code == 200


def test_the_history_says_before_and_after_in_words(english, copy):
    editor_of(english)
    paper = document("letter")
    sent = {"fee": "0", "papers": [paper.pk], "valid_from": "8/2/2017"}
    send(english, "correct", copy.pk, **sent, confirm="1")
    page = english.get(reverse("standards:edit_service", args=["certified-copy"])).content.decode()
    for words in ("free of charge", "1,000", "Sub-decree 5", "editor", paper.name_en):
        assert words in page
    assert Document.objects.count() == 1
