"""All records of a form in one file, as ODK Central zips it, written while it is read.

It holds a CSV of the main table, one of each repeat whose rows name their parent, and in ``media/``
the photos and recordings. Neither records nor files are ever in memory together.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import IO, cast

from django.db.models import F, Q, QuerySet
from django.utils import timezone

import media
from surveys.models import Form, Submission, SubmissionAttachment
from surveys.submissions.exports import csv_lines
from surveys.submissions.exports import options as export_options
from surveys.submissions.exports.formats import rows_of
from surveys.submissions.exports.options import USUAL, Cells, ExportOptions
from surveys.submissions.exports.tables import Table, Turn
from surveys.submissions.intake.files import name_of

_BLOCK = 1 << 16
_UNFIT = re.compile(r'[/\\?<>:*|"\x00-\x1f]')


class _Pipe:
    """The output of ``zipfile``: it cannot seek, and passes on the bytes written."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing; ``take`` passes everything on."""

    def take(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        self.size = 0
        return taken


def zipped(
    submissions: QuerySet[Submission],
    form: Form,
    *,
    attachments: bool = True,
    options: ExportOptions = USUAL,
) -> Iterator[bytes]:
    """Yield the zip of these records, piece by piece; without ``attachments`` only the CSVs."""
    pipe = _Pipe()
    place = export_options.layout_of(form, options)
    cells = export_options.cells_of(submissions, place, options)
    with zipfile.ZipFile(cast("IO[bytes]", pipe), "w") as archive:
        write = _Writer(archive, pipe)
        text = (part.encode() for part in export_options.csv_lines(submissions, form, options))
        yield from write.member(_UNFIT.sub("", f"{form.xml_form_id}.csv"), text)
        turning = submissions.exclude(place.without_turns)
        for name, table in repeat_files(place.main, form.xml_form_id):
            yield from write.member(name, _turn_lines(turning, place, table, cells))
        if attachments:
            yield from _media(submissions, write)
    yield pipe.take()


class _Writer:
    """Writes members of an archive, and hands on what has been written meanwhile."""

    def __init__(self, archive: zipfile.ZipFile, pipe: _Pipe) -> None:
        self._archive, self._pipe = archive, pipe
        self._at = timezone.localtime().timetuple()[:6]

    def member(
        self, name: str, parts: Iterable[bytes], kind: int = zipfile.ZIP_DEFLATED
    ) -> Iterator[bytes]:
        about = zipfile.ZipInfo(name, self._at)
        about.compress_type = kind
        with self._archive.open(about, "w", force_zip64=True) as out:
            for part in parts:
                out.write(part)
                if self._pipe.size > _BLOCK:
                    yield self._pipe.take()


def repeat_files(main: Table, form_id: str) -> Iterator[tuple[str, Table]]:
    """Yield Central's names of the files of repeats; equal names are numbered."""
    repeats = [table for table in main.all() if table is not main]
    names = [table.path[-1] for table in repeats]
    for number, table in enumerate(repeats):
        name = names[number]
        if names.count(name) > 1:
            name += f"~{names[: number + 1].count(name)}"
        yield _UNFIT.sub("", f"{form_id}-{name}.csv"), table


def _turn_lines(
    submissions: QuerySet[Submission], place: csv_lines.Layout, table: Table, cells: Cells
) -> Iterator[bytes]:
    """Yield the CSV of one repeat: its answers, its parent's key and its own."""
    yield ("\ufeff" + csv_lines.written([*cells.names(table), "PARENT_KEY", "KEY"])).encode()
    for instance_id, turn in rows_of(submissions, place):
        for one, parent, key in _turns(turn, instance_id):
            if one.table is table:
                yield csv_lines.written([*cells.of(one), parent, key]).encode()


def _turns(turn: Turn, key: str) -> Iterator[tuple[Turn, str, str]]:
    """Yield every turn below one, with its parent's key and its own: ``uuid:1/house/child[2]``."""
    seen: dict[int, int] = {}
    for child in turn.turns:
        number = seen[id(child.table)] = seen.get(id(child.table), 0) + 1
        path = child.table.path[len(turn.table.path) :]
        own = f"{key}/{'/'.join(path)}[{number}]"
        yield child, key, own
        yield from _turns(child, own)


def _media(submissions: QuerySet[Submission], write: _Writer) -> Iterator[bytes]:
    """Yield the files of the current wordings; a name that two records use is made different."""
    standing = Q(edit=F("submission__current")) | Q(edit=None, submission__current=None)
    files = SubmissionAttachment.objects.filter(standing, submission__in=submissions)
    seen: set[str] = set()
    for file in files.order_by("submission", "pk").iterator(chunk_size=500):
        try:
            opened = media.open_file(name_of(file.sha256))
        except FileNotFoundError:
            continue  # lost in the storage: the others are still wanted
        name = PurePosixPath(file.name)
        text = f"{name.stem}.{file.pk}{name.suffix}" if file.name in seen else file.name
        seen.add(text)
        with opened:
            blocks = iter(partial(opened.read, _BLOCK), b"")
            # photos and recordings do not grow smaller
            yield from write.member(f"media/{text}", blocks, zipfile.ZIP_STORED)
