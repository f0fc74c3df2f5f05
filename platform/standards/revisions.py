"""Adding, correcting, succeeding and withdrawing official standards.

A standard is replaced, never rewritten: a change makes a new row and marks the old one
``replaced_at``. Every function runs inside ``coverage.days_kept``, so that no change leaves
a day without a standard that had one, and leaves a ``StandardChange`` by which the cases
of the days concerned are judged again.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from standards.coverage import DAY, Days, days_kept, line_of, note_withdrawn
from standards.models import Document, Provider, Service, Standard, Withdrawal
from standards.revision_steps import (
    EDITABLE,
    Who,
    check_provider,
    check_start,
    day_before_next,
    describe_standard,
    documents_of,
    end,
    locked,
    move_neighbours,
    neighbours,
    plain,
    put_in_place_of,
    record,
    refuse_unknown,
    span,
    tell_cases,
    write,
)


@transaction.atomic
def add_standard(
    *,
    service: Service,
    by: User | None,
    reason: str,
    option: str = "standard",
    provider: Provider | None = None,
    documents: Sequence[Document] | None = None,
    job: str = "",
    **values: Any,
) -> Standard:
    """Write a standard for days that have none.

    ``documents`` None means that no list was ever published, an empty list that no
    document may be asked for; ``documents_known=False`` beside a list says that it is not
    whole. Raises ValidationError with a sentence where another standard is in force on
    one of its days, or where the values contradict each other.
    """
    refuse_unknown(values)
    if service.retired_on is not None:
        raise ValidationError({"service": _("This service is retired.")})
    check_provider(service, provider)
    who = Who(by, reason, job)
    standard = Standard(service=service, option=option, provider=provider, **values)
    standard.documents_known = values.get("documents_known", documents is not None)
    with days_kept(line_of(standard)):
        write(standard, by, documents or ())
        record("standard.added", standard, who, before=None)
        tell_cases(line_of(standard), (standard.valid_from, standard.valid_to), who)
    return standard


@transaction.atomic
def edit_standard(
    *,
    standard: Standard,
    by: User | None,
    reason: str,
    documents: Sequence[Document] | None = None,
    job: str = "",
    **changes: Any,
) -> Standard:
    """Correct an error in a standard; cases of its days are judged again by the new row.

    ``changes`` are any of ``EDITABLE``; ``documents`` is the whole new list. Where a day of
    validity moves, the standard before or after it moves along, so that no day is lost.
    Returns the row in force, which is the old one where nothing would change. Raises
    ValidationError where the row was replaced meanwhile, the reason is empty, a day would
    be left without a standard, or the new values contradict each other or another standard.
    """
    refuse_unknown(changes)
    who = Who(by, reason, job)
    with days_kept(line_of(standard)):
        old = locked(standard, who)
        if documents is not None:
            changes["documents_known"] = changes.get("documents_known", True)
        wanted = documents_of(old) if documents is None else list(documents)
        values = {name: changes.get(name, getattr(old, name)) for name in EDITABLE}
        same = all(values[name] == getattr(old, name) for name in EDITABLE)
        if same and wanted == documents_of(old):
            return old
        end(old)
        move_neighbours(old, values["valid_from"], values["valid_to"], who)
        new = put_in_place_of(old, values, wanted, who)
        tell_cases(line_of(new), span(old, new), who)
    return new


@transaction.atomic
def succeed_standard(
    *,
    standard: Standard,
    starts_on: date,
    by: User | None,
    reason: str,
    documents: Sequence[Document] | None = None,
    **changes: Any,
) -> Standard:
    """End ``standard`` the day before ``starts_on`` and begin its successor, in one step.

    Values not named carry over, the last day too: a standard that begins later stays. Cases
    asked before ``starts_on`` stay judged by the old standard, cases from then on by the
    new one. Returns the successor. Raises ValidationError.
    """
    refuse_unknown(changes)
    who = Who(by, reason)
    with days_kept(line_of(standard)):
        old = locked(standard, who)
        check_start(old, starts_on)
        values = {name: getattr(old, name) for name in EDITABLE} | changes
        values["valid_from"] = starts_on
        value = values.pop("documents_known")
        if documents is not None:
            value = changes.get("documents_known", True)
        if old.valid_to is None or starts_on <= old.valid_to:
            end(old)
            ended = {name: getattr(old, name) for name in EDITABLE} | {"valid_to": starts_on - DAY}
            put_in_place_of(old, ended, documents_of(old), who)
        elif "valid_to" not in changes:
            values["valid_to"] = day_before_next(line_of(old), starts_on)
        return add_standard(
            service=old.service,
            option=old.option,
            provider=old.provider,
            by=by,
            reason=reason,
            documents=documents_of(old) if documents is None else documents,
            documents_known=value,
            **values,
        )


@transaction.atomic
def withdraw_standard(
    *, standard: Standard, by: User | None, reason: str, from_day: date | None = None
) -> None:
    """End a standard from ``from_day`` on without a successor (None: on all of its days).

    Cases of these days count as "no published standard". Raises ValidationError.
    """
    who = Who(by, reason)
    line = line_of(standard)
    with days_kept(line):
        old = locked(standard, who)
        if from_day is not None and old.valid_to is not None and from_day > old.valid_to:
            raise ValidationError({"from_day": _("It is no longer in force on that day.")})
        first = old.valid_from
        if from_day is not None and (first is None or from_day > first):
            first = from_day
        end(old)
        if first != old.valid_from:
            assert first is not None
            values = {name: getattr(old, name) for name in EDITABLE} | {"valid_to": first - DAY}
            put_in_place_of(old, values, documents_of(old), who)
        days: Days = (first, old.valid_to)
        note_withdrawn(line, days)
        Withdrawal.objects.create(
            service=old.service,
            option=old.option,
            provider=old.provider,
            valid_from=first,
            valid_to=old.valid_to,
            reason=reason,
            by=by,
        )
        withdrawn = {"withdrawn_from": plain(first), "withdrawn_to": plain(old.valid_to)}
        record("standard.withdrawn", old, who, before=describe_standard(old), after=withdrawn)
        tell_cases(line, days, who)


@transaction.atomic
def undo_succession(*, standard: Standard, by: User | None, reason: str) -> Standard:
    """Undo a succession that was entered by mistake: the standard before it gets its days.

    Returns the standard that now holds. Raises ValidationError where none ends the day before.
    """
    who = Who(by, reason)
    with days_kept(line_of(standard)):
        old = locked(standard, who)
        before = neighbours(old)[0]
        if before is None:
            raise ValidationError(_("No standard ends on the day before this one begins."))
        end(old)
        record("standard.taken_back", old, who, before=describe_standard(old), after={})
        end(before)
        values = {name: getattr(before, name) for name in EDITABLE} | {"valid_to": old.valid_to}
        longer = put_in_place_of(before, values, documents_of(before), who)
        tell_cases(line_of(old), (old.valid_from, old.valid_to), who)
    return longer
