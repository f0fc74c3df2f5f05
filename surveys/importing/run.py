"""Importing one spreadsheet from its first row to its last."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from khmer.text import storable, unreadable_character
from surveys.importing.errors import BadFile
from surveys.importing.rejects import Rejects
from surveys.importing.sheets import SHEETS, Sheet, Tell, teller
from surveys.importing.tables import LONGEST_CELL, Table, open_table
from surveys.models import ImportBatch
from surveys.reference_data import Register
from surveys.services import Outcome, close_batch
from surveys.services.bulk import CHUNK
from surveys.services.write_permission import Mandate
from surveys.validation import Problems

MOST_KEPT = 30
"""Most sentences shown on the page of an import; the file of rejected rows has all of them."""

Progress = Callable[[int], None]
Say = Callable[[str], None]

# two imports at once would wait for each other's rows in different orders: one after the other
_ONE_IMPORT_AT_A_TIME = 7_202_611


def import_file(
    path: Path,
    *,
    batch: ImportBatch,
    rejects_path: Path,
    progress: Progress = lambda read: None,
    say: Say = lambda sentence: None,
) -> ImportBatch:
    """Import the spreadsheet at ``path`` for ``batch``, in one transaction.

    Good rows are recorded; every other row is written to ``rejects_path`` with what is wrong and
    passed to ``say``, in the batch's language. A file that cannot be read leaves the batch failed,
    with one sentence. ``progress`` is called with the number of rows read.
    """
    with translation.override(batch.language):
        try:
            with transaction.atomic():
                _import(path, batch, rejects_path, progress, say)
        except BadFile as error:
            rejects_path.unlink(missing_ok=True)
            batch.state = ImportBatch.State.FAILED
            batch.problem = str(error)
            batch.read = batch.added = batch.unchanged = batch.conflicts = batch.rejected = 0
            batch.finished_at = timezone.now()
            batch.save()
    return batch


def _import(
    path: Path, batch: ImportBatch, rejects_path: Path, progress: Progress, say: Say
) -> None:
    mandate = Mandate(batch.by, "cases.import")
    mandate.demand()
    sheet = SHEETS[batch.kind]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_IMPORT_AT_A_TIME])
    table = open_table(path, sheet.columns, name=batch.file_name)
    counts = dict.fromkeys(Outcome, 0)
    register = Register.load()
    tell = teller(sheet, table)
    read = 0
    rows: list[str] = []
    with _garbage_left_alone(), Rejects(rejects_path, table, batch.language) as rejects:
        for chunk in _chunks(table.rows, CHUNK):
            for outcome, number, row, problems in _record(
                sheet, chunk, tell, table, batch=batch, register=register, mandate=mandate
            ):
                counts[outcome] += 1
                if problems:
                    sentence = rejects.add(number, row, problems)
                    say(sentence)
                    if len(rows) < MOST_KEPT:
                        rows.append(sentence)
            read += len(chunk)
            progress(read)
    batch.read = read
    batch.added = counts[Outcome.ADDED]
    batch.unchanged = counts[Outcome.UNCHANGED]
    batch.conflicts = counts[Outcome.CONFLICT]
    batch.rejected = counts[Outcome.REJECTED]
    batch.told = rows
    batch.problem = _notice(table, read)
    batch.state = ImportBatch.State.DONE
    batch.finished_at = timezone.now()
    close_batch(batch=batch)
    batch.save()


@contextmanager
def _garbage_left_alone() -> Iterator[None]:
    """Switch off the garbage collector of cycles: rows make none, and it costs 1/8 of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


Row = tuple[int, list[str]]
Answer = tuple[Outcome, int, list[str], Problems]


def _record(
    sheet: Sheet,
    chunk: list[Row],
    tell: Tell,
    table: Table,
    *,
    batch: ImportBatch,
    register: Register,
    mandate: Mandate,
) -> Iterator[Answer]:
    """Record the rows of a chunk that can be read; return the answer for each row in order."""
    unreadable: dict[int, Problems] = {}
    messages = []
    for place, (number, row) in enumerate(chunk):
        sound = table.to_clean is not None and number not in table.to_clean
        cleaned = row if sound else _cleaned(row)
        one, problems = tell(number, cleaned)
        if cleaned is not row:
            problems.say("row", _what_was_taken_out(row))
            chunk[place] = (number, cleaned)
        if problems:
            unreadable[place] = problems
        else:
            messages.append(one)
    results = iter(sheet.record(batch=batch, reported=messages, register=register, mandate=mandate))
    for place, (number, row) in enumerate(chunk):
        if place in unreadable:
            yield Outcome.REJECTED, number, row, unreadable[place]
        else:
            result = next(results)
            yield result.outcome, number, row, result.problems


def _cleaned(row: list[str]) -> list[str]:
    """Return the row, or a copy without NUL, lone surrogates and the end of endless cells."""
    text = "".join(row)
    if not unreadable_character(text) and len(text) <= LONGEST_CELL:
        return row
    cleaned = [storable(cell)[:LONGEST_CELL] for cell in row]
    return row if cleaned == row else cleaned


def _what_was_taken_out(row: list[str]) -> str:
    if any(len(cell) > LONGEST_CELL for cell in row):
        return _(
            "A cell has more than %(most)s characters; the rest was cut off. "
            "Check the row and send it again."
        ) % {"most": LONGEST_CELL}
    return _(
        "It holds a character that cannot be read (NUL); it was taken out. "
        "Look whether the row is right, and send it again."
    )


def _chunks(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, size)):
        yield chunk


def _notice(table: Table, read: int) -> str:
    """Write the notices for the sender of a file that could be read."""
    texts = []
    if not read:
        texts.append(_("There is no row under the headers."))
    texts += table.notices
    if table.judged.month_first:
        texts.append(
            _("Dates were read with the month first, because row %(row)s says “%(text)s”.")
            % {"row": table.judged.month_first_row, "text": table.judged.month_first_text}
        )
    if table.ignored:
        texts.append(
            _("These columns were not read: %(names)s.") % {"names": ", ".join(table.ignored)}
        )
    return " ".join(texts)


def counts_of(batch: ImportBatch) -> dict[str, int]:
    """Return the counts of a batch, under the names of the last line that is printed."""
    return {
        name: getattr(batch, name)
        for name in ("read", "added", "unchanged", "conflicts", "rejected")
    }
