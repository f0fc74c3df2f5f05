"""Admin pages whose writes make audit entries, and the history that they show."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from audit.models import Entry
from audit.trail import history, record

# Django's admin classes cannot be subscripted while the program runs.
if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin

# Never written into history, however a form may be built.
_SECRET = frozenset({"password", "key_hash"})


def _plain(value: Any) -> Any:
    """Return a field's value as JSON keeps it."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, QuerySet | list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)


class AuditedAdmin(_ModelAdmin):
    """An admin page that writes down who changed what, in the transaction of the change.

    Django's own log is not kept beside it: there is one history, and it is append-only.
    """

    actions = None

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return None

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Iterable[Any], change: bool
    ) -> None:
        """Write the entry as the last step of a save, when many-to-many is known too."""
        super().save_related(request, form, formsets, change)
        self.record_form(request, form, change)

    def record_form(self, request: HttpRequest, form: Any, change: bool) -> None:
        """Write the entry of one saved form: the fields that changed, before and after."""
        names = [n for n in form.changed_data if n not in _SECRET and not n.startswith("password")]
        if change and not form.changed_data:
            return
        record(
            by=request.user,
            verb=f"{self.opts.model_name}.{'changed' if change else 'added'}",
            subject=form.instance,
            place_code=self.place_of(form.instance),
            before={n: _plain(form.initial.get(n)) for n in names} if change else None,
            after={n: _plain(form.cleaned_data.get(n)) for n in names},
        )

    def place_of(self, obj: Any) -> str:
        """Return the code of the place that a change concerns; "" for none."""
        return ""

    @transaction.atomic
    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        before = {
            f.attname: _plain(getattr(obj, f.attname))
            for f in obj._meta.concrete_fields
            if f.name not in _SECRET
        }
        record(
            by=request.user,
            verb=f"{self.opts.model_name}.deleted",
            subject=obj,
            place_code=self.place_of(obj),
            before=before,
        )
        super().delete_model(request, obj)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the "history" button: the audit entries of this record."""
        obj = get_object_or_404(self.get_queryset(request), pk=object_id)
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %(record)s") % {"record": obj},
            "entries": history(obj),
            "opts": self.opts,
            "object": obj,
            **(extra_context or {}),
        }
        return render(request, "audit/admin_history.html", context)


class EntryAdmin(_ModelAdmin):
    """The whole trail, to read: nothing can be added, changed or deleted.

    The accounts app registers it and defines who may read it (`accounts.admin`).
    """

    actions = None
    list_display = ("at", "actor", "verb", "subject_type", "subject_id", "place_code", "reason")
    list_filter = ("subject_type", "verb")
    search_fields = ("actor", "subject_id", "place_code")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False
