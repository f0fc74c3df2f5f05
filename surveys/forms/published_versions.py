"""Find the published version of a form that a record names."""

from dataclasses import dataclass

from caching import ProcessCache
from surveys.models import Form, FormVersion


@dataclass(frozen=True)
class PublishedVersion:
    """A published version, and whether its form is closed to new records."""

    form_id: int
    version_id: int
    closed: bool


_versions: ProcessCache[tuple[int, str, str], PublishedVersion] = ProcessCache(
    most=10_000, seconds=10
)


def find(programme_id: int, form_id: str, version: str) -> PublishedVersion | None:
    """Find a published version by the form's id in its programme; None where there is none.

    Versions that were found are remembered for 10 seconds in each process; ``forget`` ends that.
    """
    return _versions.get_or_find(
        (programme_id, form_id, version), lambda: _read(programme_id, form_id, version)
    )


def _read(programme_id: int, form_id: str, version: str) -> PublishedVersion | None:
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
    return row and PublishedVersion(row[0], row[1], row[2] == Form.State.CLOSED)


def forget() -> None:
    """Forget which versions are published (after a form changes, and in tests)."""
    _versions.clear()
