"""The people of a tablet and their communes: shown, searched and changed after it was made."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.models import Membership, Programme, User
from accounts.permissions import in_force, may
from khmer.digits import to_ascii
from khmer.text import fold
from places.models import Place
from surveys.forms import tablets
from surveys.forms.list_places import places_of_person, places_of_tablet
from surveys.forms.lists import Places
from surveys.models import AppUser
from surveys.views.choices import place_name

MOST_MATCHES = 15
MOST_COMMUNES = 12


@dataclass(frozen=True)
class Where:
    """The communes of a person or tablet: the first by name, and how many there are."""

    names: list[str]
    count: int

    @property
    def more(self) -> int:
        """Count the people who are not named."""
        return self.count - len(self.names)


@require("submissions.review")
def tablet_people(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the people of a tablet with their communes; add, take off, or rename the tablet."""
    rows = AppUser.objects.visible_to(request.user).select_related("programme")
    tablet = get_object_or_404(rows, pk=pk)
    assert isinstance(request.user, User)
    if request.method == "POST":
        _change(request, tablet, request.user)
        return redirect("surveys:tablet_people", pk=pk)
    people = list(tablet.people.order_by("display_name", "username"))
    asked = request.GET.get("q", "")[:100]
    candidates = [
        person
        for person in _recorders(tablet.programme, asked)[: MOST_MATCHES + len(people) + 1]
        if person not in people
    ]
    context = {
        "tablet": tablet,
        "people": [(p, _where(places_of_person(p, tablet.programme))) for p in people],
        "all_places": _where(places_of_tablet(tablet)),
        "q": asked,
        "candidates": [
            (p, _where(places_of_person(p, tablet.programme))) for p in candidates[:MOST_MATCHES]
        ],
        "more_candidates": len(candidates) > MOST_MATCHES,
        "may_manage": may(request.user, "people.manage"),
    }
    return render(request, "surveys/forms/tablet_people.html", context)


def _change(request: HttpRequest, tablet: AppUser, by: User) -> None:
    """Carry out what the button says; a person who may not record there is not added."""
    action, number = request.POST.get("action", ""), request.POST.get("person", "")
    if action == "rename":
        try:
            tablets.rename(tablet=tablet, name=request.POST.get("name", ""), by=by)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The tablet has a new name."))
        return
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return
    people = set(tablet.people.all())
    if action == "remove":
        gone = {person for person in people if person.pk == int(number)}
        tablets.set_people(tablet=tablet, people=people - gone, by=by)
        messages.success(request, _("The tablet no longer offers this person."))
    elif action == "add":
        person = _recorders(tablet.programme, "").filter(pk=int(number)).first()
        if person is None:
            messages.error(request, _("This person may not record cases in this programme."))
            return
        tablets.set_people(tablet=tablet, people=people | {person}, by=by)
        messages.success(
            request, _("The tablet offers %(name)s at its next sync.") % {"name": person}
        )


def _recorders(programme: Programme, asked: str) -> QuerySet[User]:
    """Return active people who may record cases in a programme, found by name, commune or code."""
    provinces = list(programme.provinces.values_list("code", flat=True))
    held = Membership.objects.filter(
        in_force(timezone.localdate()),
        Q(programme=None) | Q(programme=programme),
        role__permissions__contains=["cases.record"],
    )
    if provinces:
        inside = Q(place=None)
        for code in provinces:
            inside |= Q(place__code__startswith=code)
        held = held.filter(inside)
    users = User.objects.filter(is_active=True)
    if text := fold(to_ascii(asked)):
        named = Q(username__icontains=text) | Q(display_name__icontains=asked.strip())
        there = held.filter(Q(place__search__icontains=text) | Q(place__code__startswith=text))
        users = users.filter(named | Q(pk__in=there.values("user")))
    return users.filter(pk__in=held.values("user")).order_by("display_name", "username")


def _where(places: Places) -> Where:
    communes = Place.objects.communes().valid_on(timezone.localdate())
    within = Q(pk__in=[])
    for code in places:
        within |= Q(code__startswith=code) if code else Q(pk__isnull=False)
    rows = communes.filter(within).select_related("parent").order_by("code")
    names = [place_name(place) for place in rows[:MOST_COMMUNES]]
    return Where(names, rows.count())
