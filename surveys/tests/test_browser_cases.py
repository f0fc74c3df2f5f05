"""A facilitator and a coordinator at work, in Khmer, in a real browser."""

import csv
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from surveys.models import Case, ImportBatch
from surveys.tests.country import make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SignIn = Callable[[Any, User], None]


SLOW = 90_000
"""Milliseconds: a busy machine is slow, not wrong."""


def look(page: Any, name: str) -> None:
    """Save pictures of the page for a person to look at (SCREENSHOTS=folder)."""
    if folder := os.environ.get("SCREENSHOTS"):
        for width in (360, 800, 1400):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def test_a_case_is_recorded_beside_its_standard(
    page: Any, sign_in: SignIn, live_server: Any, transactional_db: None, country: None
) -> None:
    page.set_default_timeout(SLOW)
    person = make_person("facilitator", "010201")
    sign_in(page, person)
    page.goto(f"{live_server.url}/field/")
    look(page, "home-empty")
    page.get_by_role("link", name="កត់ត្រាករណី").first.click()
    page.select_option("#id_service", "birth-registration")
    page.fill("#id_asked_on", "០២/០៣/២០២៦")
    page.locator("#id_asked_on").blur()
    page.wait_for_selector("#beside dl")
    assert "១៦/០៣/២០២៦" in page.inner_text("#beside")
    page.wait_for_selector("#id_papers")
    look(page, "form")
    page.get_by_text("សៀវភៅគ្រួសារ", exact=False).first.wait_for()
    page.locator("#id_papers input").first.check()
    page.locator("#id_status input[value=received]").check()
    page.fill("#id_fee_paid", "៥.០០០")
    page.locator("#id_receipt input[value=no]").check()
    page.get_by_role("button", name="រក្សាទុកករណី").click()
    page.wait_for_selector("#problems")
    look(page, "form-wrong")
    assert page.input_value("#id_fee_paid") == "៥.០០០"
    assert page.locator("#id_papers input").first.is_checked()
    page.fill("#id_received_on", "4/3/2026")
    page.get_by_role("button", name="រក្សាទុកករណី").click()
    page.wait_for_selector(".message--success")
    look(page, "case")
    case = Case.objects.get()
    assert (case.fee_paid, case.recorded_by, case.documents_asked) == (
        5000,
        person,
        ["family-book"],
    )
    page.goto(f"{live_server.url}/field/")
    look(page, "home")
    assert "៥.០០០" in page.inner_text("main table")


def test_a_case_can_be_recorded_without_javascript(
    new_context: Callable[..., Any],
    sign_in: SignIn,
    live_server: Any,
    transactional_db: None,
    country: None,
) -> None:
    context = new_context(java_script_enabled=False)
    sign_in(context, make_person("facilitator", "010201"))
    page = context.new_page()
    page.set_default_timeout(SLOW)
    page.goto(f"{live_server.url}/cases/new/")
    page.select_option("#id_service", "birth-registration")
    page.fill("#id_asked_on", "2/3/2026")
    page.fill("#id_note", "រង់ចាំយូរ")
    page.get_by_role("button", name="បង្ហាញស្តង់ដារសេវា").click()
    assert "១៦/០៣/២០២៦" in page.inner_text("#beside")
    assert page.input_value("#id_note") == "រង់ចាំយូរ"
    page.locator("#id_status input[value=open]").check()
    page.get_by_role("button", name="រក្សាទុកករណី").click()
    page.wait_for_selector(".message--success")
    assert Case.objects.get().status == "open"


def test_a_spreadsheet_with_mistakes_comes_back_and_is_mended(
    page: Any,
    sign_in: SignIn,
    live_server: Any,
    celery_worker_process: str,
    country: None,
    tmp_path: Path,
    settings: Any,
) -> None:
    # the worker is another process: it reads uploads where this checkout keeps them
    settings.MEDIA_ROOT = os.environ.get("MEDIA_ROOT", settings.VAR / "media")
    page.set_default_timeout(SLOW)
    sign_in(page, make_person("coordinator", "01"))
    sheet = tmp_path / "ករណី.csv"
    rows = [
        ["លេខសំណើ", "ឃុំ", "សេវា", "ថ្ងៃដាក់សំណើ", "ស្ថានភាព", "អាយុ"],
        ["ក-១", "០១០២០១", "birth-registration", "០២/០៣/២០២៦", "open", "៣៤"],
        ["ក-២", "០១០២០១", "birth-registration", "៣០/០២/២០២៦", "open", "៣៤"],
        ["ក-៣", "០១០២០២", "birth-registration", "០២/០៣/២០២៦", "open", "២០០"],
    ]
    with sheet.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    # From now on choosers are caught; only asked for at the key, it may open before they are.
    page.on("filechooser", lambda _chooser: None)
    page.goto(f"{live_server.url}/cases/import/")
    look(page, "import")
    chosen = page.locator("#id_file_chosen")
    assert chosen.inner_text() == "មិនទាន់ជ្រើស"
    page.locator("#id_file").focus()
    with page.expect_file_chooser() as choosing:
        page.keyboard.press("Enter")
    choosing.value.set_files(sheet)
    assert chosen.inner_text() == sheet.name, "told beside the button, which speaks Khmer"
    with page.expect_file_chooser():
        page.get_by_text("ជ្រើសឯកសារ", exact=True).click()
    page.get_by_role("button", name="ផ្ញើតារាង").click()
    page.wait_for_selector("dl.facts")
    look(page, "import-done")
    assert "១" in page.inner_text(".message__title")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="ទាញយកជួរដែលត្រូវកែ").click()
    back = tmp_path / "back.csv"
    waiting.value.save_as(back)
    text = back.read_text(encoding="utf-8-sig")
    assert "ជួរទី 3" in text
    assert "មិនមានថ្ងៃនេះទេ" in text
    back.write_text(text.replace("៣០/០២", "២៨/០២").replace("២០០", "២០"), encoding="utf-8")
    page.goto(f"{live_server.url}/cases/import/")
    page.set_input_files("#id_file", back)
    page.get_by_role("button", name="ផ្ញើតារាង").click()
    page.wait_for_selector(".message--success")
    assert Case.objects.count() == 3
    for batch in ImportBatch.objects.exclude(rejected_file=""):
        batch.rejected_file.delete()
