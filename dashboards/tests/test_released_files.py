"""Released figures at addresses of their own: one answer in every form, kept until a release."""

import csv
import gzip
import io
import json
import xml.etree.ElementTree as ET
from io import BytesIO

import hxl
import openpyxl
import pytest
from django.test import Client
from PIL import Image

from dashboards import released_files
from dashboards.charts.standalone import wrapped
from dashboards.tests.country import PERIOD, make_country, person, put_score, release
from scorecards.reading import service_experience

pytestmark = pytest.mark.django_db
WHERE = f"/released/en/{PERIOD}/commune/CA-C1/all"


@pytest.fixture(autouse=True)
def _country(db):
    released_files.forget()
    make_country()
    yield
    released_files.forget()


def rows_of(answer):
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_every_form_holds_exactly_the_rows_of_the_page():
    client = Client()
    page = client.get(f"{WHERE}/commune/all").content.decode()
    payload = client.get(f"{WHERE}/commune/all.json").json()
    assert len(payload["rows"]) == 30
    assert page.count('<tr><th scope="row"') == 30
    saved = rows_of(client.get(f"{WHERE}/commune/all.csv"))
    assert [row["Code"] for row in saved] == [row["code"] for row in payload["rows"]]
    for line, row in zip(saved, payload["rows"], strict=True):
        assert float(line["Share"]) == pytest.approx(row["share"], abs=1e-4)
        assert f"{row['share']:.0%}" in page
    book = openpyxl.load_workbook(BytesIO(client.get(f"{WHERE}/commune/all.xlsx").content))
    cells = list(book.worksheets[0].values)
    assert [row[0] for row in cells[1:]] == [row["code"] for row in payload["rows"]]
    about = client.get(f"{WHERE}/commune/all.metadata.json").json()
    assert set(about["columns"]) == set(cells[0])
    assert set(payload["rows"][0]) == set(about["columns"])
    assert about["citation"].startswith("Keep its word (2026): Official fee respected")
    drawing = client.get(f"{WHERE}/commune/all.svg").content.decode()
    assert drawing.count("<circle") + drawing.count("<path") == 30
    assert drawing in page
    picture = Image.open(BytesIO(client.get(f"{WHERE}/commune/all.png").content))
    assert picture.width == 1600


@pytest.mark.parametrize("level", ["province", "district", "commune"])
def test_humanitarian_tools_read_the_rows_by_their_hashtags(level):
    """Read by libhxl, the reference library of the Humanitarian Exchange Language."""
    answer = Client().get(f"{WHERE}/{level}/all.hxl.csv")
    rows = Client().get(f"{WHERE}/{level}/all.json").json()["rows"]
    source = hxl.data(io.BytesIO(answer.content), hxl.InputOptions(allow_local=True))
    number = {"province": 1, "district": 2, "commune": 3}[level]
    read = [
        (row.get(f"#adm{number}+code"), row.get("#indicator+share-min-max"), row.get("#date"))
        for row in source
    ]
    assert rows
    assert read == [
        (row["code"], "" if row["share"] is None else str(row["share"]), PERIOD) for row in rows
    ]
    assert source.validate()


def test_what_too_few_people_said_is_in_no_form():
    for suffix in ("", ".csv", ".hxl.csv", ".json", ".svg", ".metadata.json"):
        for level in ("commune", "province", "district"):
            body = Client().get(f"{WHERE}/{level}/all{suffix}").content.decode()
            assert not [n for n in ("3 of 7", ",3,7,", "0.4286", "43%") if n in body]
            assert "010204" not in body


def test_who_asks_makes_no_difference():
    visitor = Client().get(f"{WHERE}/commune/all.json").content
    released_files.forget()
    coordinator = Client()
    coordinator.force_login(person("coordinator"))
    assert coordinator.get(f"{WHERE}/commune/all.json").content == visitor


def test_a_second_viewer_costs_no_query_and_an_unchanged_figure_is_not_sent_again(
    django_assert_num_queries,
):
    first = Client().get(f"{WHERE}/province/all.json")
    assert first["Cache-Control"] == "public, max-age=300"
    assert first["Access-Control-Allow-Origin"] == "*"
    with django_assert_num_queries(0):
        again = Client().get(f"{WHERE}/province/all.json")
        unchanged = Client().get(
            f"{WHERE}/province/all.json", headers={"if-none-match": first["ETag"]}
        )
    assert again.content == first.content
    assert unchanged.status_code == 304
    assert not unchanged.content
    assert unchanged["ETag"] == first["ETag"]


def test_an_answer_travels_packed_to_those_who_unpack_it():
    plain = Client().get(f"{WHERE}/commune/all.json")
    packed = Client().get(f"{WHERE}/commune/all.json", headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert packed["ETag"] == plain["ETag"]
    assert packed["Vary"] == "Accept-Encoding"
    picture = Client().get(f"{WHERE}/province/all.png", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in picture


def test_a_new_release_brings_a_new_answer():
    client = Client()
    before = client.get(f"{WHERE}/commune/all.json")
    release(PERIOD, {"010205": {"numerator": 99, "denominator": 99, "share": 1.0}})
    released_files.forget()  # five seconds later
    after = client.get(f"{WHERE}/commune/all.json")
    assert after["ETag"] != before["ETag"]


def test_another_site_may_frame_the_page_and_nothing_else_of_ours():
    page = Client().get(f"{WHERE}/province/all")
    assert "frame-ancestors *" in page["Content-Security-Policy"]
    assert "X-Frame-Options" not in page
    assert '&lt;iframe src="http://testserver/released/en/' in page.content.decode()
    assert "frame-ancestors 'none'" in Client().get("/compare/")["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path",
    [
        "fr/2026-Q2/commune/CA-C1/all/commune/all",
        "en/2030-Q1/commune/CA-C1/all/commune/all",
        "en/2026-Q2/palace/CA-C1/all/commune/all",
        "en/2026-Q2/commune/XX/all/commune/all",
        "en/2026-Q2/commune/CA-C1/flying/commune/all",
        "en/2026-Q2/commune/CA-C1/all/village/all",
        "en/2026-Q2/commune/CA-C1/all/commune/77",
        "en/2026-Q2/commune/CA-C1/all/commune/all.exe",
    ],
)
def test_what_is_not_released_is_not_found(path):
    assert Client().get(f"/released/{path}").status_code == 404


def test_releases_are_a_feed():
    feed = ET.fromstring(Client().get("/released/en/feed.xml").content)
    titles = [item.findtext("title") for item in feed.iter("item")]
    assert sorted(titles) == ["New figures: Quarter 1, 2026", "New figures: Quarter 2, 2026"]


def test_the_page_of_a_service_says_what_citizens_experienced():
    page = Client(headers={"accept-language": "en"}).get("/services/birth-registration/")
    body = page.content.decode()
    assert "What citizens really experienced" in body
    assert "80%, likely between" in body
    assert "about 2,400 of 3,000 people, rounded to protect privacy" in body
    khmer = Client(headers={"accept-language": "km"}).get("/services/birth-registration/")
    assert "២.៤០០" in khmer.content.decode()
    other = Client().get("/services/certified-copy/").content.decode()
    assert 'id="experienced"' not in other


def test_a_year_of_experience_ends_with_the_newest_release_and_has_four_quarters():
    put_score("", 300, 1000, period="2025-Q1", service="birth-registration")
    release("2025-Q1")
    rows = service_experience.released("birth-registration", "commune")
    assert [(row["rule"], row["met"], row["first"]) for row in rows] == [("fee", 2400, PERIOD)]


def test_khmer_lines_break_at_blanks_or_between_syllables():
    text = "បង់ថ្លៃតាមតម្លៃផ្លូវការ៖ សេវាទាំងអស់រួមគ្នា, ត្រីមាសទី៣ ឆ្នាំ២០២៦ " * 3
    lines = wrapped(text, 20)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert len(lines) >= 5
    # no line begins with a sign that belongs to the letter before, nor with its punctuation
    assert not [line for line in lines if "\u17b4" <= line[0] <= "\u17d9"]


def test_the_figures_are_json_that_any_reader_takes():
    body = Client().get(f"{WHERE}/district/all.json").content
    payload = json.loads(body, parse_constant=pytest.fail)
    assert [row["code"] for row in payload["rows"]] == ["0102", "0202"]
