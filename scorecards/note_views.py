"""Pages of notes on figures: write one, and decide which the public sees."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import require
from accounts.models import User
from accounts.permissions import may
from khmer.digits import to_ascii
from parsing.fields import ReadField
from places.models import Place
from scorecards import annotations
from scorecards.models import Annotation
from standards.models import Indicator, ProviderKind, Service
from surveys.parsing import values

MOST_SHOWN = 100


class NoteForm(forms.Form):
    """The form of a note: one sentence and its day."""

    on = ReadField(values.read_day, label=gettext_lazy("When?"), hint=gettext_lazy("dd/mm/yyyy"))
    text = forms.CharField(
        max_length=160,
        label=gettext_lazy("What happened?"),
        help_text=gettext_lazy("One sentence, such as “new office opened”. No names of people."),
    )


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _place(request: HttpRequest) -> Place | None:
    code = to_ascii(request.GET.get("place", "")).strip()
    return Place.objects.filter(code=code).first() if code else None


def _measure(request: HttpRequest) -> tuple[str, Indicator | None, Service | None]:
    """Return the measure named in the address; nothing where it is about a day."""
    indicator = Indicator.objects.filter(code=request.GET.get("indicator", "")).first()
    kind = request.GET.get("kind", "")
    if indicator is None or kind not in indicator.provider_kinds:
        return "", None, None
    service = Service.objects.filter(code=request.GET.get("service", "")).first()
    return kind, indicator, service


@require("plans.report", "plans.moderate")
def notes(request: HttpRequest) -> HttpResponse:
    """Show the notes of one's places; with ``?place=`` the form for a new one."""
    user, place = _me(request), _place(request)
    kind, indicator, service = _measure(request)
    writes = place is not None and any(
        may(user, name, place=place.code) for name in ("plans.report", "plans.moderate")
    )
    form = NoteForm(request.POST or None) if writes else None
    sent = request.method == "POST" and form is not None and form.is_valid()
    if (
        sent
        and form is not None
        and place is not None
        and _annotate(form, user, place, kind=kind, indicator=indicator, service=service)
    ):
        messages.success(request, _("Kept. Another person checks it before the public sees it."))
        return redirect(f"{reverse('scorecards:notes')}?place={place.code}")
    rows = Annotation.objects.visible_to(user).select_related("place", "indicator")
    if place is not None:
        rows = rows.filter(place__code__startswith=place.code)
    context = {
        "place": place,
        "form": form,
        "measure": indicator,
        "kind": ProviderKind(kind).label if kind else "",
        "service": service,
        "rows": [
            (row, row.made_by_id != user.pk and may(user, "plans.moderate", place=row.place_id))
            for row in rows[:MOST_SHOWN]
        ],
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "scorecards/notes.html", context, status=status)


def _annotate(
    form: NoteForm,
    user: User,
    place: Place,
    *,
    kind: str,
    indicator: Indicator | None,
    service: Service | None,
) -> bool:
    """Store the note of a valid form; False with errors in the form where it is refused."""
    try:
        annotations.annotate(
            by=user,
            place=place,
            provider_kind=kind,
            indicator=indicator,
            service=service,
            **form.cleaned_data,
        )
    except ValidationError as error:
        for name, text in error.message_dict.items():
            form.add_error(name if name in form.fields else None, text)
        return False
    return True


@require("plans.moderate")
@require_POST
def decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Publish a note, or decide not to."""
    user = _me(request)
    row = Annotation.objects.visible_to(user).filter(uuid=uuid).first()
    if row is None:
        raise Http404
    try:
        annotations.decide(by=user, annotation=row, shown=request.POST.get("decision") == "shown")
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("scorecards:notes")
