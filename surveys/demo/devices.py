"""The demo's tablets, what they and ODK Collect sent, and the facilitator's own last cases.

They are made by the functions of real use, so that the demo shows what really happens.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from xml.sax.saxutils import escape

from django.utils import timezone

from accounts.models import Programme, User
from standards.book import own_provider
from surveys import services
from surveys.forms.shipped import load_forms
from surveys.forms.tablets import make_tablet, revoke
from surveys.models import AppUser, Case, Channel, Form, Submission, Trouble
from surveys.services import ReportedCase
from surveys.submissions.intake.receive import RefusedError, Sender, receive
from surveys.submissions.processing.derive import observe_waiting

FORM = "case_interview"
OWN = "DEMO-OWN-"
ANDROID = "org.odk.collect.android/v2025.1.2 Dalvik/2.1.0 (Linux; U; Android 11)"
OURS = "Mozilla/5.0 (Linux; Android 11) tablet"


@dataclass(frozen=True)
class Devices:
    """The numbers of tablets and records made."""

    tablets: int
    submissions: int
    cases: int


def make_devices(*, programme: Programme, facilitator: User) -> Devices:
    """Make tablets, their records and cases of ``facilitator``; what is there already stays."""
    communes, sent = _communes(facilitator), 0
    tablets: list[AppUser] = []
    if not AppUser.objects.filter(programme=programme).exists():
        load_forms(programme)
        tablets = _tablets(programme, facilitator)
        sent = _submissions(programme, tablets, facilitator, communes)
    own = Case.objects.filter(case_id__startswith=OWN)
    cases = 0 if own.exists() else _own_cases(facilitator, programme, communes)
    return Devices(len(tablets), sent, cases)


def _communes(facilitator: User) -> list[str]:
    held = facilitator.memberships.exclude(place=None).order_by("place_id")
    return [str(code) for code in held.values_list("place_id", flat=True)]


def _tablets(programme: Programme, facilitator: User) -> list[AppUser]:
    others = User.objects.filter(username__startswith="demo-", memberships__place__isnull=False)
    near = list(others.filter(memberships__place__in=_communes(facilitator)).distinct()[:3])
    ours, _token = make_tablet(
        programme=programme, name="ថេប្លេត ១ · Tablet 1", by=None, people=[facilitator, *near[:1]]
    )
    collect, _token = make_tablet(
        programme=programme, name="ODK Collect 2", by=None, people=[facilitator]
    )
    quiet, _token = make_tablet(
        programme=programme, name="ថេប្លេត ៣ · Tablet 3", by=None, people=near[1:]
    )
    lost, _token = make_tablet(programme=programme, name="ថេប្លេត ៤ · Tablet 4", by=None)
    revoke(tablet=lost, by=None)
    now = timezone.now()
    for tablet, days in ((ours, 0), (collect, 1), (quiet, 16)):
        used = now - timedelta(days=days, hours=1)
        AppUser.objects.filter(pk=tablet.pk).update(last_used_at=used)
    return [ours, collect, quiet, lost]


def _submissions(
    programme: Programme, tablets: list[AppUser], facilitator: User, communes: list[str]
) -> int:
    """Send records of a tablet and of ODK Collect; return how many are stored.

    Most are good; one fails, one is refused and two are unread.
    """
    form = Form.objects.select_related("current").get(programme=programme, xml_form_id=FORM)
    version = form.current.version if form.current else ""
    today = asked = timezone.localdate()
    paid = ("0", "1000", "2000", "5000", "4000", "0", "10000", "")
    for number, fee in enumerate(paid):
        tablet, agent = (tablets[0], OURS) if number % 2 else (tablets[1], ANDROID)
        asked = today - timedelta(days=30 + 3 * number)
        record = _record(
            version=version,
            name=f"uuid:demo-{number}",
            commune=communes[number % len(communes)],
            asked=asked,
            fee=fee,
            username=facilitator.username,
        )
        _send(programme, tablet, agent, record)
    shared = {"version": version, "commune": communes[0], "username": facilitator.username}
    wrong = _record(name="uuid:demo-bad", asked=asked, fee="1", service="no-such-service", **shared)
    _send(programme, tablets[0], OURS, wrong)
    observe_waiting()
    stuck = _record(name="uuid:demo-unread", asked=asked, fee="1000", **shared)
    _send(programme, tablets[0], OURS, stuck)
    _give_up("uuid:demo-unread")
    unread = _record(name="uuid:demo-late", asked=today - timedelta(days=9), fee="500", **shared)
    _send(programme, tablets[1], ANDROID, unread)
    _send(programme, tablets[1], ANDROID, b"<data id='old_form'><broken>")
    return Submission.objects.filter(form=form).count()


def _give_up(instance_id: str) -> None:
    """Leave a record unread, as hours without the database would: a coordinator reads it again."""
    Submission.objects.filter(instance_id=instance_id).update(
        observed_at=timezone.now(),
        trouble=Trouble.BUSY,
        observe_error="OperationalError: the database did not answer",
    )


def _send(programme: Programme, tablet: AppUser, agent: str, xml: bytes) -> None:
    sender = Sender(
        programme_id=programme.pk,
        app_user_id=tablet.pk,
        device_id=f"demo:{tablet.pk}",
        user_agent=agent,
    )
    try:
        receive(sender=sender, xml=xml)
    except RefusedError:
        return  # it is in quarantine, which the demo shows


def _record(
    *,
    version: str,
    name: str,
    commune: str,
    asked: date,
    fee: str,
    username: str,
    service: str = "birth-registration",
) -> bytes:
    """Return one interview about a registered birth, as a client writes it."""
    received = asked + timedelta(days=4)
    case = {
        "commune": commune,
        "service": service,
        "provider_kind": "commune",
        "provider": f"commune-{commune}",
        "asked_on": asked.isoformat(),
        "status": "received",
        "received_on": received.isoformat(),
        "fee_known": "yes" if fee else "no",
        "fee_paid": fee,
        "receipt": "no" if fee and fee != "0" else "",
        "documents_known": "no",
        "visits": "2",
        "staffed": "yes",
    }
    office = own_provider(commune, "commune")
    if office is not None:
        case["provider"] = office.code
    inside = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in case.items() if value)
    person = "<person><sex>female</sex><age>34</age><poor_card>no</poor_card></person>"
    began, ended = f"{received}T09:00:00.000+07:00", f"{received}T09:14:00.000+07:00"
    return (
        f'<data xmlns:orx="http://openrosa.org/xforms" id="{FORM}" version="{version}">'
        f"<start>{began}</start><end>{ended}</end><username>{username}</username>"
        f"<consent>yes</consent><case>{inside}{person}</case>"
        f"<orx:meta><orx:instanceID>{name}</orx:instanceID></orx:meta></data>"
    ).encode()


def _own_cases(facilitator: User, programme: Programme, communes: list[str]) -> int:
    """Record cases as the facilitator does on the page; return how many.

    Some are open, one is corrected, one that was wrong is voided.
    """
    today = timezone.localdate()
    made: list[Case] = []
    for number in range(12):
        asked = today - timedelta(days=2 + 4 * number)
        received = asked + timedelta(days=3 + number) if number % 4 else None
        if received is not None and received > today:
            received = None
        reported = ReportedCase(
            case_id=f"{OWN}{number + 1}",
            commune=communes[number % len(communes)],
            service="birth-registration" if number % 2 else "id-card",
            asked_on=asked,
            received_on=received,
            status="received" if received else "open",
            fee_paid=(0, 2000, 1000, 5000)[number % 4] if received else None,
            receipt=bool(number % 3) if received else None,
            documents_asked=["លិខិតធានា"] if number % 5 == 0 else [],
            visits=1 + number % 4,
            sex="female" if number % 2 else "male",
            poor_card=number % 6 == 0,
            facilitator=facilitator.username,
            programme=programme.code,
            channel=Channel.DEMO,
        )
        made.append(services.record_case(by=facilitator, reported=reported).observation)
    services.correct_case(
        case=made[1], by=facilitator, reason="បានសួរម្តងទៀត · asked again", fee_paid=3000, visits=3
    )
    services.void_case(case=made[-1], by=facilitator, reason="កត់ត្រាពីរដង · recorded twice")
    return len(made)
