"""Facts common to all records of a batch, read from the database once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Programme, User
from places.models import Place
from standards.models import Provider
from surveys.forms.lists import HouseList, house_list
from surveys.models import CollectionRules, Submission, Webhook
from surveys.reference_data import Register
from surveys.services.write_permission import Mandate
from surveys.submissions.exports import csv_lines

Row = dict[str, Any]


class House:
    """The house lists of one programme, read when they are first needed."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._lists: dict[str, HouseList] = {}

    def _list(self, name: str) -> HouseList:
        if name not in self._lists:
            self._lists[name] = house_list(name, self._programme)
        return self._lists[name]

    def kept_as(self, name: str) -> str:
        """Return a name that only this content of the list has.

        Raises KeyError for an unknown list.
        """
        return f"{name} {self._list(name).hash}"

    def rows(self, name: str) -> list[Row]:
        """Return the rows of a list. Raises KeyError for an unknown list."""
        return self._list(name).rows


@dataclass
class Around:
    """The facts around a batch of records: places, people, rules, earlier answers."""

    submissions: Sequence[Submission] = ()
    register: Register = field(default_factory=Register)
    _rules: dict[int, CollectionRules] = field(default_factory=dict)
    _provinces: dict[int, frozenset[str]] = field(default_factory=dict)
    _hooked: dict[int, bool] = field(default_factory=dict)
    _layouts: dict[int, csv_lines.Layout] = field(default_factory=dict)
    _houses: dict[int, House] = field(default_factory=dict)
    _places: dict[str, Place | None] = field(default_factory=dict)
    _seats: dict[str, str] = field(default_factory=dict)
    _mandates: dict[int, list[Mandate]] = field(default_factory=dict)
    _same: dict[tuple[int, str], dict[int, str]] = field(default_factory=dict)

    def rules(self, programme: Programme) -> CollectionRules:
        """Return the programme's rules; the usual ones where it set none."""
        if programme.pk not in self._rules:
            collection_rules = CollectionRules.objects.filter(programme=programme).first()
            self._rules[programme.pk] = collection_rules or CollectionRules(programme=programme)
        return self._rules[programme.pk]

    def provinces(self, programme: Programme) -> frozenset[str]:
        """Return codes of the provinces where the programme works; none: everywhere."""
        if programme.pk not in self._provinces:
            codes = programme.provinces.values_list("code", flat=True)
            self._provinces[programme.pk] = frozenset(codes)
        return self._provinces[programme.pk]

    def has_webhooks(self, programme: Programme) -> bool:
        """Return whether this programme has a webhook."""
        if programme.pk not in self._hooked:
            hooks = Webhook.objects.filter(programme=programme, is_active=True)
            self._hooked[programme.pk] = hooks.exists()
        return self._hooked[programme.pk]

    def layout(self, form_id: int) -> csv_lines.Layout:
        """Return the layout of a form's CSV."""
        if form_id not in self._layouts:
            self._layouts[form_id] = csv_lines.layout(form_id)
        return self._layouts[form_id]

    def house(self, programme: Programme) -> House:
        """Return the house lists of a programme."""
        return self._houses.setdefault(programme.pk, House(programme))

    def place(self, code: str) -> Place | None:
        """Return the place with this code."""
        if code not in self._places:
            self._places[code] = Place.objects.filter(code=code).first() if code else None
        return self._places[code]

    def seat(self, provider: str) -> str:
        """Return the code of the place where a provider is; "" when it is unknown."""
        if provider not in self._seats:
            providers = Provider.objects.filter(code=provider).values_list("place_id", flat=True)
            self._seats[provider] = (providers.first() or "") if provider else ""
        return self._seats[provider]

    def may_record(self, person: User, place: str, programme: Programme) -> bool:
        """Return whether a person, with their own account, may record at a place."""
        if person.pk not in self._mandates:
            rights = ("cases.record", "submissions.review")
            self._mandates[person.pk] = [Mandate(person, right) for right in rights]
        return any(m.covers(place, programme.pk) for m in self._mandates[person.pk])

    # -- the same answers in another record ------------------------------------------------

    def same_as(self, submission: Submission, fingerprint: str) -> str:
        """Return the first other record of the form with the very same answers.

        It is "" when none has.
        """
        self._know(fingerprints={fingerprint}, form_id=submission.form_id)
        same = self._same[submission.form_id, fingerprint]
        return next((same[pk] for pk in sorted(same) if pk != submission.pk), "")

    def remember(self, submission: Submission) -> None:
        """Remember that a record of this batch has these answers."""
        for (form_id, _fingerprint), existing in self._same.items():
            if form_id == submission.form_id:
                existing.pop(submission.pk, None)
        if submission.answers_hash and submission.deleted_at is None:
            key = submission.form_id, submission.answers_hash
            self._same.setdefault(key, {})[submission.pk] = submission.instance_id

    def know(self, fingerprints: dict[int, str]) -> None:
        """Query the answers of the whole batch at once: record to fingerprint."""
        by_form: dict[int, set[str]] = {}
        for submission in self.submissions:
            if fingerprint := fingerprints.get(submission.pk):
                by_form.setdefault(submission.form_id, set()).add(fingerprint)
        for form_id, wanted in by_form.items():
            self._know(form_id=form_id, fingerprints=wanted)

    def _know(self, *, form_id: int, fingerprints: set[str]) -> None:
        asked = {f for f in fingerprints if (form_id, f) not in self._same}
        if not asked:
            return
        for fingerprint in asked:
            self._same[form_id, fingerprint] = {}
        rows = Submission.objects.standing().filter(form_id=form_id, answers_hash__in=asked)
        for pk, fingerprint, name in rows.values_list("pk", "answers_hash", "instance_id"):
            self._same[form_id, fingerprint][pk] = name
