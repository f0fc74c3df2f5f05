"""Pages in a real browser: in Khmer, on a phone, with a keyboard, without scripts.

The browser of the tests cannot reach other machines, and a request that tries fails the test.
"""

import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from dashboards.tests.country import PERIOD, make_country, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATIENCE = 20_000
"""Milliseconds for a condition to come true: a busy machine takes its time."""

expect.set_options(timeout=PATIENCE)
ENGLISH = {"locale": "en-GB", "extra_http_headers": {"Accept-Language": "en"}}


@pytest.fixture
def country(transactional_db):
    codes = make_country()
    # The first answer of a process imports pandas and scipy: no browser needs to wait for that.
    Client().get("/compare/")
    return codes


def is_wider_than_screen(page):
    return page.evaluate(
        "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )


def bring_to_life(page):
    figures = page.locator("[data-figure]:visible")
    for i in range(figures.count()):
        figure = figures.nth(i)
        figure.scroll_into_view_if_needed()
        expect(figure).to_have_attribute("data-state", "live")
    return figures


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_the_comparison_in_khmer_fits_the_screen_and_its_figures_come_alive(
    country, live_server, new_context, width
):
    page = new_context(viewport={"width": width, "height": 800}).new_page()
    page.goto(f"{live_server.url}/compare/")
    expect(page.get_by_role("heading", level=1)).to_have_text("ប្រៀបធៀបឃុំ សង្កាត់")
    assert not is_wider_than_screen(page)
    figures = bring_to_life(page)
    assert figures.count() == 1
    expect(page.locator(".js-plotly-plot")).to_have_count(1)
    # the map has a shape for each commune with a point, from our own server
    expect(page.locator("svg.area-map a")).to_have_count(31)
    expect(figures.first).to_contain_text("ឃុំល្អ1")
    assert not is_wider_than_screen(page)
    assert page.locator("a[href*='plot.ly'], a[data-title*='cloud' i]").count() == 0


def test_the_funnel_comes_only_when_an_analyst_opens_it(country, live_server, new_context):
    page = new_context(**ENGLISH).new_page()
    page.goto(f"{live_server.url}/compare/")
    funnel = page.locator("[data-figure*='figure=funnel']")
    assert bring_to_life(page).count() == 1
    expect(funnel).to_have_attribute("data-state", "still")
    page.get_by_text("For analysts").click()
    funnel.scroll_into_view_if_needed()
    expect(funnel.locator(".js-plotly-plot .scatterlayer .point").first).to_be_visible()


def test_without_scripts_everything_is_there(country, live_server, new_context):
    page = new_context(java_script_enabled=False, **ENGLISH).new_page()
    page.goto(f"{live_server.url}/compare/")
    expect(page.locator("svg.area-map")).to_be_visible()
    expect(page.locator("svg.track").first).to_be_visible()
    expect(page.locator("table.comparison tbody tr")).to_have_count(25)
    page.get_by_label("Province").select_option(label="Province 02")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("table.comparison tbody tr")).to_have_count(1)
    assert "province=02" in page.url


def test_a_choice_by_keyboard_changes_the_page_in_place_and_the_address(
    country, live_server, new_context
):
    page = new_context(**ENGLISH).new_page()
    page.goto(f"{live_server.url}/compare/")
    page.get_by_label("Province").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("table.comparison tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("province=02"))
    expect(page.get_by_label("Province")).to_have_value("02")
    bring_to_life(page)
    page.go_back()
    expect(page.locator("table.comparison tbody tr")).to_have_count(25)


def test_the_keyboard_reaches_every_heading_row_and_download(country, live_server, new_context):
    page = new_context(**ENGLISH).new_page()
    page.goto(f"{live_server.url}/compare/")
    heading = page.get_by_role("columnheader", name="Met / judged").get_by_role("link")
    heading.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("sort=judged"))
    sorted_by = page.get_by_role("columnheader", name="Met / judged")
    expect(sorted_by).to_have_attribute("aria-sort", "ascending")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download this table (CSV)").press("Enter")
    assert saved.value.suggested_filename == f"compare-{PERIOD}-commune-CA-C1.csv"


def test_when_plotly_does_not_arrive_the_first_drawing_stays(country, live_server, new_context):
    context = new_context(**ENGLISH)
    context.route("**/plotly-*.js", lambda route: route.abort())
    page = context.new_page()
    page.goto(f"{live_server.url}/compare/")
    expect(page.locator("[data-figure]").first).to_have_attribute("data-state", "failed")
    expect(page.locator("ol.dots")).to_be_visible()


def test_on_a_thrifty_connection_nothing_heavy_comes_unasked(country, live_server, new_context):
    context = new_context(**ENGLISH)
    context.add_init_script(
        "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"
    )
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(f"{live_server.url}/compare/")
    button = page.get_by_role("button", name="Open the interactive chart").first
    expect(button).to_be_visible()
    assert not [url for url in asked if "plotly" in url or ".json" in url]
    button.press("Enter")
    expect(page.locator("[data-figure]").first).to_have_attribute("data-state", "live")


def test_the_marks_of_a_live_chart_say_their_numbers_and_open_the_commune(
    country, live_server, new_context
):
    page = new_context(viewport={"width": 1400, "height": 900}, **ENGLISH).new_page()
    page.goto(f"{live_server.url}/compare/?sort=share")
    bring_to_life(page)
    page.locator(".js-plotly-plot .point").first.click(force=True)
    expect(page).to_have_url(re.compile(r"/communes/\d{6}/"))


@pytest.mark.parametrize("width", [360, 1400])
def test_a_councillor_reads_the_scorecard_in_khmer(
    country, live_server, new_context, sign_in, width
):
    context = new_context(viewport={"width": width, "height": 800})
    sign_in(context, person("council", "010202"))
    page = context.new_page()
    page.goto(f"{live_server.url}/communes/010202/")
    expect(page.locator(".wording").first).to_contain_text("៧៨ នាក់ ក្នុងចំណោម ១០០ នាក់")
    assert not is_wider_than_screen(page)


def test_a_service_is_closed_until_asked_for_by_keyboard_and_open_on_paper(
    country, live_server, new_context
):
    page = new_context(viewport={"width": 360, "height": 800}, **ENGLISH).new_page()
    page.goto(f"{live_server.url}/communes/010202/?period={PERIOD}")
    service = page.locator("#commune-birth-registration")
    expect(service.locator("summary").first).to_contain_text("78 of 100 paid no more")
    law = service.get_by_text("Law on Civil Registration").first
    expect(law).to_be_hidden()
    page.emulate_media(media="print")
    expect(law).to_be_visible()
    expect(page.get_by_text("everybody had been asked").first).to_be_visible()
    expect(page.get_by_text("How this was counted").first).to_be_hidden()
    page.emulate_media(media="screen")
    service.locator("summary").first.press("Enter")
    expect(law).to_be_visible()
    assert not is_wider_than_screen(page)


def test_the_map_grows_by_keys_and_buttons_and_tells_each_place(country, live_server, new_context):
    page = new_context(viewport={"width": 800, "height": 900}, **ENGLISH).new_page()
    page.goto(f"{live_server.url}/compare/?level=province")
    frame, drawn = page.locator(".map-frame"), page.locator("svg.area-map")
    value = drawn.get_attribute("viewBox")
    expect(page.get_by_role("button", name="Zoom in")).to_be_visible()
    frame.focus()
    page.keyboard.press("+")
    closer = drawn.get_attribute("viewBox")
    assert float(closer.split()[2]) < float(value.split()[2])
    page.keyboard.press("ArrowRight")
    assert float(drawn.get_attribute("viewBox").split()[0]) > float(closer.split()[0])
    page.get_by_role("button", name="Whole map").click()
    assert drawn.get_attribute("viewBox") == value
    page.keyboard.press("Tab")  # from the last button on; then back to the first place
    drawn.locator("a").first.focus()
    element = page.locator("[data-place-sentence]")
    expect(element).to_contain_text("Province 01: about 2,300 of 2,880 met the standard")
    element.get_by_role("link").click()
    expect(page).to_have_url(re.compile("province=01"))


@pytest.mark.parametrize("width", [360, 1400])
def test_a_donor_sees_the_provinces_as_tiles(country, live_server, new_context, sign_in, width):
    context = new_context(viewport={"width": width, "height": 800}, **ENGLISH)
    sign_in(context, person("donor"))
    page = context.new_page()
    page.goto(f"{live_server.url}/donor/provinces/")
    bring_to_life(page)
    assert not is_wider_than_screen(page)
    page.get_by_title(re.compile("^Province 01: about 2,300 of 2,880")).click()
    expect(page).to_have_url(re.compile("province=01"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare communes")


def test_another_kind_of_provider_brings_its_own_services_and_indicators(
    country, live_server, new_context
):
    page = new_context(**ENGLISH).new_page()
    page.goto(f"{live_server.url}/compare/?service=birth-registration")
    page.get_by_label("Kind of provider").select_option("police")
    expect(page.get_by_label("Service").locator("option")).to_have_text(
        ["All services together", "Identity card"]
    )
    expect(page.get_by_text("is not a service of this kind of provider")).to_be_visible()
    expect(page).to_have_url(re.compile("kind=police"))
