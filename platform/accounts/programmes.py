"""Pages of programmes: donor, partner, provinces and dates."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import services
from accounts.access import refusal, require
from accounts.forms import ProgrammeForm
from accounts.models import Programme, User
from audit.trail import history


@require("people.manage")
def programme_list(request: HttpRequest) -> HttpResponse:
    """Show the programmes one may see; those one manages as a whole can be opened."""
    assert isinstance(request.user, User)
    managed = Programme.objects.managed_by(request.user, "people.manage")
    mine = set(managed.values_list("pk", flat=True))
    seen = Programme.objects.visible_to(request.user).values("pk")
    rows = Programme.objects.filter(Q(pk__in=seen) | Q(pk__in=mine))
    rows = rows.order_by("code").prefetch_related("provinces")
    context = {
        "programmes": [(programme, programme.pk in mine) for programme in rows],
        "may_add": services.provinces_for(request.user).exists(),
    }
    return render(request, "accounts/programmes.html", context)


@require("people.manage")
def programme_form(request: HttpRequest, code: str = "") -> HttpResponse:
    """Add a programme, or change one that is managed as a whole."""
    assert isinstance(request.user, User)
    if code:
        managed = Programme.objects.managed_by(request.user, "people.manage")
        programme = get_object_or_404(managed, code=code)
    else:
        programme = Programme()
        if not services.provinces_for(request.user).exists():
            raise PermissionDenied(refusal("people.manage"))
    form = ProgrammeForm(request.user, request.POST or None, instance=programme)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_programme(
                by=request.user,
                programme=form.instance,
                provinces=form.cleaned_data["provinces"],
            )
        except ValidationError as error:
            for name, sentences in (
                error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
            ).items():
                form.add_error(name if name in form.fields else None, sentences)
        else:
            messages.success(request, _("The programme is saved."))
            return redirect("accounts:programmes")
    context = {
        "form": form,
        "programme": programme if code else None,
        "entries": history(programme)[:20] if code else [],
    }
    status = 422 if form.is_bound else 200
    return render(request, "accounts/programme.html", context, status=status)
