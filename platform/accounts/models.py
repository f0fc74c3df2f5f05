"""People, their roles, the programmes they work for, and their tokens."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.factors import AuthenticatorApp, Passkey, RecoveryCode, WebSession
from accounts.permissions import NATION, Scope, covered, in_force, scopes
from pages.languages import in_language
from parsing.validators import plausible_validity
from places.models import Place

__all__ = [
    "AuthenticatorApp",
    "Membership",
    "Passkey",
    "Programme",
    "RecoveryCode",
    "Role",
    "Token",
    "User",
    "WebSession",
]


class UserQuerySet(models.QuerySet["User"]):
    """People, as another person may see them."""

    def visible_to(self, user: object) -> "UserQuerySet":
        """Return oneself, and the people whose memberships one manages.

        A nation's manager sees all.
        """
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if NATION in scopes(user, "people.manage"):
            return self
        managed = Membership.objects.managed_by(user).values("user")
        return self.filter(Q(pk=user.pk) | Q(pk__in=managed))


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: object) -> UserQuerySet:
        """See UserQuerySet.visible_to."""
        return self.get_queryset().visible_to(user)

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who works with the platform; citizens never have an account."""

    username = models.CharField(_("user name"), max_length=150, unique=True)
    display_name = models.CharField(_("name shown"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=2, default="km")
    is_staff = models.BooleanField(_("may open the admin"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_demo = models.BooleanField(
        default=False,
        help_text="a demo account; refused where real people are served",
    )
    session_generation = models.PositiveIntegerField(
        default=0, help_text="raised to sign this person out everywhere"
    )
    has_second_factor = models.BooleanField(_("has a second factor"), default=False)
    date_joined = models.DateTimeField(_("made at"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    # What accounts.permissions remembers during one request.
    keeps_grants: bool = False
    kept_grants: list[tuple[Scope, frozenset[str]]] | None = None

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        indexes = [
            # every page asks whether this is a demo database
            models.Index(fields=["id"], condition=Q(is_demo=True), name="user_demo"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return the hash that each request's session must match: of password and generation.

        Raising ``session_generation`` therefore ends every session of this person.
        """
        return salted_hmac(
            "accounts.User.session",
            f"{self.password}:{self.session_generation}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    """Programmes, as a person may see them."""

    def visible_to(self, user: object) -> "ProgrammeQuerySet":
        """Return programmes a person belongs to.

        People bound to none see those at work in their places.
        """
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        condition = Q(pk__in=[])
        held = user.memberships.filter(in_force(timezone.localdate()))
        for place, programme in held.values_list("place_id", "programme_id"):
            if programme is not None:
                condition |= Q(pk=programme)
            elif place is None:
                return self
            else:
                here = Place.objects.filter(code=place[:2])
                condition |= Q(provinces=None) | Q(
                    pk__in=Programme.objects.filter(provinces__in=here)
                )
        return self.filter(condition).distinct()

    def at_work_in(self, place: str) -> "ProgrammeQuerySet":
        """Return programmes that work in the province of this place; one without provinces does."""
        through = Programme.provinces.through.objects.filter(programme=models.OuterRef("pk"))
        return self.filter(
            models.Exists(through.filter(place__code=place[:2])) | ~models.Exists(through)
        )

    def reached_by(self, user: object, *permissions: str) -> "ProgrammeQuerySet":
        """Return programmes in some part of which this person holds one of ``permissions``."""
        condition = Q(pk__in=[])
        for scope in _scopes_of(user, permissions):
            if scope.programme is not None:
                condition |= Q(pk=scope.programme)
            elif not scope.place:
                return self
            else:
                condition |= Q(pk__in=Programme.objects.at_work_in(scope.place).values("pk"))
        return self.filter(condition)

    def managed_by(self, user: object, *permissions: str) -> "ProgrammeQuerySet":
        """Return programmes in all of which this person holds one of ``permissions``.

        For what belongs to a whole programme and to no place: tablets and their keys, forms,
        rules, webhooks. A membership without a place manages it; those of places only where they
        hold, together, every province of the programme.
        """
        places: dict[int | None, set[str]] = {None: set()}
        condition = Q(pk__in=[])
        for scope in _scopes_of(user, permissions):
            if scope.place:
                places.setdefault(scope.programme, set()).add(scope.place)
            elif scope.programme is None:
                return self
            else:
                condition |= Q(pk=scope.programme)
        for programme, own in places.items():
            held = Q(pk__in=_all_within(own | places[None]).values("pk"))
            condition |= held if programme is None else held & Q(pk=programme)
        return self.filter(condition)


def _all_within(places: set[str]) -> ProgrammeQuerySet:
    """Return programmes with provinces, all of which are in one of these places."""
    inside = Q(pk__in=[])
    for code in places:
        inside |= Q(place__code__startswith=code)
    through = Programme.provinces.through.objects.filter(programme=models.OuterRef("pk"))
    return Programme.objects.filter(models.Exists(through), ~models.Exists(through.exclude(inside)))


def _scopes_of(user: object, permissions: tuple[str, ...]) -> set[Scope]:
    return {scope for permission in permissions for scope in scopes(user, permission)}


class Programme(models.Model):
    """Work that one donor pays and one partner carries out, in named provinces, for a time."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name_km = models.CharField(_("name in Khmer"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200)
    donor = models.CharField(_("donor"), max_length=200, blank=True)
    partner = models.CharField(_("implementing organisation"), max_length=200, blank=True)
    provinces = models.ManyToManyField(
        Place, blank=True, related_name="programmes", verbose_name=_("provinces")
    )
    starts_on = models.DateField(
        _("starts on"), null=True, blank=True, validators=[plausible_validity]
    )
    ends_on = models.DateField(_("ends on"), null=True, blank=True, validators=[plausible_validity])

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        constraints = [
            models.CheckConstraint(
                name="programme_ends_after_it_starts",
                condition=Q(ends_on=None)
                | Q(starts_on=None)
                | Q(ends_on__gte=models.F("starts_on")),
            )
        ]

    def __str__(self) -> str:
        return in_language(self.name_km, self.name_en)


class Role(models.Model):
    """A named set of permissions, as data, with a paragraph for people."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_km = models.CharField(_("name in Khmer"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)
    about_km = models.TextField(_("about it in Khmer"))
    about_en = models.TextField(_("about it in English"))
    permissions = ArrayField(
        models.CharField(max_length=60), verbose_name=_("permissions"), default=list, blank=True
    )

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")

    def __str__(self) -> str:
        return in_language(self.name_km, self.name_en)


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships, as a person may see and manage them."""

    def in_force(self, on: date) -> "MembershipQuerySet":
        """Return the memberships that hold on the day ``on``."""
        return self.filter(in_force(on))

    def managed_by(self, user: object) -> "MembershipQuerySet":
        """Return those inside the places and programmes in which ``user`` manages people."""
        return self.filter(
            covered(user, "people.manage", place="place__code", programme="programme")
        )

    def visible_to(self, user: object) -> "MembershipQuerySet":
        """Return one's own, and those one manages."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        managed = covered(user, "people.manage", place="place__code", programme="programme")
        return self.filter(Q(user=user) | managed) if managed else self


class Membership(models.Model):
    """One person in one role, for one place (or the whole country) and one programme (or all)."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="memberships", verbose_name=_("person")
    )
    role = models.ForeignKey(
        Role, models.PROTECT, related_name="memberships", verbose_name=_("role")
    )
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True, verbose_name=_("place"))
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, verbose_name=_("programme")
    )
    starts_on = models.DateField(
        _("starts on"), null=True, blank=True, validators=[plausible_validity]
    )
    ends_on = models.DateField(_("ends on"), null=True, blank=True, validators=[plausible_validity])

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("person's role")
        verbose_name_plural = _("people's roles")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "place", "programme"],
                nulls_distinct=False,
                name="membership_once",
            ),
            models.CheckConstraint(
                name="membership_ends_after_it_starts",
                condition=Q(ends_on=None)
                | Q(starts_on=None)
                | Q(ends_on__gte=models.F("starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role} {self.place_id or ''}"


class TokenQuerySet(models.QuerySet["Token"]):
    """Tokens, as a person may see them; nobody ever sees a key again."""

    def visible_to(self, user: object) -> "TokenQuerySet":
        """Return one's own, and those of the people one manages (to revoke them)."""
        return self.filter(user__in=User.objects.visible_to(user))

    def usable(self) -> "TokenQuerySet":
        """Select those that still open the API today."""
        rows = self.filter(revoked_at=None, user__is_active=True, expires_at__gt=timezone.now())
        return rows.filter(user__is_demo=False) if settings.LIVE else rows


def a_quarter_from_now() -> datetime:
    """Return the usual end of a token: 90 days from now."""
    return timezone.now() + timedelta(days=90)


class Token(models.Model):
    """A key with which one person's program speaks to the API; only its hash is kept."""

    class Scope(models.TextChoices):
        READ = "read", _("read only")
        WRITE = "write", _("read and write")

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens", verbose_name=_("person"))
    name = models.CharField(_("name"), max_length=80)
    key_hash = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(
        _("begins with"), max_length=12, blank=True, help_text="to know one's own key again"
    )
    scope = models.CharField(_("may"), max_length=5, choices=Scope.choices, default=Scope.WRITE)
    with_second_factor = models.BooleanField(
        default=True, help_text="made in a session whose person showed a second factor"
    )
    created_at = models.DateTimeField(_("made at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("ends"), default=a_quarter_from_now)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("key of the API")
        verbose_name_plural = _("keys of the API")

    def __str__(self) -> str:
        return f"{self.user}: {self.name}"

    @property
    def is_over(self) -> bool:
        """Return whether its time has run out."""
        return self.expires_at <= timezone.now()
