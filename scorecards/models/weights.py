"""Weights of indicators in the overall score, where somebody set another than the published one."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from standards.models import Indicator

MOST = 100


class IndicatorWeight(models.Model):
    """The weight of one promise in the overall score of its kind of provider.

    An indicator without a row has the weight of ``fixtures/weights.csv``.
    """

    indicator = models.OneToOneField(Indicator, models.PROTECT, related_name="own_weight")
    weight = models.DecimalField(_("weight"), max_digits=5, decimal_places=2)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="weight_is_above_zero",
                condition=Q(weight__gt=0, weight__lte=MOST),
                violation_error_message=_("A weight is a number above 0 and at most 100."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}: {self.weight}"
