"""The page on which the weights of indicators in the overall score are set."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import refusal, require
from accounts.models import User
from audit.models import Entry
from khmer.digits import to_ascii
from scorecards import weights
from scorecards.models.weights import MOST
from standards.editing.access import may_edit
from standards.indicators import by_code
from standards.models import ProviderKind


class WeightField(forms.CharField):
    """A weight above zero, in digits of either language."""

    def clean(self, value: Any) -> Decimal:
        text = to_ascii(str(super().clean(value))).strip().replace(",", ".")
        try:
            weight = Decimal(text)
        except InvalidOperation:
            weight = Decimal(0)
        if not (weight.is_finite() and 0 < weight <= MOST and weight == round(weight, 2)):
            raise ValidationError(_("Write a number above 0 and at most 100, such as 1 or 2.5."))
        return weight


class WeightsForm(forms.Form):
    """The weights of all indicators of the overall score, and why they change."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        names = by_code()
        for code, weight in weights.in_use().items():
            self.fields[code] = WeightField(
                label=names[code].name if code in names else code,
                initial=f"{weight.normalize():f}",
                max_length=8,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            )
        self.order_fields([*weights.published(), "reason"])

    def groups(self) -> list[tuple[str, list[Any]]]:
        """Return the fields by kind of provider: a weight counts beside the others of its kind."""
        fields: dict[str, list[Any]] = {}
        names = by_code()
        for code in weights.published():
            kinds = names[code].provider_kinds if code in names else []
            label = ", ".join(str(ProviderKind(kind).label) for kind in kinds)
            fields.setdefault(label, []).append(self[code])
        return list(fields.items())


@require("standards.edit")
def page(request: HttpRequest) -> HttpResponse:
    """Show the weights in use.

    Change them with a reason, or set them back to the published ones.
    """
    if not may_edit(request.user):
        raise PermissionDenied(refusal("standards.edit"))
    assert isinstance(request.user, User)
    form = WeightsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wanted = {code: form.cleaned_data[code] for code in weights.published()}
        if "published" in request.POST:
            wanted = dict(weights.published())
        try:
            changed = weights.set_weights(
                by=request.user, weights=wanted, reason=form.cleaned_data["reason"]
            )
        except ValidationError as error:
            fields = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
            for name, sentences in fields.items():
                form.add_error(name if name in form.fields else None, sentences)
        else:
            text = _("It is saved. Working scores follow within minutes; releases keep theirs.")
            messages.success(request, text if changed else _("Nothing was changed."))
            return redirect("scorecards:weights")
    context = {
        "form": form,
        "is_changed": weights.in_use() != weights.published(),
        "entries": Entry.objects.filter(verb="indicator.weighted").order_by("-pk")[:50],
    }
    status = 422 if form.is_bound else 200
    return render(request, "scorecards/weights.html", context, status=status)
