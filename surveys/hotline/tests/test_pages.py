"""The studio, the simulator and the calls page, walked in a real browser."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from surveys.hotline import completion, figures, menu, step_labels
from surveys.hotline.models import Call, Clip, Language, Line
from surveys.hotline.setting_up import load_hotline
from surveys.hotline.tests.conftest import make_editor
from surveys.hotline.tests.phone import Phone
from surveys.hotline.tests.test_recording import voice
from surveys.tests.country import make_person

Dial = Callable[..., Phone]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["home", "simulator"])
def test_only_who_looks_after_the_hotline_sees_its_pages(
    line: Line, client: Client, name: str
) -> None:
    assert client.get(reverse(f"hotline:{name}")).status_code == 302
    client.force_login(make_person("facilitator", "010201"))
    assert client.get(reverse(f"hotline:{name}")).status_code == 403
    client.force_login(make_editor())
    assert client.get(reverse(f"hotline:{name}")).status_code == 200


def test_every_step_of_the_menu_has_a_name_in_khmer() -> None:
    assert set(step_labels.STEPS) == set(menu.nodes())
    names = [step_labels.step(node) for node in step_labels.STEPS]
    assert len(set(names)) == len(names)
    assert not any(re.search("[a-z]", name) for name in names)


@pytest.mark.django_db
def test_before_anything_is_loaded_every_page_says_what_to_do(client: Client) -> None:
    client.force_login(make_editor())
    for address in ("/hotline/", "/hotline/studio/km/", "/hotline/simulator/"):
        page = client.get(address)
        assert page.status_code == 200
        assert "load_hotline" in page.content.decode()


@pytest.mark.django_db
def test_a_file_can_be_uploaded_and_is_refused_with_a_sentence(line: Line, client: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(make_editor())
    url = reverse("hotline:record", args=["km"])
    for sound, kept in ((voice(), 1), (b"text", 1)):
        answer = client.post(
            url, {"name": "goodbye", "sound": SimpleUploadedFile("a.wav", sound)}, follow=True
        )
        assert answer.status_code == 200
        assert Clip.objects.filter(replaced_at=None).count() == kept
    assert "message--error" in answer.content.decode()
    assert client.post(url, {"name": "no.such.line"}).status_code == 404


@pytest.mark.django_db
def test_the_simulator_signs_nothing_but_its_own_calls(
    line: Line, client: Client, dial: Dial
) -> None:
    load_hotline()
    real = dial()
    client.force_login(make_editor())
    sign = reverse("hotline:sign")
    own = Line.objects.get(company="simulator")
    voice_of = reverse("hotline:voice", args=[own.pk])
    assert client.post(sign, {"address": voice_of}).status_code == 200
    for other in (reverse("hotline:voice", args=[line.pk]), real.action, "/admin/", "x"):
        assert client.post(sign, {"address": other}).status_code == 404


@pytest.mark.django_db
def test_the_calls_page_counts_where_callers_go_and_hang_up(
    line: Line, dial: Dial, recorded: list[str]
) -> None:
    for number in range(6):
        phone = dial(number=f"+8551200000{number}").keys("11")
        phone.post(f"/ivr/v1/status/{line.pk}", CallStatus="completed", CallDuration="60")
    stays = dial(number="+85512999999").press().press("8")
    assert not stays.ended
    since = timezone.now() - timezone.timedelta(days=1)
    summary = figures.summary(since)
    assert (summary.inbound, summary.callers, summary.informed, summary.minutes) == (7, 7, 6, 6)
    nodes = {n.name: n for n in figures.funnel(since)}
    assert nodes["info.answer"].hung_up == 6
    assert nodes["language"].silent == 1
    assert nodes["language"].invalid == 1
    assert [(row.asked, row.reported) for row in completion.services(since)] == [(6, 0)]


@pytest.mark.browser
def test_a_trainer_calls_from_the_browser_and_hears_a_price(
    live_server: Any, page: Any, sign_in: Any, line: Line, recorded: list[str], settings: Any
) -> None:
    settings.PUBLIC_URL = live_server.url
    load_hotline()
    sign_in(page, make_editor())
    page.set_viewport_size({"width": 360, "height": 780})
    page.goto(live_server.url + reverse("hotline:simulator"))
    page.get_by_role("button", name="ហៅ", exact=True).click()
    for step in (1, 2):
        page.locator(f"#phone[data-waiting='{step}']").wait_for()
        page.keyboard.press("1")
    page.locator("#phone[data-waiting='3']").wait_for()
    call = Call.objects.get(line__company="simulator")
    assert call.first_fact_at is not None
    page.get_by_role("button", name="បញ្ចប់").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.browser
def test_a_speaker_records_from_the_microphone(
    live_server: Any, browser: Any, new_context: Any, sign_in: Any, line: Line
) -> None:
    load_hotline()
    context = new_context(permissions=["microphone"])
    page = context.new_page()
    sign_in(page, make_editor())
    page.goto(live_server.url + reverse("hotline:studio", args=["km"]))
    spoken = page.locator("#goodbye")
    # the machine that tests has no microphone: its stream is a tone made in the page
    page.evaluate(
        """() => { navigator.mediaDevices.getUserMedia = async () => {
            const sound = new AudioContext(); const tone = sound.createOscillator();
            const out = sound.createMediaStreamDestination(); const soft = sound.createGain();
            tone.frequency.value = 300; soft.gain.value = 0.2;
            tone.connect(soft); soft.connect(out); tone.start(); return out.stream; } }"""
    )
    spoken.locator("[data-record]").click()
    spoken.locator("[aria-pressed=true]").wait_for()
    page.evaluate("new Promise((done) => setTimeout(done, 1200))")
    spoken.locator("[data-record]").click()
    spoken.locator(".tag--good").wait_for()
    assert Clip.objects.get().name == "goodbye"
    assert Language.objects.get(code="km").clips.count() == 1
