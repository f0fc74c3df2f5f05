"""Cases and tablets that a change of a standard reaches (see ``standards.effects``)."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pages.templatetags.khmer import number
from standards.effects import Effect, Reach
from surveys.models import AppUser
from surveys.services.rejudging import cases_of_change

SEEN_LATELY = timedelta(days=7)


def cases(reach: Reach) -> Effect:
    """Count the recorded cases that a change of a standard judges again."""
    affected = cases_of_change(
        service=reach.service.pk,
        option=reach.option,
        provider=reach.provider.pk if reach.provider else None,
        first=reach.first,
        last=reach.last,
    )
    count = affected.filter(voided_at=None).count()
    if not count:
        return Effect(_("Cases"), _("No recorded case was asked for on these days."))
    text = ngettext(
        "%(n)s recorded case is judged again. Figures that are not released yet change; "
        "released figures stay as they were published.",
        "%(n)s recorded cases are judged again. Figures that are not released yet change; "
        "released figures stay as they were published.",
        count,
    )
    return Effect(_("Cases"), text % {"n": number(count)})


def tablets(reach: Reach) -> Effect:
    """Count the tablets that fetch the new list, and those not seen for a week."""
    app_users = AppUser.objects.filter(revoked_at=None)
    if reach.provider is not None:
        province = reach.provider.place_id[:2]
        here = Q(programme__provinces=None) | Q(programme__provinces__code=province)
        app_users = app_users.filter(here).distinct()
    count = app_users.count()
    if not count:
        return Effect(_("Tablets"), _("No tablet is in use."))
    since = timezone.now() - SEEN_LATELY
    unseen = app_users.filter(Q(last_used_at=None) | Q(last_used_at__lt=since)).count()
    text = ngettext(
        "%(n)s tablet fetches the change when it next has a network.",
        "%(n)s tablets fetch the change when they next have a network.",
        count,
    ) % {"n": number(count)}
    if unseen:
        text += " " + ngettext(
            "%(n)s of them was not seen for a week.",
            "%(n)s of them were not seen for a week.",
            unseen,
        ) % {"n": number(unseen)}
    return Effect(_("Tablets"), text)
