"""Forms of the scoring pages."""

from math import isfinite
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khmer.digits import to_ascii
from pages.templatetags.khmer import period as period_words
from places.models import Place
from scorecards import periods
from scorecards.indicators import KINDS
from scorecards.models import Measure, ScoringRun
from scorecards.models.targets import FIRST_YEAR, LAST_YEAR
from scorecards.reading import scores
from scorecards.releases import lifecycle
from standards.indicators import by_code
from standards.models import ProviderKind


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
    """The quarter to prepare for release, chosen among the finished ones with figures."""

    period = forms.ChoiceField(
        label=gettext_lazy("Quarter"),
        error_messages={"invalid_choice": gettext_lazy("There are no figures of this quarter.")},
    )

    def __init__(self, user: object, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        today = timezone.localdate()
        field: Any = self.fields["period"]
        field.choices = [
            (period.code, period_words(period.code))
            for period in scores.periods(user)
            if period.length == "quarter" and period.last < today
        ]

    def clean_period(self) -> str:
        code = str(self.cleaned_data["period"])
        lifecycle.check_releasable(code)
        return code


class TargetForm(forms.Form):
    """One target of a programme: the measure, the year, the value to reach."""

    measure = forms.ChoiceField(label=gettext_lazy("Measure"))
    year = forms.CharField(label=gettext_lazy("Year"), max_length=10)
    value = forms.CharField(
        label=gettext_lazy("Target"),
        max_length=20,
        help_text=gettext_lazy("Percent for shares, such as 80; for people their number."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["measure"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = measures()

    def clean_year(self) -> int:
        """Return the year as a number."""
        text = to_ascii(self.cleaned_data["year"]).strip()
        if not (text.isascii() and text.isdigit() and FIRST_YEAR <= int(text) <= LAST_YEAR):
            raise ValidationError(_("Write a year between 2010 and 2100."))
        return int(text)

    def clean_value(self) -> float:
        """Return the value as a number; a percent sign and spaces are left out."""
        text = to_ascii(self.cleaned_data["value"]).replace(" ", "").removesuffix("%")
        try:
            value = float(text)
        except ValueError as error:
            raise ValidationError(_("Write a number, such as 80.")) from error
        if not isfinite(value):
            raise ValidationError(_("Write a number, such as 80."))
        return value


def measures() -> list[tuple[str, Any]]:
    """Return the choices of measures for a target, grouped by kind of provider."""
    own = [(code, label) for code, label in Measure.choices if code != Measure.INDICATOR]
    groups: list[tuple[str, Any]] = [(str(_("Programme")), own)]
    indicators = list(by_code().values())
    for kind in KINDS:
        mine = [(f"{kind}/{i.code}", i.name) for i in indicators if kind in i.provider_kinds]
        if mine:
            groups.append((str(ProviderKind(kind).label), mine))
    return groups
