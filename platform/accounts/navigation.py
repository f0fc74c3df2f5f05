"""The pages offered to a person: by name, where the page exists and the person may open it."""

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
class MenuPage:
    """A page of the menu: its label, its purpose, its URL names in order, who may open it."""

    label: str | Promise
    about: str | Promise
    names: tuple[str, ...]
    permissions: tuple[str, ...]
    always: bool = False
    """Whether it is in the bar of every page; others are only on the work page."""

    public: bool = False
    """Open to visitors too."""

    national: bool = False
    """Whether it is only for people whose permission holds in the whole country."""

    def opens_to(self, user: object) -> bool:
        """Return whether ``user`` may open the page."""
        if self.public:
            return True
        if self.national:
            return any(NATION in scopes(user, p) for p in self.permissions)
        return any(may(user, p) for p in self.permissions)


@dataclass(frozen=True)
class Link:
    """A page of the menu that this person may open, with its address."""

    url: str
    label: str
    about: str
    current: bool = False
    in_bar: bool = False
    counts: tuple[Count, ...] = field(default=(), compare=False)
    """The counts on the card of the home page; zero counts without a task are left out."""

    @property
    def waiting(self) -> tuple[Count, ...]:
        """Return counts of what somebody has to deal with."""
        return tuple(c for c in self.counts if c.waits and c.number)

    @property
    def waits(self) -> int:
        """Count the open tasks of this card."""
        return sum(c.number for c in self.waiting)

    @property
    def informing(self) -> tuple[Count, ...]:
        """Return counts that only inform."""
        return tuple(c for c in self.counts if not c.waits)


MENU = (
    MenuPage(
        _("My communes"),
        _("Record what citizens experienced, and see your last cases."),
        ("surveys:home",),
        ("cases.record",),
    ),
    MenuPage(
        _("Progress of gathering"),
        _("Which communes lack cases this quarter, and who records there."),
        ("surveys:progress",),
        ("cases.record",),
    ),
    MenuPage(
        _("What became of my cases"),
        _("Which cases count, which were corrected or excluded, and what was sent back."),
        ("surveys:outcomes",),
        ("cases.record",),
    ),
    MenuPage(
        _("Cases"),
        _("Search, filter, exclude and download single cases."),
        ("surveys:cases",),
        ("cases.read",),
    ),
    MenuPage(
        _("Search"),
        _("Find a place, a service or an office."),
        ("standards:search",),
        (),
        public=True,
    ),
    MenuPage(
        _("Prices, days and documents"),
        _("What each public service officially costs, how long it takes, what to bring."),
        ("standards:services",),
        (),
        always=True,
        public=True,
    ),
    MenuPage(
        _("Compare communes"),
        _("Shares that met the standard, with intervals, on dots, a map and in a table."),
        ("dashboards:compare",),
        (),
        always=True,
        public=True,
    ),
    MenuPage(
        _("A district's communes"),
        _("Which communes of a district need attention, and why."),
        ("dashboards:districts",),
        (),
        public=True,
    ),
    MenuPage(
        _("A commune's scorecard"),
        _("Each service compared with its standard, in figures and in words."),
        ("dashboards:communes",),
        (),
        public=True,
    ),
    MenuPage(
        _("Rounds"),
        _("Each round of social accountability against its plan, late stages first."),
        ("rounds:rounds",),
        ("rounds.read",),
    ),
    MenuPage(
        _("Information sessions"),
        _("Record sessions and trainings: who came, what was handed out."),
        ("rounds:sessions",),
        ("rounds.record",),
    ),
    MenuPage(
        _("People reached"),
        _("Information sessions by programme, province and group."),
        ("rounds:totals",),
        ("scores.released", "rounds.record"),
    ),
    MenuPage(
        _("Actions that wait for you"),
        _("Commitments that are late, denied by citizens or due soon; answer in two taps."),
        ("plans:work",),
        ("plans.read",),
        always=True,
    ),
    MenuPage(
        _("Requests waiting at my office"),
        _("What citizens asked for and agreed to show, past the promised day first."),
        ("surveys:office_requests",),
        ("plans.report",),
    ),
    MenuPage(
        _("Joint action plans"),
        _("Draft a plan, print it for signature, follow its actions."),
        ("plans:plans",),
        ("plans.read",),
    ),
    MenuPage(
        _("Commitments by district"),
        _("What is asked of the district, what is late, how each commune stands."),
        ("plans:districts",),
        ("plans.read",),
    ),
    MenuPage(
        _("How commitments are kept"),
        _("Rounds held, commitments kept, denied and late, by place; with each release."),
        ("plans:measures",),
        ("plans.read", "scores.released"),
    ),
    MenuPage(
        _("Texts and photos to check"),
        _("What the public may read and see of action plans."),
        ("plans:moderation",),
        ("plans.moderate",),
    ),
    MenuPage(
        _("Import cases"),
        _("Upload a spreadsheet; rows with mistakes come back with a sentence each."),
        ("surveys:import", "surveys:import_cases", "surveys:upload", "surveys:imports"),
        ("cases.import",),
    ),
    MenuPage(
        _("Review submissions"),
        _("What tablets and ODK Collect sent, and what looks odd in it."),
        ("surveys:review", "surveys:submissions", "openrosa:review", "openrosa:submissions"),
        ("submissions.review",),
    ),
    MenuPage(
        _("Forms"),
        _("Upload a questionnaire, test it, publish it."),
        ("surveys:forms",),
        ("forms.publish",),
    ),
    MenuPage(
        _("Tablets"),
        _("Enrol a tablet or ODK Collect, and say who uses it."),
        ("surveys:tablets",),
        ("submissions.review",),
    ),
    MenuPage(
        _("Scoring"),
        _("Runs of the calculation and their progress."),
        ("scorecards:runs", "scorecards:progress"),
        ("scores.run",),
    ),
    MenuPage(
        _("Releases"),
        _("Approve the figures that councils, partners and the public see."),
        ("scorecards:releases",),
        ("releases.approve",),
        always=False,
    ),
    MenuPage(
        _("Donor's page"),
        _("Released figures by province."),
        ("dashboards:donor",),
        ("scores.released",),
    ),
    MenuPage(
        _("Print"),
        _("Scorecards on one sheet, wall posters, summaries and reports."),
        ("dashboards:print",),
        (),
        public=True,
    ),
    MenuPage(
        _("Posters"),
        _("Official prices, days and documents of an office, to print and display."),
        ("citizen:posters",),
        ("cases.record",),
    ),
    MenuPage(
        _("Hotline"),
        _("Prompts, a simulator, and calls in numbers."),
        ("hotline:home", "hotline:prompts", "hotline:simulator"),
        ("hotline.edit",),
    ),
    MenuPage(
        _("Sealed reports"),
        _("Open what citizens sealed for the organisation's key."),
        ("citizen:reports",),
        ("reports.open",),
    ),
    MenuPage(
        _("Standards"),
        _("Change official fees, days and documents, services and indicators."),
        ("standards:edit_services",),
        ("standards.edit",),
        always=True,
    ),
    MenuPage(
        _("Weights of indicators"),
        _("How much each promise counts in the overall score."),
        ("scorecards:weights",),
        ("standards.edit",),
        national=True,
    ),
    MenuPage(
        _("What providers should have"),
        _("The inputs with which rounds compare what is there."),
        ("rounds:entitlements",),
        ("standards.edit",),
        national=True,
    ),
    MenuPage(
        _("People"),
        _("Accounts and roles."),
        ("accounts:people",),
        ("people.manage",),
    ),
    MenuPage(
        _("Other systems"),
        _("Take records from KoboToolbox or ODK Central, give figures to DHIS2."),
        ("interchange:links",),
        ("submissions.review",),
    ),
    MenuPage(
        _("Is everything working?"),
        _("Records that wait, silent tablets, scores, backups: what is well and what to do."),
        ("operations:status",),
        ("submissions.review",),
    ),
    MenuPage(
        _("Programmes"),
        _("Who pays, who carries it out, in which provinces."),
        ("accounts:programmes",),
        ("people.manage",),
    ),
    MenuPage(
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
    links = []
    if signed_in:
        home = first_url(("accounts:home",)) or ""
        links.append(Link(home, gettext("My work"), "", path == home, in_bar=True))
    for page in MENU:
        if page.opens_to(user) and (url := first_url(page.names)):
            links.append(
                Link(
                    url,
                    str(page.label),
                    str(page.about),
                    path.startswith(url),
                    in_bar=page.always,
                )
            )
    if not signed_in:
        sign_in = first_url(("accounts:sign_in",)) or ""
        links.append(Link(sign_in, gettext("Sign in"), "", path == sign_in, in_bar=True))
    return links


def work_of(user: User) -> list[Link]:
    """Return every page of this person with its counts, those with open tasks first.

    A card whose counts are all zero says that nothing waits; public pages have no counts.
    """
    by_page: dict[str, list[Count]] = {}
    for count in counts_for(user):
        by_page.setdefault(count.page, []).append(count)
    links = []
    for page in MENU:
        if not page.opens_to(user):
            continue
        if url := first_url(page.names):
            counts = tuple(c for name in page.names for c in by_page.get(name, ()))
            links.append(Link(url, str(page.label), str(page.about), counts=counts))
    return sorted(links, key=lambda link: not link.waits)


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
