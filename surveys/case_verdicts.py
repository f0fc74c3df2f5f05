"""Verdicts on one case, rule by rule; the rules are in the layer above this one.

``settings.CASE_VERDICTS`` names the function that makes a list of ``Verdict`` from a ``Case``.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from surveys.models import Case


@dataclass(frozen=True)
class Verdict:
    """One rule applied to one case: its name, ``met``, ``not_met`` or ``not_judged``, and why."""

    label: str
    outcome: str
    text: str


def verdicts_of(case: "Case") -> list[Verdict]:
    """Return the verdict of every rule that applies to the case's kind of provider, in the reader's
    language.
    """
    return cast("list[Verdict]", import_string(settings.CASE_VERDICTS)(case))
