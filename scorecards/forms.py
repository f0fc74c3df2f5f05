"""What people may ask of the scoring."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khmer.digits import to_ascii
from places.models import Place
from scorecards import periods
from scorecards.models import ScoringRun
from scorecards.releases import lifecycle


class PeriodField(forms.CharField):
    """A month, quarter or year by its code, Khmer digits and small letters welcome."""

    def clean(self, value: Any) -> str:
        code = to_ascii(str(super().clean(value) or "")).strip().upper()
        if code:
            try:
                periods.parse(code)
            except ValueError as error:
                raise ValidationError(_("Write a period as 2026-07, 2026-Q3 or 2026.")) from error
        return code


class RunForm(forms.Form):
    """A new run: what, which period, which province."""

    kind = forms.ChoiceField(label=gettext_lazy("What"), choices=ScoringRun.Kind.choices)
    period = PeriodField(
        label=gettext_lazy("Period"),
        required=False,
        help_text=gettext_lazy("2026-07, 2026-Q3 or 2026; empty for every period"),
    )
    province = forms.ModelChoiceField(
        label=gettext_lazy("Province"),
        queryset=Place.objects.provinces(),
        required=False,
        empty_label=gettext_lazy("The whole country"),
    )


class ReleaseForm(forms.Form):
    """The quarter to be made ready for release."""

    period = PeriodField(label=gettext_lazy("Quarter"), help_text=gettext_lazy("as 2026-Q3"))

    def clean_period(self) -> str:
        code = str(self.cleaned_data["period"])
        lifecycle.check_releasable(code)
        return code
