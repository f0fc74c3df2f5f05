"""The register: everything an observation names by a code, looked up once.

``Register()`` queries the database when a code is first named, for one observation.
``Register.load()`` reads the whole country, some thousand rows, and then needs no query, for a
spreadsheet of 200,000.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from accounts.models import Programme, User
from khmer.text import fold
from places.models import Level, Place
from standards import book as standards_book
from standards.book import StandardBook
from standards.models import Document, Indicator, Provider, Service, Standard, StandardDocument

T = TypeVar("T")

_MARKS = re.compile(r"""[\s,.;:()'’"“”/_-]+""")
_OR = re.compile(r" or |ឬ")


class Register:
    """Looks up communes, providers, services, standards, papers and people by what they are called.

    Every answer is kept, so a register must not be used longer than one piece of work.
    """

    def __init__(self, book: StandardBook | None = None) -> None:
        self._book = book
        self._kept: dict[tuple[object, ...], object] = {}
        self._communes: dict[str, Place] | None = None
        self._people: dict[str, User] | None = None

    @classmethod
    def load(cls) -> "Register":
        """Return the register with the whole country in memory."""
        register = cls(StandardBook.load())
        register._communes = {p.code: p for p in Place.objects.communes()}
        register._people = {u.username: u for u in User.objects.filter(is_active=True)}
        return register

    def commune(self, code: str) -> Place | None:
        """Return the commune with this official code, standing or retired."""
        if self._communes is not None:
            return self._communes.get(code)
        return self._once(
            ("commune", code),
            lambda: Place.objects.filter(code=code, level=Level.COMMUNE).first(),
        )

    def service(self, code: str) -> Service | None:
        """Return the service with this code, standing or retired."""
        if self._book is not None:
            return self._book.service(code)
        return self._once(("service", code), lambda: Service.objects.filter(code=code).first())

    def provider(self, code: str) -> Provider | None:
        """Return the provider with this code, open or closed."""
        if self._book is not None:
            return self._book.provider(code)
        return self._once(("provider", code), lambda: Provider.objects.filter(code=code).first())

    def providers_of(self, commune: str, kind: str, on: date) -> list[Provider]:
        """Return the providers of this kind that serve the commune on that day."""
        source = self._book or standards_book
        every = self._once(
            ("providers", commune, kind), lambda: source.providers_of(commune, kind, None)
        )
        return [p for p in every if standards_book.provider_open(p, on)]

    def options(self, service: Service) -> list[str]:
        """Return the options under which the service has a standard ("standard", "fast" …)."""
        if self._book is not None:
            book = self._book
            return self._once(("options", service.id), lambda: book.options_of(service))
        rows = Standard.objects.current().filter(service=service).order_by("option")
        return self._once(
            ("options", service.id), lambda: list(rows.values_list("option", flat=True).distinct())
        )

    def standard(
        self, service: Service, option: str, provider: Provider, on: date
    ) -> Standard | None:
        """Return the standard in force on ``on``.

        It is the provider's own posted one, else the national one.
        """
        source = self._book or standards_book
        # providers without a posted standard share the nation's
        own = provider.id if provider.id in self._with_own_standards else None
        return self._once(
            ("standard", service.id, option, own, on),
            lambda: source.standard_for(service, option, provider, on),
        )

    def person(self, username: str) -> User | None:
        """Return the active account with this user name."""
        if self._people is not None:
            return self._people.get(username)
        return self._once(
            ("person", username),
            lambda: User.objects.filter(username=username, is_active=True).first(),
        )

    def programme(self, code: str) -> Programme | None:
        """Return the programme with this code."""
        return self._once(("programme", code), lambda: Programme.objects.filter(code=code).first())

    def indicator(self, code: str) -> Indicator | None:
        """Return the indicator with this code."""
        every = self._once(("indicators",), lambda: {i.code: i for i in Indicator.objects.all()})
        return every.get(code)

    def document(self, text: str, standard: Standard | None = None) -> str:
        """Return the code of a paper named by its code or name; an unknown paper keeps its words.

        The list of the standard comes first: where it says "family book or residence
        book", either of the two is that paper.
        """
        number = standard.id if standard is not None else None
        return self._once(("paper", text, number), lambda: self._paper(text, number))

    def _paper(self, text: str, standard: int | None) -> str:
        keys = _paper_keys(text)
        if standard is not None:
            listed = self._listed.get(standard, {})
            for key in keys:
                if key in listed:
                    return listed[key]
        return self._papers.get(keys[0], text)

    @property
    def _with_own_standards(self) -> set[int | None]:
        return self._once(("own",), _with_own_standards)

    @property
    def _papers(self) -> dict[str, str]:
        return self._once(("papers",), _papers)

    @property
    def _listed(self) -> dict[int, dict[str, str]]:
        return self._once(("listed",), _listed)

    def _once(self, key: tuple[object, ...], find: Callable[[], T]) -> T:
        try:
            return self._kept[key]  # type: ignore[return-value]  # what find() gave for this key
        except KeyError:
            value = find()
            self._kept[key] = value
            return value


def _with_own_standards() -> set[int | None]:
    """Return providers that post a standard of their own."""
    rows = Standard.objects.current().exclude(provider=None)
    return set(rows.values_list("provider_id", flat=True).distinct())


def _paper_keys(name: str) -> list[str]:
    """Return a paper's name as it is compared: whole, and then each alternative that it holds."""
    parts = _OR.split(fold(name))
    key = _MARKS.sub("", fold(name))
    return [key, *(_MARKS.sub("", part) for part in parts if len(parts) > 1 and part)]


def _papers() -> dict[str, str]:
    """Return every way to name an official paper, and its code."""
    by_code: dict[str, str] = {}
    for code, name_km, name_en in Document.objects.values_list("code", "name_km", "name_en"):
        for sentence in (name_en, name_km, code):
            by_code.setdefault(_paper_keys(sentence)[0], code)
    return by_code


def _listed() -> dict[int, dict[str, str]]:
    """Return for each standard every way to name a paper on its list, and the paper's code."""
    listed: dict[int, dict[str, str]] = defaultdict(dict)
    rows = StandardDocument.objects.values_list(
        "standard_id", "document__code", "document__name_km", "document__name_en"
    )
    for standard, code, name_km, name_en in rows:
        for sentence in (code, name_en, name_km):
            for key in _paper_keys(sentence):
                listed[standard].setdefault(key, code)
    return listed
