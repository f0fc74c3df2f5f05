"""The true rates of the invented country, with which every estimate is compared.

Each provider has one true chance per indicator, drawn on the logit scale around a national mean,
with an effect of the province and of the provider. A case, a vote or a check is one draw with that
chance, so the share that scoring computes from judged cases estimates it; whether a case is judged
(unknown answers, open cases) never depends on it, except for requests so recent that they are still
open.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from standards.models import Provider

RULES = ("fee", "time", "documents", "visits", "receipt", "presence", "medicine", "teacher", "plan")
"""Rules that a case can meet or miss."""

_OFFICE_RULES = {
    "CA-C1": ("fee", 0.72),
    "CA-C2": ("time", 0.64),
    "CA-C3": ("documents", 0.80),
    "CA-C4": ("visits", 0.58),
    "CA-C5": ("receipt", 0.35),
    "CA-C6": ("presence", 0.75),
}
_OFFICE_VOTES = {"CA-P1": 0.6, "CA-P3": 0.68, "CA-P4": 0.55, "CA-P5": 0.5}
_OFFICE_CHECKS = {"CA-I1": 0.55, "CA-I2": 0.4}

# indicator -> (rule, national mean); a card holder's free visit is the centre's fee rule
CASES_OF_KIND: dict[str, dict[str, tuple[str, float]]] = {
    "commune": _OFFICE_RULES,
    "police": _OFFICE_RULES,
    "owso": _OFFICE_RULES,
    "health_centre": {
        "HC-C1": ("fee", 0.78),
        "HC-C2": ("fee", 0.78),
        "HC-C3": ("presence", 0.7),
        "HC-C4": ("medicine", 0.66),
    },
    "primary_school": {
        "PS-C1": ("fee", 0.7),
        "PS-C2": ("teacher", 0.74),
        "PS-C3": ("plan", 0.4),
    },
}
VOTES_OF_KIND = {
    "commune": _OFFICE_VOTES | {"CA-P2": 0.45},
    "police": _OFFICE_VOTES,
    "owso": _OFFICE_VOTES,
    "health_centre": {"HC-P1": 0.6, "HC-P2": 0.55, "HC-P3": 0.5, "HC-P4": 0.45},
    "primary_school": {"PS-P1": 0.65, "PS-P2": 0.7, "PS-P3": 0.45, "PS-P4": 0.6},
}
CHECKS_OF_KIND = {
    "commune": _OFFICE_CHECKS | {"CA-I3": 0.6, "CA-I4": 0.35},
    "police": _OFFICE_CHECKS,
    "owso": _OFFICE_CHECKS | {"CA-I3": 0.8},
    "health_centre": {"HC-I1": 0.6, "HC-I2": 0.55, "HC-I3": 0.5},
    "primary_school": {"PS-I1": 0.5, "PS-I2": 0.45},
}
_PROVINCE_SPREAD = 0.35
_OWN_SPREAD = 0.75


@dataclass(frozen=True)
class Truth:
    """The true rates of one provider, by indicator."""

    provider: Provider
    communes: tuple[str, ...]
    rates: dict[str, float]

    def of_rules(self) -> list[float]:
        """Return the rates in the order of ``RULES``.

        A rate is 1 where the kind of provider is not measured by the rule.
        """
        by_rule = {rule: self.rates[code] for code, (rule, _) in self._cases().items()}
        return [by_rule.get(rule, 1.0) for rule in RULES]

    def _cases(self) -> dict[str, tuple[str, float]]:
        return CASES_OF_KIND[self.provider.kind]


def draw(
    rng: np.random.Generator, providers: Iterable[tuple[Provider, tuple[str, ...]]]
) -> list[Truth]:
    """Draw true rates for every provider (with the communes it serves), in the order given."""
    by_province: dict[tuple[str, str], float] = {}
    by_school_seat: dict[tuple[str, str], float] = {}
    truths = []
    for provider, communes in providers:
        province = provider.place_id[:2]
        rates: dict[str, float] = {}
        by_rule: dict[str, float] = {}
        for code, rule, mean in _indicators(provider.kind):
            if rule and rule in by_rule:
                rates[code] = by_rule[rule]
                continue
            shared = by_province.setdefault((province, code), rng.normal(0, _PROVINCE_SPREAD))
            own = rng.normal(0, _OWN_SPREAD)
            if provider.kind == "primary_school":
                # schools of one commune share their chance: its scorecard has one truth
                own = by_school_seat.setdefault((provider.place_id, code), own)
            logit = np.log(mean / (1 - mean)) + shared + own
            rates[code] = round(float(1 / (1 + np.exp(-logit))), 6)
            by_rule[rule] = rates[code]
        truths.append(Truth(provider, communes, rates))
    return truths


def _indicators(kind: str) -> list[tuple[str, str, float]]:
    cases = [(code, rule, mean) for code, (rule, mean) in CASES_OF_KIND[kind].items()]
    others = {**VOTES_OF_KIND[kind], **CHECKS_OF_KIND[kind]}
    return cases + [(code, "", mean) for code, mean in others.items()]


def write(truths: Iterable[Truth], path: Path) -> None:
    """Write the truth as CSV: one line per commune, provider and indicator."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            [
                "province_code",
                "commune_code",
                "provider_kind",
                "provider",
                "indicator",
                "true_share",
            ]
        )
        for truth in truths:
            for commune in truth.communes:
                for code, share in truth.rates.items():
                    out.writerow(
                        [
                            commune[:2],
                            commune,
                            truth.provider.kind,
                            truth.provider.code,
                            code,
                            f"{share:.6f}",
                        ]
                    )
