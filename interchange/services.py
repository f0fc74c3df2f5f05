"""Add, close and run links to other systems."""

import logging

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Programme, User
from audit import trail
from interchange.central import Central
from interchange.dhis2 import Dhis2, released
from interchange.kobo import Kobo
from interchange.models import Link
from interchange.records import Source, pull
from interchange.remote import RemoteError
from scorecards.reading import scores
from sealing import BrokenSealError, Purpose, open_seal, seal

QUARTERS = 2
"""The newest released quarters are sent each time, because corrections change them."""

log = logging.getLogger(__name__)


@transaction.atomic
def add_link(
    *, programme: Programme, kind: str, address: str, remote: str, secret: str, by: User
) -> Link:
    """Store a new link and return it. Raises ValidationError."""
    if not secret.strip():
        raise ValidationError({"secret": [_("Enter the token, or name:password.")]})
    if kind != Link.Kind.KOBO and ":" not in secret and not secret.startswith("d2pat_"):
        raise ValidationError({"secret": [_("Enter name:password, with a colon between them.")]})
    if kind == Link.Kind.CENTRAL and not remote.partition("/")[0].isdecimal():
        raise ValidationError(
            {"remote": [_("Enter the project's number, a slash and the form, as 7/scorecard.")]}
        )
    link = Link(
        programme=programme,
        kind=kind,
        address=address.rstrip("/"),
        remote=remote.strip(),
        secret_sealed=seal(secret.strip(), Purpose.TOKENS).decode(),
        created_by=by,
    )
    link.full_clean(exclude=["created_by"])
    link.save()
    after = {"kind": kind, "address": address, "remote": remote}
    trail.record(by=by, verb="link.added", subject=link, after=after)
    return link


@transaction.atomic
def close_link(*, link: Link, by: User) -> None:
    """Stop receiving or sending by this link; what came stays."""
    link.is_active = False
    link.secret_sealed = ""
    link.save(update_fields=["is_active", "secret_sealed"])
    trail.record(by=by, verb="link.closed", subject=link)


def run(link_id: int) -> int:
    """Receive or send what is new; return how much.

    Safe to repeat; of several runs at once only one works. An error is stored with the link as a
    sentence, and the next run tries again.
    """
    with transaction.atomic():
        link = (
            Link.objects.select_for_update(skip_locked=True)
            .filter(pk=link_id, is_active=True)
            .first()
        )
        if link is None:
            return 0
        link.last_run_at = timezone.now()
        try:
            count, refused = _run(link)
            link.last_error = ""
        except RemoteError as trouble:
            count, refused, link.last_error = 0, 0, str(trouble)[:500]
        link.last_count, link.refused = count, link.refused + refused
        link.save()
    return count


def _run(link: Link) -> tuple[int, int]:
    try:
        secret = open_seal(link.secret_sealed, Purpose.TOKENS)
    except BrokenSealError as error:
        raise RemoteError(
            _("The token cannot be read: close this link and add it again.")
        ) from error
    if link.kind == Link.Kind.DHIS2:
        return _push(link, Dhis2(link.address, link.remote, secret)), 0
    kinds: dict[str, type[Kobo] | type[Central]] = {"kobo": Kobo, "central": Central}
    source: Source = kinds[link.kind](link.address, link.remote, secret)

    def keep_cursor(cursor: str) -> None:
        link.cursor = cursor

    return pull(link=link, source=source, keep_cursor=keep_cursor)


def _push(link: Link, target: Dhis2) -> int:
    """Send the newest released quarters; return how many values there were."""
    quarters = [p.code for p in scores.periods(None) if p.length == "quarter"][:QUARTERS]
    count = 0
    for period in quarters:
        values = released(period)
        before = [(element, place) for element, place in link.pushed.get(period, [])]
        # noted before it is sent: an interrupted run must not forget what it may have sent
        link.pushed[period] = sorted({*before, *values})
        Link.objects.filter(pk=link.pk).update(pushed=link.pushed)
        count += target.push(period, values, before)
        link.pushed[period] = sorted(values)
    return count
