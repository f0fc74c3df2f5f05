"""Recordings of the hotline that a change of a standard makes out of date."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pages.links import first_url
from pages.templatetags.khmer import number
from standards.effects import Effect, Reach
from surveys.hotline import content
from surveys.hotline.models import Clip


def recordings(reach: Reach) -> Effect | None:
    """Count the whole-sentence recordings to make again; None for a provider's own fee."""
    if reach.provider is not None:
        return None
    name = content.sentence(reach.service.code, reach.option)
    count = Clip.objects.filter(name=name, replaced_at=None).count()
    if not count:
        text = _("The hotline says the new price from its recorded numbers. Nothing to record.")
        return Effect(_("Hotline"), text)
    text = ngettext(
        "%(n)s recording says the old price. From the first day on the hotline joins recorded "
        "numbers instead, until the sentence is recorded again.",
        "%(n)s recordings say the old price. From the first day on the hotline joins recorded "
        "numbers instead, until the sentences are recorded again.",
        count,
    )
    return Effect(_("Hotline"), text % {"n": number(count)}, first_url(["hotline:home"]) or "")
