"""Forms of one's own account."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.utils.translation import gettext_lazy as _

from khmer.text import strip_invisible


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


class TokenForm(forms.Form):
    """A new key for a program."""

    name = forms.CharField(
        label=_("What is it for?"),
        max_length=80,
        help_text=_("For example: monthly export to our spreadsheet."),
    )
