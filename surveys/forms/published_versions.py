"""Find the published version of a form that a record names."""

import time
from dataclasses import dataclass

from surveys.models import Form, FormVersion

_REMEMBER_SECONDS = 10.0


@dataclass(frozen=True)
class PublishedVersion:
    """A published version, and whether its form is closed to new records."""

    form_id: int
    version_id: int
    closed: bool


_versions: dict[tuple[int, str, str], tuple[float, PublishedVersion]] = {}


def find(programme_id: int, form_id: str, version: str) -> PublishedVersion | None:
    """Find a published version by the form's id in its programme; None where there is none.

    Versions that were found are remembered for 10 seconds in each process; ``forget`` ends that.
    """
    key = (programme_id, form_id, version)
    known = _versions.get(key)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    row = (
        FormVersion.objects.filter(
            form__programme_id=programme_id,
            form__xml_form_id=form_id,
            form__deleted_at=None,
            version=version,
        )
        .exclude(published_at=None)
        .values_list("form_id", "pk", "form__state")
        .first()
    )
    if row is None:
        _versions.pop(key, None)
        return None
    if len(_versions) > 10_000:
        _versions.clear()
    found = PublishedVersion(row[0], row[1], row[2] == Form.State.CLOSED)
    _versions[key] = (time.monotonic() + _REMEMBER_SECONDS, found)
    return found


def forget() -> None:
    """Forget which versions are published (after a form changes, and in tests)."""
    _versions.clear()
