"""The public front entry."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from pages.links import first_url

PRICES = ("citizen:standards", "citizen:home", "citizen:app", "standards:services")
COMPARE = ("dashboards:compare", "dashboards:public", "dashboards:home")
HOTLINE = ("citizen:hotline",)


def front(request: HttpRequest) -> HttpResponse:
    """Show the front page: the purpose of the platform and the ways into it."""
    entries = [
        (
            first_url(PRICES),
            _("Prices, days and documents"),
            _("What each public service officially costs, how long it takes, what to bring."),
        ),
        (
            first_url(COMPARE),
            _("Compare communes"),
            _("Where people pay the official price and get their document on the promised day."),
        ),
        (
            None if request.user.is_authenticated else first_url(["accounts:sign_in"]),
            _("Sign in"),
            _("For facilitators, councils, coordinators and development partners."),
        ),
        (
            first_url(["accounts:home"]) if request.user.is_authenticated else None,
            _("My work"),
            _("Go on where you left off."),
        ),
    ]
    return render(request, "pages/front.html", {"entries": [one for one in entries if one[0]]})
