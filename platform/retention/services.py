"""Set how long records are kept, and erase older ones."""

import logging
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import NATION, scopes
from audit.trail import record
from retention.kinds import Kind, kinds
from retention.models import Erasure, Rule

log = logging.getLogger(__name__)
MOST_DAYS = 10957


def may_set(user: object) -> bool:
    """Return whether ``user`` manages the whole installation: the rules hold for everybody."""
    return NATION in scopes(user, "people.manage")


def days_of(kind: Kind) -> int:
    """Return how many days records of this kind are kept."""
    rule = Rule.objects.filter(pk=kind.code).first()
    return rule.days if rule else kind.usual_days


def border(kind: Kind, now: datetime | None = None) -> datetime:
    """Return the moment before which things of this kind are erased."""
    return (now or timezone.now()) - timedelta(days=days_of(kind))


@transaction.atomic
def set_days(*, by: User, kind: Kind, days: int) -> None:
    """Keep one kind for so many days from now on. Raises ValidationError."""
    if not may_set(by):
        raise ValidationError(_("Only who manages the whole country may change this."))
    if not kind.least_days <= days <= MOST_DAYS:
        fields = {"least": kind.least_days, "most": MOST_DAYS, "name": kind.name}
        raise ValidationError(_("%(name)s: give between %(least)s and %(most)s days.") % fields)
    before = days_of(kind)
    if before == days:
        return
    rule, _made = Rule.objects.update_or_create(code=kind.code, defaults={"days": days})
    record(by=by, verb="retention.set", subject=rule, before={"days": before}, after={"days": days})


def apply_all() -> int:
    """Erase what is older than its rule allows; return how many.

    One kind that fails stops no other.
    """
    total = 0
    for kind in kinds():
        try:
            total += _apply(kind)
        except Exception:
            log.exception("what is too old of the kind %s could not be erased", kind.code)
    return total


def _apply(kind: Kind) -> int:
    older_than = border(kind)
    with transaction.atomic():
        count = kind.erase(older_than)
        if count:
            Erasure.objects.create(code=kind.code, older_than=older_than, count=count)
    return count
