"""An uploaded spreadsheet: stored, imported by a worker, shown with its progress and result."""

import tempfile
from pathlib import Path
from typing import BinaryIO

from billiard.exceptions import SoftTimeLimitExceeded
from django.core.cache import cache
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from jobs import attempts, messages
from surveys.importing.rejects import suffix_back
from surveys.importing.run import import_file
from surveys.models import ImportBatch

TASK = "surveys.tasks.run_import"
_KEEP_PROGRESS = 3600


def start_upload(*, by: User, kind: str, file: "UploadedFile[bytes]", language: str) -> ImportBatch:
    """Store the file and hand it to a worker once that is committed."""
    with transaction.atomic():
        batch = ImportBatch(
            kind=kind, file_name=(file.name or "file")[-200:], by=by, language=language
        )
        suffix = Path(batch.file_name).suffix.lower()[:6]
        batch.source.save(f"{timezone.now():%Y%m%d-%H%M%S}{suffix}", file, save=False)
        batch.full_clean()
        batch.save()
        messages.send_after_commit(TASK, batch.pk)
    return batch


def run_upload(pk: int) -> int:
    """Import the upload with this number; one that is done, or being done, is left alone.

    Everything happens in one transaction: a worker that is killed leaves nothing, and a sweep reads
    the file again (``jobs``); a file that crashed its worker twice is given up.
    """
    try:
        added = _import_kept_file(pk)
    except OperationalError:
        raise  # the database does not answer: the file waits for another attempt
    except SoftTimeLimitExceeded:
        _close(
            pk, gettext_noop("Reading the file takes too much time. Divide it and send it again.")
        )
        raise
    except Exception:
        _close(pk, gettext_noop("The file could not be read. Save it as CSV."))
        raise
    cache.delete(_key(pk))
    return added


@attempts.when_given_up(TASK)
def give_up(pk: int) -> None:
    """Close an upload that crashed its worker each time, with a sentence for its sender."""
    _close(
        pk,
        gettext_noop(
            "The file was given up: the program was stopped twice while it read it. "
            "Divide the file, or save it as CSV and send it again."
        ),
    )


def waiting() -> list[int]:
    """Return uploads to be read whose task message may be lost, oldest first."""
    rows = ImportBatch.objects.filter(finished_at=None).exclude(source="")
    late = rows.filter(created_at__lt=timezone.now() - attempts.LATE)
    return list(late.order_by("pk").values_list("pk", flat=True))


def waits_without_worker(batch: ImportBatch) -> bool:
    """Return whether no worker began with the file within half a minute."""
    waits = batch.finished_at is None
    return waits and attempts.waits_without_worker(TASK, batch.pk, batch.created_at)


@transaction.atomic
def _import_kept_file(pk: int) -> int:
    """Import the file of an upload, and delete it; return how many rows were added."""
    batch = _unfinished(pk)
    if batch is None:
        return 0
    batch.state = ImportBatch.State.RUNNING
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file{Path(batch.file_name).suffix.lower()}"
        with batch.source.open("rb") as source:
            _copy(source, path)
        rejects = Path(folder) / f"rejected{suffix_back(path)}"
        import_file(path, batch=batch, rejects_path=rejects, progress=lambda n: _note(pk, n))
        if rejects.exists():
            with rejects.open("rb") as rejected:
                batch.rejected_file.save(f"{pk}{rejects.suffix}", File(rejected), save=True)
    # the rows are recorded or rejected: the file holds nothing more
    _forget_source(batch)
    batch.save(update_fields=["source"])
    return batch.added


def _forget_source(batch: ImportBatch) -> None:
    """Detach the file from the batch, and delete it once that is committed."""
    name, storage = str(batch.source.name), batch.source.storage
    batch.source = ""
    transaction.on_commit(lambda: storage.delete(name), robust=True)


@transaction.atomic
def _close(pk: int, sentence: str) -> None:
    """Close an unfinished upload with a sentence in its language; its file is deleted."""
    batch = _unfinished(pk)
    if batch is None:
        return
    with translation.override(batch.language):
        batch.problem = _(sentence)
    batch.state = ImportBatch.State.FAILED
    batch.finished_at = timezone.now()
    _forget_source(batch)
    batch.save()


def _unfinished(pk: int) -> ImportBatch | None:
    """Return the upload, locked, if it has a file, is not done and nobody else works on it."""
    return (
        ImportBatch.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("by")
        .filter(pk=pk, finished_at=None)
        .exclude(source="")
        .first()
    )


def _copy(source: "BinaryIO | File[bytes]", path: Path) -> None:
    with path.open("wb") as target:
        while piece := source.read(1 << 20):
            target.write(piece)


def _key(pk: int) -> str:
    return f"import:{pk}:read"


def _note(pk: int, read: int) -> None:
    cache.set(_key(pk), read, _KEEP_PROGRESS)


def rows_read(batch: ImportBatch) -> int:
    """Return the number of rows read so far, as the worker reports it."""
    return batch.read or int(cache.get(_key(batch.pk), 0))
