"""An uploaded spreadsheet: kept, imported by a worker, watched, answered."""

import tempfile
from pathlib import Path
from typing import BinaryIO

from celery import current_app
from django.core.cache import cache
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from surveys.importing.rejects import suffix_back
from surveys.importing.run import import_file
from surveys.models import ImportBatch

TASK = "surveys.tasks.run_import"
MOST_ATTEMPTS = 2
_KEEP_PROGRESS = 3600


def start_upload(*, by: User, kind: str, file: "UploadedFile[bytes]", language: str) -> ImportBatch:
    """Keep the file and hand it to a worker once that is committed."""
    with transaction.atomic():
        batch = ImportBatch(
            kind=kind, file_name=(file.name or "file")[-200:], by=by, language=language
        )
        suffix = Path(batch.file_name).suffix.lower()[:6]
        batch.source.save(f"{timezone.now():%Y%m%d-%H%M%S}{suffix}", file, save=False)
        batch.full_clean()
        batch.save()
        transaction.on_commit(
            lambda: current_app.send_task(TASK, [batch.pk], retry=False), robust=True
        )
    return batch


def run_upload(pk: int) -> int:
    """Import the upload with this number; one that is done, or being done, is left alone.

    Everything happens in one transaction: a worker that is killed leaves nothing behind
    and the task is delivered again. The attempt is counted before, in a transaction of its
    own: a file that killed its worker ``MOST_ATTEMPTS`` times is given up with a sentence.
    """
    if not _begin(pk):
        return 0
    try:
        added = _import_kept_file(pk)
    except OperationalError:
        raise  # the database is away: the file waits for another attempt
    except Exception:
        with transaction.atomic():
            if (batch := _unfinished(pk)) is not None:
                _give_up(batch, gettext_noop("The file could not be read. Save it as CSV."))
        raise
    cache.delete(_key(pk))
    return added


@transaction.atomic
def _import_kept_file(pk: int) -> int:
    """Import the file of an upload, and delete it; how many rows were added."""
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
            with rejects.open("rb") as found:
                batch.rejected_file.save(f"{pk}{rejects.suffix}", File(found), save=True)
    # the rows are recorded or handed back: what was sent holds nothing more
    _forget_source(batch)
    batch.save(update_fields=["source"])
    return batch.added


def _forget_source(batch: ImportBatch) -> None:
    """Take the file away from the batch, and delete it once that is committed."""
    name, storage = str(batch.source.name), batch.source.storage
    batch.source = ""
    transaction.on_commit(lambda: storage.delete(name), robust=True)


def _give_up(batch: ImportBatch, sentence: str) -> None:
    """Close the batch with a sentence in its language; its file is deleted."""
    with translation.override(batch.language):
        batch.problem = _(sentence)
    batch.state = ImportBatch.State.FAILED
    batch.finished_at = timezone.now()
    _forget_source(batch)
    batch.save()


def _unfinished(pk: int) -> ImportBatch | None:
    """The upload, locked, if it has a file, is not done and nobody else works on it."""
    return (
        ImportBatch.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("by")
        .filter(pk=pk, finished_at=None)
        .exclude(source="")
        .first()
    )


@transaction.atomic
def _begin(pk: int) -> bool:
    """Count an attempt; False where there is nothing to do or too many attempts were made."""
    batch = _unfinished(pk)
    if batch is None:
        return False
    if batch.attempts < MOST_ATTEMPTS:
        batch.attempts += 1
        batch.save(update_fields=["attempts"])
        return True
    _give_up(
        batch,
        gettext_noop(
            "The file was given up: the program was stopped twice while it read it. "
            "Divide the file, or save it as CSV and send it again."
        ),
    )
    return False


def _copy(source: "BinaryIO | File[bytes]", path: Path) -> None:
    with path.open("wb") as target:
        while piece := source.read(1 << 20):
            target.write(piece)


def _key(pk: int) -> str:
    return f"import:{pk}:read"


def _note(pk: int, read: int) -> None:
    cache.set(_key(pk), read, _KEEP_PROGRESS)


def rows_read(batch: ImportBatch) -> int:
    """How many rows have been read so far, told by the worker while it works."""
    return batch.read or int(cache.get(_key(batch.pk), 0))
