"""The form for a new link."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Programme
from interchange.models import Link


class LinkForm(forms.ModelForm):  # type: ignore[type-arg]
    """The form of a link: its system, address and credentials."""

    # Django asks for a scheme to assume; http is typed only where https is not available
    address = forms.URLField(label=_("address"), max_length=300, assume_scheme="https")
    secret = forms.CharField(
        label=_("Token, or name:password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("It is kept encrypted and never shown again."),
        max_length=300,
    )

    class Meta:
        model = Link
        fields = ["kind", "address", "remote", "programme"]

    def __init__(self, *args: Any, user: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        managed = Programme.objects.managed_by(user, "submissions.review")
        self.fields["programme"].queryset = managed  # type: ignore[attr-defined]
