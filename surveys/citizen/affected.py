"""Posters and the citizens' app, as far as a change of a standard reaches them."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pages.links import first_url
from pages.templatetags.khmer import number
from standards.book import provider_open
from standards.effects import Effect, Reach
from standards.models import Provider


def posters(reach: Reach) -> Effect:
    """Count the offices that must print their poster again once the change is in force."""
    today = timezone.localdate()
    if reach.provider is not None:
        count = 1
        url = first_url(["citizen:poster"], code=reach.provider.code, size="a4") or ""
    else:
        offices = Provider.objects.filter(kind=reach.service.provider_kind)
        count = sum(
            provider_open(office, today) for office in offices.only("valid_from", "valid_to")
        )
        url = first_url(["citizen:posters"]) or ""
    text = ngettext(
        "%(n)s office must print its poster again. A poster printed before the first day shows "
        "the old price.",
        "%(n)s offices must print their poster again. A poster printed before the first day "
        "shows the old price.",
        count,
    )
    return Effect(_("Posters"), text % {"n": number(count)}, url)


def app(reach: Reach) -> Effect:
    """State when telephones show the change."""
    text = _("Telephones show the change on its first day, once they have had a network.")
    return Effect(_("Citizens' app"), text)
