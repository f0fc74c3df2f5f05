"""Endpoints for messages from phones: JSON in, JSON out, no cookie and no account.

Nothing depends on who is signed in to the browser, so a forged page gains nothing by making a
browser call these; even so, requests from other sites' pages are refused (they cannot send JSON
without asking first, and browsers say where a request comes from). Each message has a random name
given by the phone: sent twice, it counts once and gets the same answer.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Final, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from khmer.digits import to_ascii
from parsing import json_body
from parsing.errors import UnreadableValue
from surveys import commitments, phone_numbers, requests
from surveys.citizen import answers, push, services
from surveys.citizen.throttle import REPORTS, SENDING, WRONG_CODES
from surveys.models import Contact, Request, Status
from surveys.parsing import values
from surveys.services import Outcome, ReportedCase, record_case
from throttling.addresses import client_address
from throttling.limits import ForgetfulLimit, Limit

CHANNEL: Final = "citizen"
MOST_BYTES: Final = 100_000
_NAME = re.compile(r"[A-Za-z0-9_-]{20,60}")

Answer = dict[str, Any]
T = TypeVar("T")


class RefusedError(Exception):
    """A message was refused; ``sentences`` are sentences by field, "" for the whole message."""

    def __init__(self, texts: dict[str, list[str]], status: int = 400) -> None:
        super().__init__(texts)
        self.sentences = texts
        self.status = status


def refused(sentence: str, field: str = "", status: int = 400) -> RefusedError:
    """Return one sentence about one field."""
    return RefusedError({field: [sentence]}, status)


@dataclass(frozen=True)
class Message:
    """A message from a phone, read field by field; an unreadable field raises RefusedError."""

    fields: dict[str, Any]

    @property
    def name(self) -> str:
        """Return the phone's random name for the message."""
        name = self.fields.get("id")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise refused(_("This message has no name of its own."), "id")
        return name

    def text(self, field: str, most: int = 80) -> str:
        """Return a short text, "" where it is missing."""
        value = self.fields.get(field)
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > most:
            raise refused(_("This cannot be read."), field)
        return value.strip()

    def day(self, field: str) -> date | None:
        """Return the day of a field such as "2026-04-10", None where it is missing."""
        text = self.text(field, 10)
        return self._read(field, text, values.read_day) if text else None

    def number(self, field: str) -> int | None:
        """Return a whole number (Khmer digits too), None where it is missing."""
        value = self.fields.get(field)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise refused(_("Write a whole number."), field)
        return self._read(field, str(value), values.read_amount)

    def _read(self, field: str, text: str, read: Callable[[str], T]) -> T:
        try:
            return read(text)
        except UnreadableValue as error:
            raise refused(str(error), field) from error

    def truth(self, field: str) -> bool | None:
        """Return True, False, or None where it is missing."""
        value = self.fields.get(field)
        if value is None or isinstance(value, bool):
            return value
        raise refused(_("This cannot be read."), field)


def _read(request: HttpRequest) -> Message:
    if request.method != "POST":
        raise refused(_("This address takes messages only."), status=405)
    if request.content_type != "application/json":
        raise refused(_("This cannot be read."), status=415)
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise refused(_("Another site may not send this."), status=403)
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0  # Django does not read the body then
    if length > MOST_BYTES:
        raise refused(_("This message is too long."), status=413)
    try:
        payload = json_body.loads(request.body)
    except UnreadableValue as error:
        raise refused(str(error)) from error
    if not isinstance(payload, dict):
        raise refused(_("This cannot be read."))
    return Message(payload)


def _sentences(error: ValidationError) -> dict[str, list[str]]:
    if hasattr(error, "error_dict"):
        return {("" if k == "__all__" else k): list(v) for k, v in error.message_dict.items()}
    return {"": list(error.messages)}


def message_view(
    limit: Limit | ForgetfulLimit,
) -> Callable[[Callable[[HttpRequest, Message], Answer]], Callable[[HttpRequest], HttpResponse]]:
    """Make a view of a function from message to answer: throttled, in the phone's language."""

    def wrap(
        take: Callable[[HttpRequest, Message], Answer],
    ) -> Callable[[HttpRequest], HttpResponse]:
        @csrf_exempt
        @wraps(take)
        def view(request: HttpRequest) -> HttpResponse:
            language = "en" if request.headers.get("X-Language") == "en" else "km"
            with translation.override(language):
                try:
                    return _answer(_taken(request, take, limit), 200)
                except RefusedError as error:
                    return _answer({"errors": error.sentences}, error.status)
                except ValidationError as error:
                    return _answer({"errors": _sentences(error)}, 400)

        return view

    return wrap


def _taken(
    request: HttpRequest,
    take: Callable[[HttpRequest, Message], Answer],
    limit: Limit | ForgetfulLimit,
) -> Answer:
    message = _read(request)
    if limit.is_reached(client_address(request)):
        raise refused(_("Too many messages from here. Wait a while; nothing is lost."), status=429)
    limit.count(client_address(request))
    return take(request, message)


def _answer(reported: Answer, status: int) -> HttpResponse:
    answer = JsonResponse(reported, status=status)
    answer["Cache-Control"] = "no-store"
    # captive portals answer in our place: without this header a phone takes no answer for ours
    answer["X-Service-App"] = "1"
    return answer


def once(message: Message, act: Callable[[], Answer]) -> Answer:
    """Carry out ``act`` the first time a message comes; give the same answer every time.

    Of two equal messages at once only one is carried out.
    """
    heard = answers.again(message.name)
    if heard is not None:
        return heard
    try:
        with transaction.atomic():
            answer = act()
            answers.keep(message.name, answer)
            return answer
    except IntegrityError:
        heard = answers.again(message.name)
        if heard is None:
            raise
        return heard


@message_view(SENDING)
def keep_request(request: HttpRequest, message: Message) -> Answer:
    """Keep a request on the server; its code is sent to this phone once and never again."""
    asked_on = message.day("asked_on")
    if asked_on is None:
        raise refused(_("Say on which day it was asked."), "asked_on")
    number = message.text("number", 40)
    if number and message.truth("consent") is not True:
        raise refused(_("We keep a number only if you agree to it."), "number")
    wanted = message.text("wanted") or Contact.Wanted.SMS
    if wanted not in Contact.Wanted.values:
        raise refused(_("This cannot be read."), "wanted")

    def act() -> Answer:
        _kept, code = requests.open_request(
            commune=message.text("commune"),
            service=message.text("service"),
            option=message.text("option"),
            provider=message.text("provider"),
            asked_on=asked_on,
            channel=CHANNEL,
            number=number,
            wanted=wanted,
            language=translation.get_language() or "km",
            office_may_see=message.truth("office_may_see") is True,
        )
        return {"code": code}

    try:
        return once(message, act)
    except phone_numbers.UnreadableNumberError:
        raise refused(_("This is no Cambodian telephone number."), "number") from None


def _request_of(request: HttpRequest, message: Message) -> Request:
    """Return the request under the code.

    Wrong codes are counted, and after a few the sender has to wait.
    """
    if WRONG_CODES.is_reached(client_address(request)):
        raise refused(_("Too many wrong codes. Wait a quarter of an hour."), "code", 429)
    code = re.sub(r"\D", "", to_ascii(message.text("code", 40)))
    try:
        return requests.find_request(code)
    except requests.UnknownRequestError:
        WRONG_CODES.count(client_address(request))
        raise refused(_("No request is kept under this code."), "code", 404) from None


def _standing(request: Request) -> Answer:
    now = requests.following(request)
    return {
        "service": now.case.service.code,
        "option": now.case.option,
        "commune": now.case.commune_id,
        "asked_on": now.case.asked_on.isoformat(),
        "promised": now.promised.isoformat() if now.promised else None,
        "overdue": now.overdue,
        "closed": now.closed,
        "status": now.case.status,
    }


@message_view(SENDING)
def find_request(request: HttpRequest, message: Message) -> Answer:
    """Return the state of the request under a code."""
    return _standing(_request_of(request, message))


@message_view(SENDING)
def close_request(request: HttpRequest, message: Message) -> Answer:
    """Close a request: the citizen received it, gave up or was refused.

    The case is complete and the telephone number is deleted.
    """
    status = message.text("status") or Status.RECEIVED
    if status not in {Status.RECEIVED, Status.REFUSED, Status.ABANDONED}:
        raise refused(_("This cannot be read."), "status")
    closed = requests.close_request(
        request=_request_of(request, message),
        channel=CHANNEL,
        status=status,
        received_on=message.day("received_on"),
        fee_paid=message.number("fee_paid"),
        currency="USD" if message.text("currency") == "USD" else "KHR",
        visits=message.number("visits"),
        receipt=message.truth("receipt"),
    )
    closed.refresh_from_db()
    return _standing(closed)


@message_view(SENDING)
def still_waiting(request: HttpRequest, message: Message) -> Answer:
    """Record that nothing came yet: the case stays open and becomes late by itself."""
    return _standing(requests.still_waiting(request=_request_of(request, message), channel=CHANNEL))


@message_view(SENDING)
def answer_commitment(request: HttpRequest, message: Message) -> Answer:
    """Record whether a citizen says that a commitment is kept.

    The phone uses a new name for each answer, so that nothing links what one phone says of several
    commitments.
    """
    try:
        fresh = commitments.answer(
            code=message.text("code"),
            kind=message.text("kind"),
            channel="app",
            person=f"app {message.name}",
            network=client_address(request),
        )
    except commitments.AnswerRefusedError as error:
        raise refused(str(error), "code") from error
    return {"fresh": fresh}


@message_view(SENDING)
def tell(request: HttpRequest, message: Message) -> Answer:
    """Record a reported experience as a case; unanswered questions stay unknown."""
    recorded = record_case(
        by=None,
        job=CHANNEL,
        reported=ReportedCase(
            case_id=f"app-{message.name}",
            commune=message.text("commune"),
            service=message.text("service"),
            option=message.text("option"),
            provider=message.text("provider"),
            asked_on=message.day("asked_on"),
            received_on=message.day("received_on"),
            status=message.text("status"),
            fee_paid=message.number("fee_paid"),
            currency="USD" if message.text("currency") == "USD" else "",
            visits=message.number("visits"),
            receipt=message.truth("receipt"),
            channel=CHANNEL,
        ),
    )
    if recorded.outcome is Outcome.CONFLICT:
        raise refused(_("Another answer was already sent under this name."), "id", 409)
    return {"kept": True}


@message_view(SENDING)
def remind(request: HttpRequest, message: Message) -> Answer:
    """Store that a browser wants a reminder on a day while the app is closed."""
    push.keep_reminder(
        subscription=message.fields.get("subscription"),
        due_on=message.day("due_on"),
        language="en" if translation.get_language() == "en" else "km",
    )
    return {"kept": True}


@message_view(SENDING)
def remind_no_more(request: HttpRequest, message: Message) -> Answer:
    """Delete the reminder of a request that was closed or deleted on the phone."""
    due_on = message.day("due_on")
    if due_on is None:
        raise refused(_("Say on which day it was asked."), "due_on")
    push.cancel_reminder(endpoint=message.text("endpoint", push.LONGEST_ADDRESS), due_on=due_on)
    return {"kept": False}


@message_view(REPORTS)
def keep_report(request: HttpRequest, message: Message) -> Answer:
    """Store a sealed report: the ciphertext and the key it is sealed for, nothing else."""
    try:
        ciphertext = base64.b64decode(message.text("ciphertext", MOST_BYTES), validate=True)
    except (binascii.Error, ValueError):
        raise refused(_("This message is not sealed; nothing was kept.")) from None
    services.keep_report(ciphertext=ciphertext, key=message.number("key") or 0)
    return {"kept": True}
