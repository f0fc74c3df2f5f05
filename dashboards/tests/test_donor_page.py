"""The donor's page and a programme's page: every question is answered, from released figures."""

import csv
import io
import re
from dataclasses import replace
from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.utils.translation import override

from accounts.models import Programme
from accounts.tests.factories import make_programme, make_user
from dashboards.audiences.donor.compliance import AMONG, GroupGap, groups_answer
from dashboards.tests.country import PERIOD, make_country, person, put_score, release
from scorecards.reading import released_totals
from scorecards.targets import set_target

pytestmark = pytest.mark.django_db
QUESTIONS = (
    "Where are there figures, and where not?",
    "Do services keep to the standard?",
    "Also for women, IDPoor and minorities?",
    "How many people took part or were informed?",
    "Are plans carried out?",
    "By programme: are targets reached?",
)


def donor(**options):
    client = Client(headers={"accept-language": "en"}, **options)
    client.force_login(person("donor"))
    return client


def text_of(answer):
    main = answer.content.decode().split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


@pytest.fixture
def country(db):
    make_country()
    put_score("", 1200, 2400, period="2025-Q2")
    put_score("01", 1200, 2400, period="2025-Q2")
    release("2025-Q2")


def test_every_question_of_a_donor_is_answered(country):
    page = text_of(donor().get("/donor/"))
    for question in QUESTIONS:
        assert question in page
    assert "2 of 2 provinces have figures of most communes, 0 of some; in 0 there are too" in page
    assert "Best kept: Official fee respected (80%)" in page
    assert "Against 2025: 1 better, 0 worse, of 1 compared." in page
    assert "30 points better" in page
    assert "No session and no meeting is recorded yet." in page
    assert "No action is agreed yet." in page


def test_a_year_sums_its_released_quarters_and_compares_those_of_both_years(country):
    cells = released_totals.quarterly(released_totals.releases()[1])
    rows = released_totals.yearly(cells)
    nation = rows[(rows["place_code"] == "") & (rows["indicator"] == "CA-C1")].set_index("year")
    assert nation.loc[2026, "quarters"] == "Q1 Q2"
    assert nation.loc[2026, "judged"] == 6000
    # the first quarter has none of 2025 beside it: 2400 of 3000 against 1200 of 2400
    assert nation.loc[2026, "change"] == pytest.approx(0.8 - 0.5)
    assert nation.loc[2026, "arrow"] == "up"
    assert nation.loc[2025, "arrow"] == ""


def test_fewer_than_ten_and_exact_working_figures_are_never_on_the_page(country):
    for role in ("donor", "coordinator"):
        client = Client(headers={"accept-language": "en"})
        client.force_login(person(role, username=f"x-{role}"))
        for address in ("/donor/", "/donor/indicators.csv"):
            body = client.get(address).content.decode()
            assert not [n for n in ("3 of 7", ",3,7", "0.4286", "43%") if n in body]


def test_before_anything_is_released_the_page_says_so_and_still_has_people_and_plans(db):
    page = text_of(donor().get("/donor/"))
    assert "Nothing has been published yet." in page
    assert "How many people took part or were informed?" in page


def test_an_address_that_is_not_understood_is_said_in_words(country):
    page = text_of(donor().get("/donor/?kind=palace&year=1850"))
    assert "There is no kind of provider “palace”." in page
    assert "No figures for the period “1850”." in page


@pytest.fixture
def programme(country):
    result = make_programme("fair-fees", "01")
    boss = make_user(username="boss", is_superuser=True)
    for year, value in ((2026, 70), (2025, 90)):
        set_target(by=boss, programme=result, year=year, measure="commune/CA-C1", value=value)
    set_target(by=boss, programme=result, year=2026, measure="people_informed", value=100)
    return result


def test_a_programme_stands_beside_its_targets(programme):
    client = donor()
    page = text_of(client.get("/programmes/fair-fees/"))
    assert "Commune hall: Official fee respected" in page
    assert "70% 80% ▲ reached" in page
    assert "90% 50% ▼ not reached" in page
    assert "from 1 of 1 provinces" in page
    assert "Set targets" not in page
    assert "Targets reached: 1 of 3. Clearly not reached: 2." in text_of(client.get("/donor/"))


def test_a_programme_that_is_not_ones_own_is_not_found(programme):
    other = make_programme("other", "02")
    user = person("donor", username="bound")
    user.memberships.update(programme=other)
    client = Client()
    client.force_login(user)
    assert client.get("/programmes/fair-fees/").status_code == 404
    assert client.get("/programmes/other/").status_code == 200
    assert Programme.objects.count() == 2


def test_all_indicators_are_in_one_file_with_the_figures_of_the_page(programme):
    client = donor()
    raw = client.get("/donor/indicators.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(raw)))
    parts = {row["part"] for row in rows}
    assert {"services_by_year", "services_by_quarter", "people", "actions"} <= parts
    assert {"world_bank", "targets"} <= parts
    nation = next(
        r for r in rows if r["part"] == "services_by_year" and not r["place_code"]
        and r["measure"] == "CA-C1" and r["period"] == "2026"
    )  # fmt: skip
    assert (nation["value"], nation["change"], nation["arrow"]) == ("0.8", "0.3", "up")
    assert any(r["period"] == PERIOD for r in rows)
    book = openpyxl.load_workbook(BytesIO(client.get("/donor/indicators.xlsx").content))
    sheet = book.worksheets[0]
    assert sheet.max_row == len(rows) + 1
    assert [cell.value for cell in sheet[1]] == list(rows[0])
    assert client.get("/donor/indicators.pdf").status_code == 404


def test_groups_of_which_too_few_voted_are_named() -> None:
    """The answer about the groups shown must not be read as one about all of them."""
    women = GroupGap(among="women", label="Women", cells=(), lower=0, measured=5)
    with override("en"):
        answer = groups_answer([women])
        assert answer.startswith("No group of voters shown is clearly less satisfied")
        few = answer.partition("Too few voters to show: ")[2]
        assert few == "; ".join(str(AMONG[name]) for name in AMONG if name != "women") + "."
        everybody = [replace(women, among=name) for name in AMONG]
        assert "Too few" not in groups_answer(everybody)
