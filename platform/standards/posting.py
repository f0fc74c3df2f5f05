"""A provider's own page, and recording the fee it has posted on its wall."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import check
from accounts.models import User
from accounts.permissions import may
from pages.links import first_url
from parsing import days, values
from parsing.errors import UnreadableValue
from standards.book import standards_in_force
from standards.models import Provider, Service
from standards.services import post_fee


class PostedFeeForm(forms.Form):
    """The fee on the wall, as somebody read it there: Khmer digits and 21/11/2026 welcome."""

    service = forms.ChoiceField(label=gettext_lazy("service"))
    fee = forms.CharField(label=gettext_lazy("posted fee, in riel"), max_length=40)
    fee_concession = forms.CharField(
        label=gettext_lazy("reduced fee, in riel"), max_length=40, required=False
    )
    posted_on = forms.CharField(label=gettext_lazy("posted since"), max_length=40)
    source = forms.CharField(label=gettext_lazy("where and by whom it was read"), max_length=300)

    def __init__(self, *args: Any, services: list[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.services = {service.code: service for service in services}
        choice = self.fields["service"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(service.code, service.name) for service in services]

    def clean_service(self) -> Service:
        """Return the service itself."""
        return self.services[self.cleaned_data["service"]]

    def clean_fee(self) -> int:
        """Return whole riel; an ambiguous amount is refused."""
        return _riel(self.cleaned_data["fee"])

    def clean_fee_concession(self) -> int | None:
        """Whole riel, or None where no reduced fee is posted."""
        text = self.cleaned_data["fee_concession"]
        return _riel(text) if text else None

    def clean_posted_on(self) -> date:
        """Return a day that has come: a fee is recorded once it is on the wall."""
        try:
            day = values.read_day(self.cleaned_data["posted_on"], within=days.validity())
        except UnreadableValue as error:
            raise ValidationError(str(error)) from None
        if day > timezone.localdate():
            raise ValidationError(_("This day has not come yet."))
        return day


def _riel(text: str) -> int:
    try:
        return values.read_amount(text)
    except UnreadableValue as error:
        raise ValidationError(str(error)) from None


@require_http_methods(["GET", "HEAD", "POST"])
def provider(request: HttpRequest, code: str) -> HttpResponse:
    """Show an office's services and terms; people with permission can post its own fee."""
    row = get_object_or_404(Provider.objects.select_related("place__parent__parent"), code=code)
    today = timezone.localdate()
    given = list(Service.objects.offered(today).filter(provider_kind=row.kind))
    own = [service for service in given if service.fee_by_provider]
    may_post = bool(own) and may(request.user, "standards.edit", place=row.place_id)
    form = PostedFeeForm(request.POST or None, services=own) if may_post else None
    if request.method == "POST":
        check(request.user, "standards.edit", place=row.place_id)
        if form is not None and form.is_valid() and _post(request, row, form):
            return redirect("standards:provider", code=row.code)
    context = {
        "provider": row,
        "closed": row.valid_to is not None and row.valid_to < today,
        "lines": [(service, standards_in_force(service, today, row)) for service in given],
        "form": form,
        "posters": [
            (size.upper(), first_url(["citizen:poster"], code=row.code, size=size))
            for size in ("a4", "a3")
        ],
    }
    return render(request, "standards/provider.html", context)


def _post(request: HttpRequest, office: Provider, form: PostedFeeForm) -> bool:
    """Record the fee; what the service refuses is shown in the form as a sentence."""
    assert isinstance(request.user, User)
    try:
        post_fee(provider=office, by=request.user, **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    messages.success(request, _("The posted fee has been recorded."))
    return True
