"""Forms of one's own account."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Programme, Role, User
from accounts.services import givable_roles
from khmer.dates import UnreadableDate, parse_date
from khmer.digits import to_ascii
from khmer.text import strip_invisible
from pages.templatetags.khmer import in_language
from places.models import Place


class SignInForm(AuthenticationForm):
    """Name and password, with words a tired person understands."""

    error_messages = {
        "invalid_login": _("The name or the password is wrong. Please try again."),
        "inactive": _("This account is closed. Ask your coordinator."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        self.fields["password"].label = _("Password")

    def clean_username(self) -> str:
        """The name without blanks or invisible characters that a phone may have added."""
        return strip_invisible(self.cleaned_data["username"]).strip()


class PasswordForm(PasswordChangeForm):
    """The old password once, the new one twice."""

    error_messages = {
        "password_incorrect": _("Your old password is wrong. Please type it again."),
        "password_mismatch": _("The two new passwords are not the same."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = _("Old password")
        self.fields["new_password1"].label = _("New password")
        self.fields["new_password1"].help_text = _(
            "At least 8 characters; not only digits, not a common word, not your name."
        )
        self.fields["new_password2"].label = _("New password again")
        self.fields["new_password2"].help_text = ""


class ChoiceInLanguage(forms.ModelChoiceField):  # type: ignore[type-arg]  # cannot be subscripted at run time
    """A choice among records with names in both languages."""

    def label_from_instance(self, obj: object) -> str:
        return in_language(obj)


class RoleForm(forms.Form):
    """A role for a person: what, where, in which programme, until when."""

    role = ChoiceInLanguage(label=_("Role"), queryset=Role.objects.none())
    place = forms.CharField(
        label=_("Place"),
        required=False,
        help_text=_("Type a name and choose, or type the code. Empty: the whole country."),
        widget=forms.TextInput(attrs={"data-place-search": reverse_lazy("places:search")}),
    )
    programme = ChoiceInLanguage(
        label=_("Programme"),
        required=False,
        queryset=Programme.objects.none(),
        empty_label=_("All programmes"),
    )
    ends_on = forms.CharField(
        label=_("Last day"), required=False, help_text=_("Such as 31/12/2026. Empty: no end.")
    )

    def __init__(self, by: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = self.fields["role"]
        programmes = self.fields["programme"]
        assert isinstance(roles, forms.ModelChoiceField)
        assert isinstance(programmes, forms.ModelChoiceField)
        roles.queryset = Role.objects.filter(pk__in=[r.pk for r in givable_roles(by)])
        programmes.queryset = Programme.objects.visible_to(by)

    def clean_place(self) -> Place | None:
        """The place with this code."""
        text = to_ascii(strip_invisible(self.cleaned_data["place"])).strip()
        if not text:
            return None
        # what the list offers is "010201 name": the code comes first
        place = Place.objects.filter(code=text.split()[0]).first()
        if place is None:
            raise forms.ValidationError(_("There is no place with this code."))
        return place

    def clean_ends_on(self) -> date | None:
        """The last day, however it is written."""
        text = self.cleaned_data["ends_on"]
        try:
            return parse_date(text) if text.strip() else None
        except UnreadableDate as error:
            raise forms.ValidationError(_("Write the day like this: 31/12/2026.")) from error


class PersonForm(RoleForm):
    """A new person, with the first role."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        help_text=_("Latin letters and digits, such as sokha.chan."),
    )
    display_name = forms.CharField(label=_("Name shown"), max_length=150, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, initial="km")

    field_order = ("username", "display_name", "language", "role", "place", "programme", "ends_on")

    def clean_username(self) -> str:
        """The name as it will be typed when signing in."""
        return strip_invisible(self.cleaned_data["username"]).strip()


class TokenForm(forms.Form):
    """A new key for a program."""

    name = forms.CharField(
        label=_("What is it for?"),
        max_length=80,
        help_text=_("For example: monthly export to our spreadsheet."),
    )
