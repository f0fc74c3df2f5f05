"""Write notes on figures, and decide which of them the public sees."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import check
from accounts.models import User
from audit import trail
from parsing import days
from parsing.errors import UnreadableValue
from places.models import Place
from scorecards.models import Annotation
from standards.models import Indicator, Service

State = Annotation.State


@transaction.atomic
def annotate(
    *,
    by: User,
    place: Place,
    on: date,
    text: str,
    provider_kind: str = "",
    indicator: Indicator | None = None,
    service: Service | None = None,
) -> Annotation:
    """Write a note about a day at a place, or about one measure; it waits for another person.

    Raises PermissionDenied, ValidationError.
    """
    check(by, "plans.report", "plans.moderate", place=place.code)
    if on > timezone.localdate():
        raise ValidationError({"on": _("The day lies ahead. Write what has happened.")})
    try:
        days.validity().check(on)
    except UnreadableValue as error:
        raise ValidationError({"on": str(error)}) from error
    made = Annotation(
        place=place,
        on=on,
        text=" ".join(text.split()),
        provider_kind=provider_kind if indicator else "",
        indicator=indicator,
        service=service if indicator else None,
        made_by=by,
    )
    made.full_clean()
    made.save()
    trail.record(
        by=by,
        verb="annotation.made",
        subject=made,
        place_code=place.code,
        after={"on": on.isoformat(), "text": made.text},
    )
    return made


@transaction.atomic
def decide(*, by: User, annotation: Annotation, shown: bool) -> Annotation:
    """Decide whether the public sees a note. Raises PermissionDenied, ValidationError."""
    row = Annotation.objects.select_for_update().get(pk=annotation.pk)
    check(by, "plans.moderate", place=row.place_id)
    before = row.state
    row.state = State.SHOWN if shown else State.HIDDEN
    row.decided_by, row.decided_at = by, timezone.now()
    row.full_clean()
    row.save()
    trail.record(
        by=by,
        verb="annotation.decided",
        subject=row,
        place_code=row.place_id,
        before={"state": before},
        after={"state": row.state},
    )
    return row
