"""Forms of one's own account."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import Programme, Role, Token, User
from accounts.permissions import scopes
from accounts.services import givable_roles, provinces_for
from khmer.text import strip_invisible
from pages.day_field import DayField
from pages.templatetags.khmer import in_language
from places.fields import PlaceField, render_picker
from places.models import Place


class SignInForm(AuthenticationForm):
    """Name and password, with plain messages."""

    error_messages = {
        "invalid_login": _("The name or the password is wrong. Please try again."),
        "inactive": _("This account is closed. Ask your coordinator."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        self.fields["password"].label = _("Password")

    def clean_username(self) -> str:
        """Return the name without blanks or invisible characters that a phone may have added."""
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


class ChoicesInLanguage(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # as above
    """Choices among records with names in both languages."""

    def label_from_instance(self, obj: object) -> str:
        return in_language(obj)


class RoleForm(forms.Form):
    """A role for a person: what, where, in which programme, until when.

    An empty field never means the whole country: that is chosen, by those who may.
    """

    role = ChoiceInLanguage(label=_("Role"), queryset=Role.objects.none())
    where = forms.ChoiceField(
        label=_("Where?"),
        required=False,
        widget=forms.RadioSelect,
        choices=[("place", _("In the place named below")), ("country", _("In the whole country"))],
    )
    place = PlaceField(label=_("Place"), required=False)
    programme = ChoiceInLanguage(
        label=_("Programme"),
        required=False,
        queryset=Programme.objects.none(),
        empty_label=_("All programmes"),
    )
    ends_on = DayField(
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
        if not any(scope.place == "" for scope in scopes(by, "people.manage")):
            del self.fields["where"]  # nobody gives more than they have
            self.fields["place"].required = True

    def picker(self) -> SafeString:
        """Return the field for the place, with its list."""
        return _picker(self)

    def clean(self) -> dict[str, Any]:
        """Require a place, or the whole country by choice; never both, never neither."""
        values = super().clean() or self.cleaned_data
        where, place = values.get("where", "place"), values.get("place")
        if "place" in self.errors or "where" in self.errors:
            return values
        if where == "country" and place is not None:
            self.add_error(
                "place", _("You chose the whole country. Leave the place empty, or choose it.")
            )
        elif where != "country" and place is None:
            self.add_error("place", _("Choose the place where the role holds."))
        return values


class MoveForm(forms.Form):
    """Another place for a role that somebody holds."""

    place = PlaceField(label=_("New place"))

    def picker(self) -> SafeString:
        """Return the field for the place, with its list."""
        return _picker(self)


def _picker(form: forms.Form) -> SafeString:
    chosen = getattr(form, "cleaned_data", {}).get("place") if form.is_bound else None
    return render_picker(form["place"], chosen)


class ProgrammeForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted at run time
    """A programme: its names, donor, partner, provinces and dates."""

    whole_country = forms.BooleanField(label=_("It works in the whole country"), required=False)
    provinces = ChoicesInLanguage(
        label=_("Provinces"),
        queryset=Place.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    starts_on = DayField(label=_("First day"), required=False)
    ends_on = DayField(label=_("Last day"), required=False, help_text=_("Empty: no end."))

    class Meta:
        model = Programme
        fields = (
            *("name_km", "name_en", "code", "donor", "partner"),
            *("whole_country", "provinces", "starts_on", "ends_on"),
        )
        labels = {
            "name_km": _("Name in Khmer"),
            "name_en": _("Name in English"),
            "code": _("Code"),
            "donor": _("Donor"),
            "partner": _("Implementing organisation"),
        }
        help_texts = {"code": _("Latin letters, digits and hyphens. It stays as it is.")}

    def __init__(self, by: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        provinces = self.fields["provinces"]
        assert isinstance(provinces, forms.ModelMultipleChoiceField)
        provinces.queryset = provinces_for(by, self.instance if self.instance.pk else None)
        if self.instance.pk:
            self.fields["code"].disabled = True
            self.initial["whole_country"] = not self.instance.provinces.exists()

    def clean(self) -> dict[str, Any]:
        """Require provinces, or the whole country by choice; never both, never neither."""
        values = super().clean() or self.cleaned_data
        named = list(values.get("provinces") or [])
        if values.get("whole_country") and named:
            self.add_error("provinces", _("Tick provinces, or the whole country; not both."))
        if not values.get("whole_country") and not named and "provinces" not in self.errors:
            self.add_error("provinces", _("Tick the provinces where it works."))
        return values


class PersonForm(RoleForm):
    """A new person, with the first role."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        help_text=_("Latin letters and digits, such as sokha.chan."),
    )
    display_name = forms.CharField(label=_("Name shown"), max_length=150, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, initial="km")

    field_order = (
        *("username", "display_name", "language"),
        *("role", "where", "place", "programme", "ends_on"),
    )

    def clean_username(self) -> str:
        """Return the name as it will be typed when signing in."""
        return strip_invisible(self.cleaned_data["username"]).strip()


class TokenForm(forms.Form):
    """A new key for a program."""

    name = forms.CharField(
        label=_("What is it for?"),
        max_length=80,
        help_text=_("For example: monthly export to our spreadsheet."),
    )
    scope = forms.ChoiceField(
        label=_("What may it do?"),
        choices=Token.Scope.choices,
        initial=Token.Scope.READ,
        widget=forms.RadioSelect,
        required=False,
    )
    days = forms.TypedChoiceField(
        label=_("How long does it work?"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("one year"))],
        initial=90,
        required=False,
    )

    def clean_days(self) -> int:
        """Return the chosen days, or 90."""
        return int(self.cleaned_data["days"] or 90)

    def clean_scope(self) -> str:
        """Return the chosen scope, or the smaller one: read."""
        return self.cleaned_data["scope"] or Token.Scope.READ
