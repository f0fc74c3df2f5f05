"""Choosing a place: by typing, by keyboard, and without any script."""

import pytest
from django import forms
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from config.urls import urlpatterns as all_of_them
from places.fields import PlaceField, render_picker
from places.gazetteer import search_text
from places.models import Kind, Level, Place


class CommuneForm(forms.Form):
    """A page with nothing but a commune to choose."""

    commune = PlaceField(level="commune", label="Commune")


PAGE = """{% extends "pages/base.html" %}{% block content %}
<form method="get">{{ picker }}<button type="submit">Send</button></form>
<p id="told">{{ told }}</p>{% endblock %}
{% block scripts %}{% include "places/_picker_scripts.html" %}{% endblock %}"""


def choose(request: HttpRequest) -> HttpResponse:
    """The form, and the place that the server has read."""
    form = CommuneForm(request.GET) if "commune" in request.GET else CommuneForm()
    commune = form.cleaned_data["commune"] if form.is_bound and form.is_valid() else ""
    context = {"picker": render_picker(form["commune"]), "told": commune}
    return HttpResponse(engines["django"].from_string(PAGE).render(context, request))


urlpatterns = [path("choose/", choose), path("", include(all_of_them))]


def make_places() -> None:
    for code, level, kind, km, latin in (
        ("01", Level.PROVINCE, Kind.KHET, "បន្ទាយមានជ័យ", "Banteay Meanchey"),
        ("0102", Level.DISTRICT, Kind.SROK, "មង្គលបូរី", "Mangkul Bourei"),
        ("010201", Level.COMMUNE, Kind.KHUM, "បន្ទាយនាង", "Banteay Neang"),
        ("010202", Level.COMMUNE, Kind.KHUM, "បត់ត្រង់", "Bat Trang"),
    ):
        Place.objects.create(
            code=code, level=level, kind=kind, name_km=km, name_latin=latin,
            parent_id=code[:-2] or None, search=search_text(km, latin),
        )  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "code"),
    [("010201", "010201"), ("០១០២០១ ឃុំបន្ទាយនាង", "010201"), ("bat trang", "010202")],
)
def test_the_field_reads_codes_and_whole_names(typed, code):
    make_places()
    form = CommuneForm({"commune": typed})
    assert form.is_valid(), form.errors
    assert form.cleaned_data["commune"].code == code


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["0102", "banteay", "nowhere", "", "x" * 200])
def test_the_field_refuses_what_is_not_certain_in_a_sentence(typed):
    make_places()
    form = CommuneForm({"commune": typed})
    assert not form.is_valid()
    assert form.errors["commune"][0].endswith((".", "។"))


@pytest.mark.browser
@pytest.mark.urls("tests.test_place_picker")
@pytest.mark.django_db(transaction=True)
class TestInABrowser:
    """The combobox as a person with a keyboard, a finger, or no script meets it."""

    @pytest.fixture(autouse=True)
    def _places(self):
        make_places()

    def test_arrows_and_enter_choose(self, live_server, page):
        page.goto(f"{live_server.url}/choose/")
        field = page.get_by_role("combobox")
        field.press_sequentially("បន្ទាយ")
        page.get_by_role("option").first.wait_for()
        assert field.get_attribute("aria-expanded") == "true"
        field.press("ArrowDown")
        active = field.get_attribute("aria-activedescendant")
        assert page.locator(f"#{active}").get_attribute("aria-selected") == "true"
        field.press("Enter")
        assert field.input_value() == "010201 ឃុំបន្ទាយនាង"
        assert page.get_by_role("option").count() == 0
        page.get_by_role("button", name="Send").click()
        page.wait_for_url("**commune=**")
        assert page.locator("#told").inner_text() == "010201 Banteay Neang"

    def test_escape_closes_and_a_click_chooses(self, live_server, page):
        page.goto(f"{live_server.url}/choose/")
        field = page.get_by_role("combobox")
        field.press_sequentially("ba")
        page.get_by_role("option").nth(1).wait_for()
        field.press("Escape")
        assert field.get_attribute("aria-expanded") == "false"
        field.press("ArrowDown")
        page.get_by_role("option").filter(has_text="010202").click()
        assert field.input_value().startswith("010202 ")

    def test_no_match_is_said(self, live_server, page):
        page.goto(f"{live_server.url}/choose/")
        page.get_by_role("combobox").press_sequentially("xyz")
        page.locator(".place-picker__note").wait_for()
        assert page.get_by_role("status").inner_text()

    def test_it_works_without_javascript(self, live_server, new_context):
        page = new_context(java_script_enabled=False).new_page()
        page.goto(f"{live_server.url}/choose/")
        page.get_by_role("textbox").fill("Bat Trang")
        page.get_by_role("button", name="Send").click()
        assert page.locator("#told").inner_text() == "010202 Bat Trang"
