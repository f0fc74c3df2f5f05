"""Which pages a person is offered: by name, where the page exists and the person may open it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import NATION, may, scopes
from accounts.worklist import Count, counts_for
from pages.links import first_url


@dataclass(frozen=True)
class Door:
    """A room of the house: what it is called, what for, its URL names in order, who may enter."""

    label: str | Promise
    about: str | Promise
    names: tuple[str, ...]
    permissions: tuple[str, ...]
    always: bool = False
    """In the bar of every page; the rest only on the page where work begins."""

    public: bool = False
    """Open to visitors too."""

    national: bool = False
    """Only for those whose permission holds in the whole country."""

    def opens_to(self, user: object) -> bool:
        """Whether this person may enter."""
        if self.public:
            return True
        if self.national:
            return any(NATION in scopes(user, p) for p in self.permissions)
        return any(may(user, p) for p in self.permissions)


@dataclass(frozen=True)
class Link:
    """A door that this person may open, with its address."""

    url: str
    label: str
    about: str
    current: bool = False
    in_bar: bool = False
    counts: tuple[Count, ...] = field(default=(), compare=False)
    """What the card of the home page counts; what is zero and waits for nobody is left out."""

    @property
    def waiting(self) -> tuple[Count, ...]:
        """Counts of what somebody has to deal with."""
        return tuple(c for c in self.counts if c.waits and c.number)

    @property
    def waits(self) -> int:
        """How many things wait behind this card."""
        return sum(c.number for c in self.waiting)

    @property
    def informing(self) -> tuple[Count, ...]:
        """Counts that only inform."""
        return tuple(c for c in self.counts if not c.waits)


DOORS = (
    Door(
        _("My communes"),
        _("Record what citizens experienced, and see your last cases."),
        ("surveys:home",),
        ("cases.record",),
    ),
    Door(
        _("Progress of gathering"),
        _("Which communes lack cases this quarter, and who records there."),
        ("surveys:progress",),
        ("cases.record",),
    ),
    Door(
        _("What became of my cases"),
        _("Which cases count, which were corrected or excluded, and what was sent back."),
        ("surveys:outcomes",),
        ("cases.record",),
    ),
    Door(
        _("Cases"),
        _("Search, filter, exclude and download single cases."),
        ("surveys:cases",),
        ("cases.read",),
    ),
    Door(
        _("Search"),
        _("Find a place, a service or an office."),
        ("standards:search",),
        (),
        public=True,
    ),
    Door(
        _("Prices, days and documents"),
        _("What each public service officially costs, how long it takes, what to bring."),
        ("standards:services",),
        (),
        always=True,
        public=True,
    ),
    Door(
        _("Compare communes"),
        _("Shares that met the standard, with intervals, on dots, a map and in a table."),
        ("dashboards:compare",),
        (),
        always=True,
        public=True,
    ),
    Door(
        _("A district's communes"),
        _("Which communes of a district need attention, and why."),
        ("dashboards:districts",),
        (),
        public=True,
    ),
    Door(
        _("A commune's scorecard"),
        _("Each service compared with its standard, in figures and in words."),
        ("dashboards:communes",),
        (),
        public=True,
    ),
    Door(
        _("Rounds"),
        _("Each round of social accountability against its plan, late stages first."),
        ("rounds:rounds",),
        ("rounds.read",),
    ),
    Door(
        _("Information sessions"),
        _("Record sessions and trainings: who came, what was handed out."),
        ("rounds:sessions",),
        ("rounds.record",),
    ),
    Door(
        _("People reached"),
        _("Information sessions by programme, province and group."),
        ("rounds:totals",),
        ("scores.released", "rounds.record"),
    ),
    Door(
        _("Actions that wait for you"),
        _("Commitments that are late, denied by citizens or due soon; answer in two taps."),
        ("plans:work",),
        ("plans.read",),
        always=True,
    ),
    Door(
        _("Requests waiting at my office"),
        _("What citizens asked for and agreed to show, past the promised day first."),
        ("surveys:office_requests",),
        ("plans.report",),
    ),
    Door(
        _("Joint action plans"),
        _("Draft a plan, print it for signature, follow its actions."),
        ("plans:plans",),
        ("plans.read",),
    ),
    Door(
        _("Commitments by district"),
        _("What is asked of the district, what is late, how each commune stands."),
        ("plans:districts",),
        ("plans.read",),
    ),
    Door(
        _("How commitments are kept"),
        _("Rounds held, commitments kept, denied and late, by place; with each release."),
        ("plans:measures",),
        ("plans.read", "scores.released"),
    ),
    Door(
        _("Texts and photos to check"),
        _("What the public may read and see of action plans."),
        ("plans:moderation",),
        ("plans.moderate",),
    ),
    Door(
        _("Import cases"),
        _("Upload a spreadsheet; rows with mistakes come back with a sentence each."),
        ("surveys:import", "surveys:import_cases", "surveys:upload", "surveys:imports"),
        ("cases.import",),
    ),
    Door(
        _("Review submissions"),
        _("What tablets and ODK Collect sent, and what looks odd in it."),
        ("surveys:review", "surveys:submissions", "openrosa:review", "openrosa:submissions"),
        ("submissions.review",),
    ),
    Door(
        _("Forms"),
        _("Upload a questionnaire, test it, publish it."),
        ("surveys:forms",),
        ("forms.publish",),
    ),
    Door(
        _("Tablets"),
        _("Enrol a tablet or ODK Collect, and say who uses it."),
        ("surveys:tablets",),
        ("submissions.review",),
    ),
    Door(
        _("Scoring"),
        _("Runs of the calculation and their progress."),
        ("scorecards:runs", "scorecards:progress"),
        ("scores.run",),
    ),
    Door(
        _("Releases"),
        _("Approve the figures that councils, partners and the public see."),
        ("scorecards:releases",),
        ("releases.approve",),
        always=False,
    ),
    Door(
        _("Donor's page"),
        _("Released figures by province."),
        ("dashboards:donor",),
        ("scores.released",),
    ),
    Door(
        _("Print"),
        _("Scorecards on one sheet, wall posters, summaries and reports."),
        ("dashboards:print",),
        (),
        public=True,
    ),
    Door(
        _("Posters"),
        _("Official prices, days and documents of an office, to print and display."),
        ("citizen:posters",),
        ("cases.record",),
    ),
    Door(
        _("Hotline"),
        _("Prompts, a simulator, and calls in numbers."),
        ("hotline:home", "hotline:prompts", "hotline:simulator"),
        ("hotline.edit",),
    ),
    Door(
        _("Sealed reports"),
        _("Open what citizens sealed for the organisation's key."),
        ("citizen:reports",),
        ("reports.open",),
    ),
    Door(
        _("Standards"),
        _("Change official fees, days and documents, services and indicators."),
        ("standards:edit_services",),
        ("standards.edit",),
        always=True,
    ),
    Door(
        _("Weights of indicators"),
        _("How much each promise counts in the overall score."),
        ("scorecards:weights",),
        ("standards.edit",),
        national=True,
    ),
    Door(
        _("People"),
        _("Accounts and roles."),
        ("accounts:people",),
        ("people.manage",),
    ),
    Door(
        _("Other systems"),
        _("Take records from KoboToolbox or ODK Central, give figures to DHIS2."),
        ("interchange:links",),
        ("submissions.review",),
    ),
    Door(
        _("Is everything working?"),
        _("Records that wait, silent tablets, scores, backups: what is well and what to do."),
        ("operations:status",),
        ("submissions.review",),
    ),
    Door(
        _("Programmes"),
        _("Who pays, who carries it out, in which provinces."),
        ("accounts:programmes",),
        ("people.manage",),
    ),
    Door(
        _("How long things are kept"),
        _("What is erased when, and what was erased."),
        ("retention:rules",),
        ("people.manage",),
        national=True,
    ),
)


def links_for(user: object, *, path: str = "") -> list[Link]:
    """List the pages open to ``user``, those of the bar marked; ``path`` marks the current one.

    A visitor (None too) gets the public pages and the one to sign in.
    """
    signed_in = isinstance(user, User)
    results = []
    if signed_in:
        home = first_url(("accounts:home",)) or ""
        results.append(Link(home, gettext("My work"), "", path == home, in_bar=True))
    for door in DOORS:
        if door.opens_to(user) and (url := first_url(door.names)):
            results.append(
                Link(
                    url,
                    str(door.label),
                    str(door.about),
                    path.startswith(url),
                    in_bar=door.always,
                )
            )
    if not signed_in:
        sign_in = first_url(("accounts:sign_in",)) or ""
        results.append(Link(sign_in, gettext("Sign in"), "", path == sign_in, in_bar=True))
    return results


def work_of(user: User) -> list[Link]:
    """Every door of this person with its counts: what waits first, most first; then the others.

    A card whose counts are all zero says that nothing waits; public pages have no counts.
    """
    by_door: dict[str, list[Count]] = {}
    for count in counts_for(user):
        by_door.setdefault(count.door, []).append(count)
    results = []
    for door in DOORS:
        if not door.opens_to(user):
            continue
        if url := first_url(door.names):
            counts = tuple(c for name in door.names for c in by_door.get(name, ()))
            results.append(Link(url, str(door.label), str(door.about), counts=counts))
    return sorted(results, key=lambda link: not link.waits)


def trail_to(user: object, path: str, links: Iterable[Link]) -> list[Link]:
    """List the pages above the one at ``path``: where work begins, then the nearest of ``links``.

    Empty on those pages themselves.
    """
    signed_in = isinstance(user, User)
    start = (
        Link(first_url(("accounts:home",)) or "", gettext("My work"), "")
        if signed_in
        else Link("/", gettext("Front page"), "")
    )
    if path in {start.url, "/"}:
        return []
    above = [link for link in links if path.startswith(link.url)]
    nearest = max(above, key=lambda link: len(link.url), default=None)
    if nearest is None or nearest.url in {path, start.url}:
        return [start]
    return [start, nearest]
