"""People, their roles, the programmes they work for, and their tokens."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from places.models import Place


class UserManager(BaseUserManager["User"]):
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
    is_staff = models.BooleanField(default=False, help_text="may open the admin")
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(
        default=False,
        help_text="a demo account; refused where real people are served",
    )
    session_generation = models.PositiveIntegerField(
        default=0, help_text="raised to sign this person out everywhere"
    )
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []

    def __str__(self) -> str:
        return self.display_name or self.username


class Programme(models.Model):
    """Work that one donor pays and one partner carries out, in named provinces, for a time."""

    code = models.SlugField(max_length=60, unique=True)
    name_km = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    donor = models.CharField(max_length=200, blank=True)
    partner = models.CharField(_("implementing organisation"), max_length=200, blank=True)
    provinces = models.ManyToManyField(Place, blank=True, related_name="programmes")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="programme_ends_after_it_starts",
                condition=Q(ends_on=None)
                | Q(starts_on=None)
                | Q(ends_on__gte=models.F("starts_on")),
            )
        ]

    def __str__(self) -> str:
        return self.name_en


class Role(models.Model):
    """What a kind of person may do, as data with a paragraph for humans."""

    code = models.SlugField(max_length=40, unique=True)
    name_km = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    about_km = models.TextField()
    about_en = models.TextField()
    permissions = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    def __str__(self) -> str:
        return self.name_en


class Membership(models.Model):
    """One person in one role, for one place (or the whole country) and one programme (or all)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.ForeignKey(Role, models.PROTECT, related_name="memberships")
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True)
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "place", "programme"],
                nulls_distinct=False,
                name="membership_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role} {self.place_id or ''}"


class Token(models.Model):
    """A key with which one person's program speaks to the API; only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user}: {self.name}"
