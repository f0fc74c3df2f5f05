"""The demo shows something to every role: tablets, records, calls, reports, own cases."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from standards.loading import load_indicators
from surveys.citizen.models import SealedReport
from surveys.demo.make import Wish, make
from surveys.hotline.models import Call
from surveys.models import AppUser, Case, QualityFlag, Quarantine, Submission
from surveys.tests.country import widen_country

pytestmark = pytest.mark.django_db
COMMANDS = ("demo_devices", "demo_calls", "demo_reports")


@pytest.fixture
def demo(country: None, tmp_path: Path, settings: Any) -> None:
    settings.VAR = tmp_path
    settings.MEDIA_ROOT = tmp_path
    widen_country()
    load_indicators()
    call_command("load_roles", stdout=io.StringIO())
    today = timezone.localdate()
    wish = Wish(cases=300, provinces=2, seed=7, until=today - timedelta(days=1), rho=0.0)
    make(wish, truth_path=tmp_path / "truth.csv", accounts_path=tmp_path / "accounts.json")
    call_command("make_report_key", demo=True, stdout=io.StringIO())
    for command in COMMANDS:
        call_command(command, stdout=io.StringIO())


def browser(username: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(username=username))
    return client


@pytest.mark.usefixtures("demo")
def test_each_role_finds_something_on_its_pages() -> None:
    facilitator = User.objects.get(username="facilitator")
    own = Case.objects.filter(recorded_by=facilitator)
    assert own.count() >= 12
    assert own.filter(status="open").exists()
    assert own.exclude(voided_at=None).exists()
    home = browser("facilitator").get(reverse("surveys:home")).context
    assert home["cases"]
    assert home["open"]
    lead = browser("coordinator")
    assert len(lead.get(reverse("surveys:tablets")).context["tablets"]) == 4
    listed = lead.get(reverse("surveys:submissions")).content.decode()
    assert listed.count('<tr><th scope="row">') >= 9
    assert "case_interview" not in listed.split("<tbody>")[1]  # its title, not its code
    assert QualityFlag.objects.filter(submission__instance_id="uuid:demo-bad").exists()
    assert Submission.objects.filter(observed_at=None).exists()
    assert Quarantine.objects.exists()
    assert AppUser.objects.exclude(revoked_at=None).count() == 1
    assert Call.objects.filter(sid__startswith="demo-").count() == 20
    assert lead.get(reverse("hotline:home")).status_code == 200
    assert SealedReport.objects.count() == 3
    assert browser("keeper").get(reverse("citizen:reports")).context["sealed"]
    assert browser("national").get(reverse("standards:edit_services")).context["national"]


@pytest.mark.usefixtures("demo")
def test_making_it_again_adds_nothing_and_a_live_platform_refuses(settings: Any) -> None:
    before = Case.objects.count(), Submission.objects.count(), SealedReport.objects.count()
    for command in COMMANDS:
        call_command(command, stdout=io.StringIO())
    after = Case.objects.count(), Submission.objects.count(), SealedReport.objects.count()
    assert before == after
    settings.LIVE = True
    for command in COMMANDS:
        with pytest.raises(CommandError):
            call_command(command, stdout=io.StringIO())
