"""Follow the two walks of docs/architecture.md: the functions named there are called in that order."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scorecards import tasks as scoring
from scorecards.models import Release
from scorecards.releases import lifecycle
from scorecards.tests.nation import make_person, second_person
from standards import loading
from standards.models import Standard
from surveys import tasks
from surveys.forms.shipped import load_forms
from surveys.hotline import content, menu
from surveys.hotline.tests.conftest import (  # noqa: F401 - fixtures
    dial,
    line,
    recorded,
)
from surveys.models import Case
from surveys.submissions.tests import factories
from surveys.submissions.tests.test_observe import interview
from surveys.tests.country import make_country

pytestmark = pytest.mark.django_db
ARCHITECTURE = Path(__file__).resolve().parents[1] / "docs" / "architecture.md"


def functions_of(heading: str) -> list[str]:
    """The functions that the rows of one walk name, from its first row to the last."""
    section = ARCHITECTURE.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| \d+ \|[^|]+\|([^|]+)\|[^|]+\|$", section, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([a-z_]+(?:\.\w+){2,})`", row)]


@contextmanager
def calls(wanted: list[str]) -> Iterator[list[str]]:
    """Keep the full names of the wanted functions, each time that one is called."""
    names = set(wanted)
    called: list[str] = []

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            name = f"{frame.f_globals.get('__name__', '')}.{frame.f_code.co_qualname}"
            if name in names:
                called.append(name)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(before)


def first_missing(walk: list[str], called: list[str]) -> str:
    """Return the first function of a walk that was not called after the one before it, or ""."""
    later = iter(called)
    return next((name for name in walk if name not in later), "")


def test_a_case_goes_from_the_tablet_to_a_figure_as_the_walk_says(client: Client) -> None:
    make_country()
    loading.load_indicators()
    programme = factories.programme()
    load_forms(programme)
    _tablet, token = factories.tablet(programme)
    editor, approver = make_person("coordinator"), second_person()
    address = f"/v1/key/{token}/projects/{programme.pk}/submission"
    sent = SimpleUploadedFile("record.xml", interview(), "text/xml")
    agent = {"X-OpenRosa-Version": "1.0", "User-Agent": "Mozilla/5.0"}
    walk = functions_of("A case from the tablet to a figure")
    assert len(walk) > 25
    with calls(walk) as called:
        answer = client.post(address, {"xml_submission_file": sent}, headers=agent)
        tasks.observe_arrived()
        scoring.recompute_changed()
        scoring.compare()
        release = lifecycle.prepare(lifecycle.begin(by=editor, period="2026-Q1").pk)
        release = lifecycle.publish(lifecycle.approve(by=approver, release=release).pk)
        client.force_login(editor)
        page = client.get(reverse("dashboards:compare"), {"period": "2026-Q1"})
    assert (answer.status_code, page.status_code) == (201, 200)
    assert Case.objects.count() == 1
    assert release.state == Release.State.PUBLISHED
    assert not first_missing(walk, called)


def test_a_standard_goes_from_the_spreadsheet_to_the_caller_as_the_walk_says(
    recorded: list[str],  # noqa: F811
    dial: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    client: Client,
) -> None:
    [row, *_] = [
        r for r in loading.read_fixture("standards.csv") if r["key"] == "birth-registration"
    ]
    standard = Standard.objects.in_force(timezone.localdate()).get(service__code=row["service"])
    Standard.objects.filter(pk=standard.pk).update(fixture_key=row["key"])
    days = {"valid_from": str(standard.valid_from), "valid_to": ""}
    changed = {**row, **days, "fee": "500", "documents": "", "documents_known": "no"}
    monkeypatch.setattr(loading, "read_fixture", lambda _name: [changed])
    content.forget()
    walk = functions_of("A standard from the spreadsheet to the caller")
    assert len(walk) > 12
    with calls(walk) as called:
        tally = loading.load_standards()
        tasks.rejudge_cases()
        phone = dial()
        phone.keys("1" + menu.keys_to(row["service"], content.content().facts))
        sound = client.get(phone.played[0])
    assert (tally.changed, sound.status_code) == (1, 200)
    assert not first_missing(walk, called)
