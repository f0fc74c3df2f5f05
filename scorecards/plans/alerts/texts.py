"""Texts of an alert, in the person's language: numbers of measures, never percentiles."""

from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from khmer.dates import format_period
from pages.languages import readers_language
from pages.links import first_url
from pages.templatetags.khmer import digits, number
from places.models import Level, Place
from scorecards.plans.alerts.content import Content, Crossing, content
from scorecards.plans.alerts.subscriptions import of_person, token_of
from scorecards.plans.models import AlertSubscription, Message
from standards.models import Indicator, ProviderKind

MOST_COMMUNES: Final = 10
MOST_LINES: Final = 5


def written(message: Message) -> tuple[str, str]:
    """Return subject and text of an alert; about what the person still subscribes to."""
    subscription = message.subscription
    assert subscription is not None
    with translation.override(subscription.language):
        rows = of_person(subscription).filter(state=AlertSubscription.State.ACTIVE)
        contents = [content(row.place, message.period) for row in rows]
        shown = [one for one in contents if not one.is_empty]
        period = format_period(message.period, readers_language())
        names = ", ".join(one.place.full_name for one in shown[:3])
        subject = _("%(places)s: what clearly changed, %(period)s") % {
            "places": names,
            "period": period,
        }
        parts = [_about(one) for one in shown]
        base = settings.PUBLIC_URL.rstrip("/")
        link = base + reverse("plans:alert", args=[token_of(subscription)])
        parts.append(_("Pause or stop these messages: %(address)s") % {"address": link})
        return subject, "\n\n".join(parts)


def _about(outcome: Content) -> str:
    """Write the lines about one place: its communes, the next step and the address of its page."""
    lines = [outcome.place.full_name, _counted(outcome)]
    names = dict(Place.objects.filter(code__in=outcome.communes).values_list("code", "name_km"))
    if readers_language() == "en":
        rows = Place.objects.filter(code__in=outcome.communes)
        names = dict(rows.values_list("code", "name_latin"))
    for code in outcome.communes[:MOST_COMMUNES]:
        lines.append(f"• {names.get(code, code)}")
        lines += [f"  {line}" for line in _of_commune(outcome, code)]
    if (rest := len(outcome.communes) - MOST_COMMUNES) > 0:
        lines.append(_("And %(n)s more.") % {"n": digits(rest)})
    lines.append(_next_step(outcome))
    base = settings.PUBLIC_URL.rstrip("/")
    lines.append(_("Read on: %(address)s") % {"address": f"{base}{_page(outcome.place)}"})
    return "\n".join(lines)


def _counted(outcome: Content) -> str:
    crossed, numbers = len(outcome.crossings), {"all": number(outcome.measures)}
    text = ngettext(
        "%(n)s of %(all)s measures is now clearly different from the whole country, for the "
        "second quarter in a row.",
        "%(n)s of %(all)s measures are now clearly different from the whole country, for the "
        "second quarter in a row.",
        crossed,
    ) % {**numbers, "n": number(crossed)}
    if not outcome.still_worse:
        return text
    longer = ngettext(
        "%(n)s measure has been worse for longer.",
        "%(n)s measures have been worse for longer.",
        outcome.still_worse,
    ) % {"n": number(outcome.still_worse)}
    return f"{text} {longer}"


def _of_commune(outcome: Content, code: str) -> list[str]:
    own = [one for one in outcome.crossings if one.commune == code]
    lines = [_crossing(one) for one in own[:MOST_LINES]]
    if totals := outcome.commitments.get(code):
        late = ngettext("%(n)s commitment is late.", "%(n)s commitments are late.", totals.late) % {
            "n": number(totals.late)
        }
        denied = ngettext(
            "Citizens say of %(n)s commitment that it is not done.",
            "Citizens say of %(n)s commitments that they are not done.",
            totals.denied,
        ) % {"n": number(totals.denied)}
        lines += [late] if totals.late else []
        lines += [denied] if totals.denied else []
    return lines


def _crossing(one: Crossing) -> str:
    indicator = Indicator.objects.filter(code=one.indicator).first()
    facts = {
        "kind": ProviderKind(one.provider_kind).label,
        "indicator": indicator.name if indicator else one.indicator,
        "share": digits(f"{one.share * 100:.0f}%"),
        "national": digits(f"{one.national_share * 100:.0f}%"),
    }
    if one.is_worse:
        return (
            _("%(kind)s, %(indicator)s: worse, %(share)s; in the whole country %(national)s.")
            % facts
        )
    return (
        _("%(kind)s, %(indicator)s: better, %(share)s; in the whole country %(national)s.") % facts
    )


def _next_step(outcome: Content) -> str:
    if outcome.commitments:
        return _("Next step: ask at the next meeting what stops the late commitments.")
    if any(one.is_worse for one in outcome.crossings):
        return _("Next step: agree one action, one owner and one day for what became worse.")
    return _("Next step: ask what went well, and tell other communes.")


def _page(place: Place) -> str:
    name = "dashboards:commune" if place.level == Level.COMMUNE else "dashboards:district"
    if place.level == Level.PROVINCE:
        return first_url(["dashboards:districts"]) or ""
    return first_url([name], code=place.code) or ""
