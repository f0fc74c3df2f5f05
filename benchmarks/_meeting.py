"""A tablet with a round on it, for the measurements of meetings."""

import os
import shutil
from datetime import date
from typing import Any

from benchmarks.tablet_start import PIN


def prepare() -> tuple[str, Any]:
    """Make the country, a programme, a tablet and a round.

    Return the tablet's code and the round.
    """
    from django.core.management import call_command
    from django.utils import timezone

    from accounts.models import Programme, User
    from standards.models import Provider
    from surveys.forms.tablets import make_tablet, new_code
    from surveys.rounds.loading import load_entitlements
    from surveys.rounds.services.plan import PlannedRound, plan_round

    call_command("load_country", verbosity=0)
    load_entitlements()
    programme = Programme.objects.create(code="bench", name_km="ល្បឿន", name_en="Bench")
    person = User.objects.create_user("caf.dara", "bench-password-1")
    tablet, _token = make_tablet(programme=programme, name="bench", by=None, people=[])
    tablet.people.set([person])
    hall = Provider.objects.filter(kind="commune").order_by("code")[0]
    today = timezone.localdate()
    planned = PlannedRound(
        provider=hall.code,
        commune=str(hall.place_id),
        period=(today.year, None),
        programme="bench",
        met_on=date(today.year, 12, 31),
    )
    row, _outcome = plan_round(by=None, planned=planned, job="bench")
    from accounts.models import Membership, Role

    call_command("load_roles", verbosity=0)
    role = Role.objects.get(code="facilitator")
    Membership.objects.create(user=person, role=role, place_id=hall.place_id)
    return new_code(tablet=tablet, by=None), row


def browser(playwright: Any) -> Any:
    """Return the installed Chromium."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return playwright.chromium.launch(
        executable_path=program or shutil.which("google-chrome"),
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    )


def open_round(context: Any, base: str, enrolment: str, code: str) -> Any:
    """Enrol, choose a PIN, open the round; the page is then at the list of rounds."""
    page = context.new_page()
    page.goto(f"{base}/tablet/#code={enrolment}")
    page.locator("ul.list button.row").first.click(timeout=60_000)
    for _twice in range(2):
        page.locator("#pin").fill(PIN)
        page.locator("form button.main").click()
    page.locator("[data-rounds]").click()
    page.locator("#round-code").fill(code)
    page.locator("form button.main").click()
    page.locator(f"[data-round='{code}']").wait_for()
    return page
