"""The page on which a coordinator sets the targets of a programme."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.models import Programme, User
from audit.trail import history
from scorecards.forms import TargetForm
from scorecards.models import Measure, ProgrammeTarget
from scorecards.targets import remove_target, set_target


@require("people.manage")
def page(request: HttpRequest, code: str) -> HttpResponse:
    """Show the targets of a programme that one manages as a whole; set one, or remove one."""
    assert isinstance(request.user, User)
    managed = Programme.objects.managed_by(request.user, "people.manage")
    programme = get_object_or_404(managed, code=code)
    form = TargetForm(request.POST if "set" in request.POST else None)
    if request.method == "POST" and "remove" in request.POST:
        number = request.POST["remove"]
        programme_targets = ProgrammeTarget.objects.filter(programme=programme)
        pk = int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0
        remove_target(by=request.user, target=get_object_or_404(programme_targets, pk=pk))
        messages.success(request, _("The target is removed."))
        return redirect("scorecards:targets", code=code)
    if form.is_bound and form.is_valid() and _set(request.user, programme, form):
        messages.success(request, _("The target is saved."))
        return redirect("scorecards:targets", code=code)
    rows = programme.targets.select_related("indicator", "programme")
    context = {
        "programme": programme,
        "form": form,
        "targets": [(row, _label(row), row.measure == Measure.PEOPLE_INFORMED) for row in rows],
        "entries": [e for e in history(programme)[:50] if e.verb.startswith("target.")],
    }
    status = 422 if form.is_bound else 200
    return render(request, "scorecards/targets.html", context, status=status)


def _set(user: User, programme: Programme, form: TargetForm) -> bool:
    """Set the target; add what is wrong with it to the form."""
    try:
        set_target(by=user, programme=programme, **form.cleaned_data)
    except ValidationError as error:
        fields = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, sentences in fields.items():
            form.add_error(name if name in form.fields else None, sentences)
        return False
    return True


def _label(row: ProgrammeTarget) -> str:
    if row.indicator is None:
        return str(row.get_measure_display())
    return f"{row.get_provider_kind_display()}: {row.indicator.name}"
