"""People, memberships, programmes and roles in the admin, for those who manage people everywhere.

Coordinators of some provinces work on the pages under ``/people/`` instead:
there every list and every choice is limited to what they manage.
"""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Membership, Programme, Role, Token, User
from accounts.permissions import NATION, scopes
from audit.admin import AuditedAdmin, EntryAdmin
from audit.models import Entry
from audit.trail import record

# Django's admin classes cannot be subscripted while the program runs.
if TYPE_CHECKING:
    _UserAdmin = UserAdmin[User]
else:
    _UserAdmin = UserAdmin


class NationalManagers:
    """Open only to people who manage people in the whole country and all programmes."""

    def _manages(self, request: HttpRequest) -> bool:
        return NATION in scopes(request.user, "people.manage")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._manages(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._manages(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._manages(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._manages(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._manages(request)


def _out_of_reach(request: HttpRequest, person: object) -> bool:
    """Return whether this is a superuser's account and the person who asks is no superuser."""
    me = request.user
    return (
        isinstance(person, User)
        and person.is_superuser
        and not (isinstance(me, User) and me.is_superuser)
    )


@admin.register(User)
class PersonAdmin(NationalManagers, _UserAdmin, AuditedAdmin):
    """Accounts. A person who left is made inactive; history keeps naming them."""

    list_display = ("username", "display_name", "language", "is_active", "is_demo", "last_login")
    list_filter = ("is_active", "language", "memberships__role")
    search_fields = ("username", "display_name")
    ordering = ("username",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined", "is_demo")
    fieldsets = (
        (None, {"fields": ("username", "password", "display_name", "language")}),
        (None, {"fields": ("is_active", "is_staff", "is_demo", "last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "username",
                    "display_name",
                    "language",
                    "usable_password",
                    "password1",
                    "password2",
                )
            },
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._manages(request) and not _out_of_reach(request, obj)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Save a new password and its audit entry, together or not at all."""
        with transaction.atomic():
            return super().user_change_password(request, id, form_url)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write the audit entry of the page of passwords, which saves without `save_related`."""
        if request.path.endswith("/password/"):
            assert isinstance(request.user, User)
            record(by=request.user, verb="password.reset", subject=obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse deletion: cases and history keep pointing to the person who recorded them."""
        return False


@admin.register(Membership)
class MembershipAdmin(NationalManagers, AuditedAdmin):
    """Memberships: a person's role, place and programme, with first and last day."""

    list_display = ("user", "role", "place", "programme", "starts_on", "ends_on")
    list_filter = ("role", "programme")
    list_select_related = ("user", "role", "place", "programme")
    search_fields = ("user__username", "user__display_name", "place__code", "place__name_latin")
    autocomplete_fields = ("user",)
    raw_id_fields = ("place",)

    def place_of(self, obj: Any) -> str:
        assert isinstance(obj, Membership)
        return obj.place_id or ""


@admin.register(Programme)
class ProgrammeAdmin(NationalManagers, AuditedAdmin):
    """Programmes: donor, implementing organisation, provinces, dates."""

    list_display = ("code", "name_en", "donor", "partner", "starts_on", "ends_on")
    search_fields = ("code", "name_en", "name_km", "donor", "partner")

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "provinces":
            kwargs["queryset"] = db_field.related_model.objects.filter(level="province")
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(Role)
class RoleAdmin(NationalManagers, AuditedAdmin):
    """Roles to read; they change by review of ``fixtures/roles.json`` and ``load_roles``."""

    list_display = ("code", "name_en", "name_km", "permissions")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Token)
class TokenAdmin(NationalManagers, AuditedAdmin):
    """Everybody's API tokens: to see them and to revoke one; keys are not kept anywhere."""

    list_display = ("user", "name", "prefix", "scope", "expires_at", "last_used_at", "revoked_at")
    fields = (
        "user",
        "name",
        "prefix",
        "scope",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    readonly_fields = (
        "user",
        "name",
        "prefix",
        "scope",
        "created_at",
        "expires_at",
        "last_used_at",
    )
    search_fields = ("user__username", "name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Entry)
class TrailAdmin(EntryAdmin):
    """The audit trail, for people who manage accounts everywhere."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return NATION in scopes(request.user, "people.manage")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return NATION in scopes(request.user, "people.manage")


def _sign_in(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """Redirect to the platform's sign-in, which has the second factor and the limits."""
    if request.user.is_authenticated:
        raise PermissionDenied(_("Your account has no right to open the admin."))
    wanted = request.GET.get("next") or reverse("admin:index")
    return redirect(f"{reverse('accounts:sign_in')}?{urlencode({'next': wanted})}")


admin.site.login = _sign_in  # type: ignore[method-assign]  # as Django's documentation has it

# Roles are ours; Django's groups would be a second way to give rights.
admin.site.unregister(Group)
