"""A coordinator walks through forms, tablets and review in a real Chromium, in Khmer."""

import os
from pathlib import Path

import pytest

from standards.loading import load_indicators
from surveys.forms import published_versions
from surveys.forms.shipped import load_forms
from surveys.models import AppUser, Submission
from surveys.submissions.intake.receive import Sender, receive
from surveys.submissions.processing.derive import observe_waiting
from surveys.submissions.tests import factories
from surveys.submissions.tests.factories import record

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (360, 800, 1400)


@pytest.fixture
def record_waiting(programme):
    published_versions.forget()
    load_indicators()
    load_forms(programme)
    factories.published(programme)
    tablet, _token = factories.tablet(programme)
    receive(
        sender=Sender(programme_id=programme.pk, app_user_id=tablet.pk),
        xml=record(answers="<age>130</age><happy>yes</happy><note>ល្អណាស់</note>"),
    )
    observe_waiting()
    return Submission.objects.get()


def test_pages_fit_every_screen_and_a_record_is_sent_back(
    live_server, page, sign_in, form_coordinator, record_waiting
):
    sign_in(page, form_coordinator)
    form, tablet = record_waiting.form, AppUser.objects.get()
    addresses = {
        "forms": "/forms/",
        "form": f"/forms/{form.pk}/",
        "tablets": "/tablets/",
        "tablet": f"/tablets/{tablet.pk}/",
        "submissions": "/submissions/",
        "submission": f"/submissions/{record_waiting.pk}/",
        "exports": "/submissions/exports/",
        "rules": f"/submissions/rules/{form.programme.code}/",
    }
    shots = os.environ.get("SHOTS")
    for name, address in addresses.items():
        page.goto(live_server.url + address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} wide on {width}"
            if shots:
                page.screenshot(path=Path(shots) / f"{name}-{width}.png", full_page=True)
    page.goto(live_server.url + addresses["submission"])
    page.fill("#comment", "សូមសួរអាយុម្តងទៀត")
    page.click("button[value=returned]")
    page.wait_for_load_state()
    record_waiting.refresh_from_db()
    assert record_waiting.state == "returned"
    assert "សូមសួរអាយុម្តងទៀត" in page.inner_text("main")
