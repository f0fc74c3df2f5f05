"""Which doors a person sees: links by name, shown when the room exists and the person may enter."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import may
from pages.links import first_url


@dataclass(frozen=True)
class Door:
    """A room of the house: what it is called, what for, its URL names in order, who may enter."""

    label: str | Promise
    about: str | Promise
    names: tuple[str, ...]
    permissions: tuple[str, ...]
    always: bool = True
    """In the bar of every page; the rest only on the page where work begins."""


@dataclass(frozen=True)
class Link:
    """A door that this person may open, with its address."""

    url: str
    label: str
    about: str
    current: bool = False


DOORS = (
    Door(
        _("My communes"),
        _("Record what citizens met with, and see your last cases."),
        ("surveys:home",),
        ("cases.record",),
    ),
    Door(
        _("Compare communes"),
        _("Shares that met the standard, with intervals, on dots, a map and in a table."),
        ("dashboards:compare",),
        ("scores.released", "scores.working"),
    ),
    Door(
        _("Import cases"),
        _("Upload a spreadsheet; rows with mistakes come back with a sentence each."),
        ("surveys:import", "surveys:import_cases", "surveys:upload"),
        ("cases.import",),
    ),
    Door(
        _("Review submissions"),
        _("What tablets and ODK Collect sent, and what looks odd in it."),
        ("surveys:review", "openrosa:review", "openrosa:submissions"),
        ("submissions.review",),
        always=False,
    ),
    Door(
        _("Scoring"),
        _("Runs of the calculation and their progress."),
        ("scorecards:runs", "scorecards:progress"),
        ("scores.run",),
        always=False,
    ),
    Door(
        _("Donor's page"),
        _("Released figures by province."),
        ("dashboards:donor",),
        ("scores.released",),
        always=False,
    ),
    Door(
        _("Hotline"),
        _("Prompts, a simulator, and calls in numbers."),
        ("hotline:home", "hotline:prompts", "hotline:simulator"),
        ("hotline.edit",),
        always=False,
    ),
    Door(
        _("Standards"),
        _("Official fees, days and papers, with their sources and dates."),
        ("admin:standards_standard_changelist", "admin:app_list"),
        ("standards.edit",),
        always=False,
    ),
    Door(
        _("People"),
        _("Accounts, roles and programmes."),
        ("accounts:people",),
        ("people.manage",),
        always=False,
    ),
)


def links_for(user: object, *, path: str = "", every: bool = False) -> list[Link]:
    """The doors ``user`` may open: of the bar, or ``every`` one; ``path`` marks the current."""
    if not isinstance(user, User):
        return []
    found = []
    for door in DOORS:
        if not (door.always or every) or not any(may(user, p) for p in door.permissions):
            continue
        if url := first_url(door.names):
            found.append(Link(url, str(door.label), str(door.about), path.startswith(url)))
    return found
