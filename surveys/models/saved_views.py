"""Lists that a person opens often, stored under a name."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class SavedView(models.Model):
    """The filters and order of the list of cases that one person keeps under a name.

    ``query`` is the part of the address after "?"; what it may show is decided anew each time.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name of the list"), max_length=80)
    query = models.CharField(max_length=2000, blank=True)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="saved_view_name_once"),
            models.CheckConstraint(name="saved_view_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name
