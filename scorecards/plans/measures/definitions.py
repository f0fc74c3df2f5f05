"""The measures of rounds and plans: names, units, numerators and denominators."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PEOPLE: Final = "people"
"""Numbers of people are rounded when they are released; every other unit is public one by one."""


@dataclass(frozen=True)
class Measure:
    """One measure: a share of ``unit``; ``better`` says which direction is good, "" for neither."""

    code: str
    unit: str
    better: str
    name: str | Promise
    about: str | Promise


_ATTENDED: Final = _("Of the people who came to information sessions and meetings.")
MEASURES: Final = (
    Measure(
        "rounds_held",
        "rounds",
        "higher",
        _("Rounds held"),
        _("Of the rounds whose meeting was planned until today, those that met."),
    ),
    Measure(
        "plans_agreed",
        "rounds",
        "higher",
        _("Rounds with an agreed plan"),
        _("Of the rounds that met, those whose plan both sides agreed on."),
    ),
    Measure(
        "three_cycles",
        "communes",
        "higher",
        _("Communes with three full cycles"),
        _("Of the communes with a round, those that met, agreed and followed up in three periods."),
    ),
    Measure(
        "on_time",
        "actions",
        "higher",
        _("Done on time"),
        _(
            "Of the actions whose first promised day has passed, those confirmed after a report "
            "of no later than that day."
        ),
    ),
    Measure(
        "said_done",
        "actions",
        "",
        _("Reported done"),
        _("Of the agreed actions, those their office ever reported done."),
    ),
    Measure(
        "confirmed",
        "actions",
        "higher",
        _("Confirmed by citizens"),
        _("Of the agreed actions, those that citizens confirmed."),
    ),
    Measure(
        "denied",
        "actions",
        "lower",
        _("Denied by citizens"),
        _("Of the actions that were reported done, those that citizens ever denied."),
    ),
    Measure(
        "moved",
        "actions",
        "lower",
        _("Promised day moved"),
        _("Of the agreed actions, those whose promised day was moved at least once."),
    ),
    Measure(
        "self_higher",
        "figures",
        "lower",
        _("Provider rates itself higher"),
        _(
            "Of the released figures that both the community and the provider scored, those "
            "where the provider's share is higher."
        ),
    ),
    Measure("women", PEOPLE, "", _("Women who came"), _ATTENDED),
    Measure("youth", PEOPLE, "", _("People of 15 to 30 who came"), _ATTENDED),
    Measure("poor_card", PEOPLE, "", _("People with an equity card (IDPoor) who came"), _ATTENDED),
    Measure("disability", PEOPLE, "", _("People with a disability who came"), _ATTENDED),
    Measure("minority", PEOPLE, "", _("People of an ethnic minority who came"), _ATTENDED),
)
BY_CODE: Final = {measure.code: measure for measure in MEASURES}
OF_PEOPLE: Final = tuple(measure.code for measure in MEASURES if measure.unit == PEOPLE)
OF_LEVELS: Final = ("confirmed", "on_time")
"""Measures that are also given by the level at which an action is decided."""
