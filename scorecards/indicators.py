"""The indicators of each kind of provider, and the rule that judges each.

Names and definitions of indicators are data (``standards.Indicator``); what is here is
only how a judgement is made, which is code.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """Kinds of provider measured by the same indicators, computed from their cases.

    ``rules`` maps an indicator to the column of ``JudgedCase`` that its judgement is in.
    """

    kinds: tuple[str, ...]
    rules: dict[str, str]


FAMILIES = (
    Family(
        kinds=("commune", "police", "owso"),
        rules={
            "CA-C1": "fee",
            "CA-C2": "time",
            "CA-C3": "documents",
            "CA-C4": "visits",
            "CA-C5": "receipt",
            "CA-C6": "presence",
        },
    ),
    Family(
        kinds=("health_centre",),
        rules={
            "HC-C1": "fee",
            "HC-C2": "card_holder_free",
            "HC-C3": "presence",
            "HC-C4": "medicine",
        },
    ),
    Family(
        kinds=("primary_school",),
        rules={
            "PS-C1": "no_informal_fee",
            "PS-C2": "teacher_present",
            "PS-C3": "plan_seen",
        },
    ),
)

RULES = tuple(dict.fromkeys(rule for family in FAMILIES for rule in family.rules.values()))
"""Every rule once: the judgement columns of ``JudgedCase``."""

KINDS = tuple(kind for family in FAMILIES for kind in family.kinds)
"""The kinds of provider that are scored."""

SCORED_ALONE = ("health_centre", "primary_school", "owso")
"""Kinds of which each provider has a score of its own: they serve several communes, or a
commune has several of them. A commune hall's score is its commune's."""

RULE_OF = {code: rule for family in FAMILIES for code, rule in family.rules.items()}


def family_of(kind: str) -> Family:
    """Return the family of a kind of provider.

    Raises ``KeyError`` for a kind that is not scored.
    """
    for family in FAMILIES:
        if kind in family.kinds:
            return family
    raise KeyError(kind)
