"""Subscribe to a place's alerts, pause and stop; one address is one person."""

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from audit import trail
from places.models import Level, Place
from scorecards.plans.channels import address_of
from scorecards.plans.models import AlertSubscription, ContactChannel
from sealing import Purpose, keyed_hash, seal

SALT = "alerts of a place"
CHANNELS = (ContactChannel.EMAIL, ContactChannel.TELEGRAM)
LEVELS = (Level.COMMUNE, Level.DISTRICT, Level.PROVINCE)
State = AlertSubscription.State


@transaction.atomic
def subscribe(
    *, by: User, place: Place, channel: str, address: str, language: str
) -> AlertSubscription:
    """Subscribe an address to a place; one that paused or stopped starts again.

    Raises ValidationError.
    """
    if channel not in CHANNELS:
        raise ValidationError({"channel": _("Choose e-mail or Telegram.")})
    if place.level not in LEVELS:
        raise ValidationError({"place": _("Choose a commune, a district or a province.")})
    try:
        valid_address = address_of(channel, address)
    except ValidationError as error:
        raise ValidationError({"address": error.messages}) from error
    made, fresh = AlertSubscription.objects.update_or_create(
        address_key=keyed_hash(valid_address, Purpose.CONTACT),
        place=place,
        defaults={
            "channel": channel,
            "sealed_address": seal(valid_address, Purpose.CONTACT),
            "language": language,
            "state": State.ACTIVE,
            "user": by,
        },
    )
    trail.record(
        by=by,
        verb="alert.subscribed",
        subject=made,
        place_code=place.code,
        after={"channel": channel, "again": not fresh},
    )
    return made


def token_of(subscription: AlertSubscription) -> str:
    """Return the signed token in the links of a message."""
    return signing.dumps(str(subscription.uuid), salt=SALT)


def of_token(token: str) -> AlertSubscription | None:
    """Return the subscription of a signed link; None for a forged one."""
    try:
        uuid = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return AlertSubscription.objects.filter(uuid=uuid).select_related("place").first()


def of_person(subscription: AlertSubscription) -> QuerySet[AlertSubscription]:
    """Return every subscription of the person written to."""
    return AlertSubscription.objects.filter(address_key=subscription.address_key).select_related(
        "place__parent"
    )


@transaction.atomic
def set_state(subscription: AlertSubscription, state: str) -> int:
    """Pause, stop or resume all subscriptions of one person; return how many were changed.

    The holder of the signed link may do this: it is sent to that person only.
    """
    if state not in State.values:
        raise ValidationError(_("Choose: pause, stop or start again."))
    rows = list(of_person(subscription).select_for_update(of=("self",)).exclude(state=state))
    for row in rows:
        before, row.state = row.state, state
        row.save(update_fields=["state", "changed_at"])
        trail.record(
            by=None,
            verb=f"alert.{state}",
            subject=row,
            place_code=row.place_id,
            after={"before": before},
        )
    return len(rows)
