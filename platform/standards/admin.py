"""Standards, services, providers and holidays in the admin: every write is a service's."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import NATION, scopes
from audit.admin import AuditedAdmin
from audit.models import Entry
from khmer.digits import to_ascii
from khmer.text import fold
from pages.templatetags.khmer import number, riel
from places.models import Place
from places.services import save_place
from standards import services
from standards.forms import HolidayForm, ServiceForm, SubDecreeForm
from standards.models import Currency, Document, Holiday, Indicator, Provider, Service, Standard
from standards.revision_steps import documents_of

FEE_AND_TIME = (
    "fee",
    "fee_concession",
    "currency",
    "fee_unit",
    "days_max",
    "day_kind",
    "valid_years",
)
WHERE_READ = (
    "legal_basis_km",
    "legal_basis_en",
    "source",
    "checked_on",
    "completeness_km",
    "completeness_en",
)


class EditorsAdmin(AuditedAdmin):
    """Open to people who edit standards for the whole country; services write the history."""

    def _edits(self, request: HttpRequest) -> bool:
        return NATION in scopes(request.user, "standards.edit")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._edits(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._edits(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._edits(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._edits(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse deletion: rows are replaced, retired, closed or cancelled."""
        return False

    def record_form(self, request: HttpRequest, form: Any, change: bool) -> None:
        """Do nothing; the service has written the entry."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        services.save_record(record=obj, by=_person(request))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Save; a service's refusal at the last moment is a message, not a server error."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as error:
            for sentence in error.messages:
                messages.error(request, sentence)
            return HttpResponseRedirect(request.get_full_path())


class DeletableAdmin(EditorsAdmin):
    """Rows entered by mistake can be deleted as long as nothing points to them."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._edits(request)


class Standing(admin.SimpleListFilter):
    """Current rows, unless the replaced ones are asked for."""

    title = _("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("replaced", _("replaced")), ("all", _("all"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(replaced_at__isnull=self.value() != "replaced")


@admin.register(Standard)
class StandardAdmin(EditorsAdmin):
    """Official standards, to be read: they are changed on their own page.

    One form for "the price changes next month" and "the price was misread" loses days or
    rewrites the past; the page keeps the two apart and shows what each affects.
    """

    fieldsets = (
        (None, {"fields": ("change_it", "service", "option", "provider")}),
        (_("fee and time"), {"fields": FEE_AND_TIME}),
        (_("required documents"), {"fields": ("papers", "documents_known")}),
        (_("in force"), {"fields": ("valid_from", "valid_to")}),
        (_("where it was read"), {"fields": WHERE_READ}),
    )
    readonly_fields = ("change_it", "papers")
    list_display = (
        "service",
        "option",
        "provider",
        "fee_shown",
        "days_max",
        "day_kind",
        "valid_from",
        "valid_to",
        "recorded_by",
    )
    list_filter = (Standing, "service")
    list_select_related = ("service", "provider", "recorded_by")
    search_fields = ("service__code", "service__name_km", "service__name_en", "provider__code")

    @admin.display(description=_("official fee"), ordering="fee")
    def fee_shown(self, obj: Standard) -> str:
        """Return the fee as a reader writes it; a dash where none was published."""
        if obj.fee is None:
            return "–"
        in_riel = obj.currency == Currency.KHR
        return riel(obj.fee) if in_riel else f"{number(obj.fee)} {obj.currency}"

    @admin.display(description=_("change it"))
    def change_it(self, obj: Standard) -> SafeString:
        """Return a link to the page on which this standard is changed."""
        address = reverse("standards:edit_service", args=[obj.service.code])
        return format_html('<a href="{}">{}</a>', address, _("New price, correction or withdrawal"))

    @admin.display(description=_("required documents"))
    def papers(self, obj: Standard) -> str:
        """Return the documents on the list, in their order."""
        return ", ".join(document.name for document in documents_of(obj)) or "–"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the history of the standard over all the rows that replaced each other."""
        numbered = object_id.isascii() and object_id.isdigit() and len(object_id) < 19
        row = Standard.objects.filter(pk=object_id).first() if numbered else None
        keys = [str(each.pk) for each in services.chain(row)] if row is not None else []
        label = Standard._meta.label_lower
        entries = Entry.objects.filter(subject_type=label, subject_id__in=keys).order_by("-at")
        return super().history_view(
            request, object_id, {"entries": entries, **(extra_context or {})}
        )


@admin.register(Service)
class ServiceAdmin(EditorsAdmin):
    """Public services; one that is no longer given is retired on a day."""

    form = ServiceForm
    list_display = ("code", "name_km", "name_en", "provider_kind", "fee_by_provider", "retired_on")
    list_filter = ("provider_kind",)
    search_fields = ("code", "name_km", "name_en")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Make code and kind read-only once stored: cases and spreadsheets use a service's code."""
        return ("code", "provider_kind") if obj is not None else ()

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: bool) -> None:
        retired_on = form.cleaned_data["retired_on"]
        newly = "retired_on" in form.changed_data and retired_on is not None
        reason = form.cleaned_data["reason"]
        if newly:
            obj.retired_on = form.initial.get("retired_on")
        services.save_record(record=obj, by=_person(request), reason=reason)
        if newly and obj.retired_on is None:
            services.retire_service(service=obj, on=retired_on, by=_person(request), reason=reason)
        elif newly:
            obj.retired_on = retired_on
            services.save_record(record=obj, by=_person(request), reason=reason)


@admin.register(Provider)
class ProviderAdmin(DeletableAdmin):
    """Halls, posts, health centres, schools and offices."""

    list_display = ("code", "name_km", "name_en", "kind", "place", "valid_to")
    list_filter = ("kind",)
    list_select_related = ("place",)
    search_fields = ("code", "name_km", "name_en", "place__code")
    autocomplete_fields = ("place", "serves")
    show_full_result_count = False

    def place_of(self, obj: Any) -> str:
        return str(obj.place_id)


@admin.register(Document)
class DocumentAdmin(DeletableAdmin):
    """Papers that offices may ask for."""

    list_display = ("code", "name_km", "name_en")
    search_fields = ("code", "name_km", "name_en")


@admin.register(Indicator)
class IndicatorAdmin(EditorsAdmin):
    """Indicators; their texts may be corrected, codes and kinds come from fixtures."""

    list_display = ("code", "kind", "name_km", "name_en")
    list_filter = ("kind",)
    readonly_fields = ("code", "kind", "provider_kinds", "position")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Holiday)
class HolidayAdmin(EditorsAdmin):
    """Days on which offices are closed: predicted, until someone has seen the sub-decree."""

    form = HolidayForm
    action_form = SubDecreeForm
    list_display = ("date", "name_km", "name_en", "is_official", "is_cancelled", "source")
    list_filter = ("is_official", "is_cancelled")
    date_hierarchy = "date"
    ordering = ("-date",)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the one bulk action, for those who may edit: mark days as official."""
        function, name, description = cast("Any", self.get_action("mark_official"))
        return {name: (function, name, description)} if self._edits(request) else {}

    @admin.action(description=_("mark the ticked days official"))
    def mark_official(self, request: HttpRequest, queryset: QuerySet[Holiday]) -> None:
        """Mark a whole year at once: all the days that one sub-decree names."""
        source = request.POST.get("source", "")
        try:
            with transaction.atomic():
                for day in queryset:
                    services.mark_holiday_official(holiday=day, by=_person(request), source=source)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("The ticked days are official now."))

    def save_model(self, request: HttpRequest, obj: Holiday, form: Any, change: bool) -> None:
        services.save_holiday(holiday=obj, by=_person(request), reason=form.cleaned_data["reason"])


@admin.register(Place)
class PlaceAdmin(EditorsAdmin):
    """Provinces to villages, for splits and renames; nothing is deleted, it ends on a day.

    It is here and not in the package of the model, because rights are defined above places.
    """

    list_display = ("code", "name_km", "name_latin", "kind", "valid_from", "valid_to")
    list_filter = ("level", "kind")
    search_fields = ("code", "search")
    autocomplete_fields = ("parent", "predecessor")
    exclude = ("search",)
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Make code and level read-only once stored: another code is another place."""
        return ("code", "level") if obj is not None else ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Search as everywhere: without zero-width spaces, Khmer digits accepted."""
        return super().get_search_results(request, queryset, fold(to_ascii(search_term)))

    def save_model(self, request: HttpRequest, obj: Place, form: Any, change: bool) -> None:
        save_place(place=obj, by=_person(request))


def _person(request: HttpRequest) -> User:
    """Return the signed-in person; the admin admits nobody else."""
    return cast("User", request.user)
