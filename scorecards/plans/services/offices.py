"""Record the offices that answer for actions, and show their address to those who reach them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import check
from accounts.models import User
from audit import trail
from places.models import Place
from scorecards.plans.channels import address_of
from scorecards.plans.models import ActionLevel, ContactChannel, Office
from sealing import BrokenSealError, Purpose, keyed_hash, open_seal, seal
from standards.models import Provider

_LEVELS = {
    2: ActionLevel.PROVINCE,
    4: ActionLevel.DISTRICT,
    6: ActionLevel.COMMUNE,
    8: ActionLevel.VILLAGE,
}


@transaction.atomic
def save_office(
    *, by: User, office: Office | None = None, address: str = "", **facts: Any
) -> Office:
    """Record an office, or change one; ``address`` is encrypted, empty keeps what is there.

    The office above is the one of the next level up in the same place, where none is given.
    Raises PermissionDenied, ValidationError.
    """
    fresh = office is None
    office = office or Office()
    if not fresh:
        check(by, "plans.write", place=office.place_id)
    for name, value in facts.items():
        setattr(office, name, value)
    check(by, "plans.write", place=office.place_id)
    office.level = office.level or _LEVELS[len(office.place_id)]
    if office.channel == ContactChannel.NONE:
        office.sealed_address, office.address_key = None, ""
    elif address.strip():
        valid_address = address_of(office.channel, address)
        office.sealed_address = seal(valid_address, Purpose.CONTACT)
        office.address_key = keyed_hash(valid_address, Purpose.CONTACT)
    elif office.sealed_address is None:
        raise ValidationError({"address": _("Give an address for this way of being reached.")})
    if office.above_id is None:
        office.above = office_above(office)
    office.full_clean()
    office.save()
    trail.record(
        by=by,
        verb="plan.office_added" if fresh else "plan.office_changed",
        subject=office,
        place_code=office.place_id,
        after={"name_km": office.name_km, "channel": office.channel, "level": office.level},
    )
    return office


def office_above(office: Office) -> Office | None:
    """Return the nearest office of a higher level whose place holds this one's."""
    ranks = list(ActionLevel.values)
    mine = ranks.index(office.level)
    for level in ranks[mine + 1 :]:
        rows = Office.objects.filter(level=level).exclude(pk=office.pk)
        for length in (8, 6, 4, 2):
            row = rows.filter(place=office.place_id[:length]).order_by("pk").first()
            if row is not None:
                return row
    return None


@transaction.atomic
def office_named(*, by: User, place: Place, name: str, provider: Provider | None = None) -> Office:
    """Return the office of this name at a place; recorded where it is not known yet."""
    name = name.strip()[:200]
    offices = Office.objects.filter(place=place, name_km=name).order_by("pk")
    row = offices.filter(provider=provider).first() or offices.first()
    row = row or Office.objects.filter(place=place, name_en=name).order_by("pk").first()
    if row is not None:
        return row
    return save_office(by=by, place=place, provider=provider, name_km=name, name_en=name)


@transaction.atomic
def show_number(*, by: User, office: Office) -> str:
    """Return the telephone number or address of an office.

    The audit trail records that it was shown.
    """
    check(by, "plans.confirm", place=office.place_id)
    if office.sealed_address is None:
        raise ValidationError(_("No address of this office is known."))
    try:
        address = open_seal(bytes(office.sealed_address), Purpose.CONTACT)
    except BrokenSealError as broken:
        raise ValidationError(_("This number cannot be read with this key.")) from broken
    trail.record(by=by, verb="plan.address_shown", subject=office, place_code=office.place_id)
    return address
