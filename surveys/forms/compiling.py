"""Read and compile forms in a worker: an upload is a row that a page or the API waits for.

A form can be large or hostile: a web process neither unpacks it nor runs its expressions.
"""

import base64
import logging
import time
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from billiard.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Programme, User
from jobs import attempts, messages
from surveys.forms import limits
from surveys.forms.problems import FormProblems, Problem
from surveys.forms.publishing import Facts, Prepared, prepare, save_draft
from surveys.models import FormUpload

TASK = "surveys.tasks.compile_form"
SECONDS = 180
"""Seconds that a worker may take for one form."""
_LOOK_EVERY = 0.1
_State = FormUpload.State
_log = logging.getLogger(__name__)


class NotYetError(Exception):
    """A worker has not finished the upload in the time there was."""


def submit(
    *,
    programme: Programme,
    content: bytes,
    kind: str,
    file_name: str,
    by: User | None,
    makes_draft: bool,
    default_version: str = "",
    default_form_id: str = "",
) -> FormUpload:
    """Keep a form and hand it to a worker. Raises FormProblems for a file that is too large."""
    limits.check_bytes(len(content))
    upload = FormUpload.objects.create(
        programme=programme,
        by=by,
        file_name=file_name[-200:],
        kind=kind,
        content=content,
        options={"default_version": default_version, "default_form_id": default_form_id},
        language=translation.get_language() or "km",
        makes_draft=makes_draft,
    )
    if settings.FORMS_COMPILED_BY_WORKER:
        messages.send_after_commit(TASK, upload.pk)
    else:
        run(upload.pk)
    return upload


def wait(upload: FormUpload, seconds: float) -> FormUpload:
    """Return the upload when a worker has finished it. Raises NotYetError after ``seconds``."""
    until = time.monotonic() + seconds
    rows = FormUpload.objects.filter(pk=upload.pk)
    while rows.filter(finished_at=None).exists():
        if time.monotonic() > until:
            raise NotYetError
        time.sleep(_LOOK_EVERY)
    upload.refresh_from_db()
    return upload


def result(upload: FormUpload) -> Prepared:
    """Return the form a worker made from an upload. Raises FormProblems when it was refused."""
    if upload.state == _State.FAILED:
        raise FormProblems([Problem(**problem) for problem in upload.problems])
    return _from_json(upload)


def waits_without_worker(upload: FormUpload) -> bool:
    """Return whether no worker began with the upload within half a minute."""
    waits = upload.finished_at is None
    return waits and attempts.waits_without_worker(TASK, upload.pk, upload.created_at)


def waiting() -> list[int]:
    """Return uploads to be read whose task message may be lost, oldest first."""
    late = FormUpload.objects.filter(
        finished_at=None, created_at__lt=timezone.now() - attempts.LATE
    )
    return list(late.order_by("pk").values_list("pk", flat=True))


def run(pk: int) -> int:
    """Compile the upload with this number, unless it is done or given up."""
    unfinished = FormUpload.objects.filter(pk=pk, finished_at=None)
    upload = unfinished.select_related("programme", "by").first()
    if upload is None:
        return 0  # done, or its sender stopped waiting
    unfinished.update(state=_State.RUNNING)
    with translation.override(upload.language):
        try:
            prepared = prepare(bytes(upload.content), upload.kind, **upload.options)
            if upload.makes_draft:
                draft = save_draft(programme=upload.programme, prepared=prepared, by=upload.by)
                upload.form = draft.form
            upload.prepared = _as_json(prepared)
            upload.state = _State.READY
        except FormProblems as trouble:
            _fail(upload, trouble.problems)
        except SoftTimeLimitExceeded:
            _fail(upload, [Problem("", "", _too_much())])
        except Exception:
            _log.exception("Form upload %s", pk)
            sentence = _("Something in this form cannot be read here. The fault was recorded.")
            _fail(upload, [Problem("", "", sentence)])
    upload.finished_at = timezone.now()
    _store(upload, "form", "prepared")
    return int(upload.state == _State.READY)


def _store(upload: FormUpload, *fields: str) -> None:
    """Write the outcome of an upload.

    Nothing is written when the sender stopped waiting and deleted the upload.
    """
    names = (*fields, "problems", "state", "finished_at")
    values = {name: getattr(upload, name) for name in names}
    FormUpload.objects.filter(pk=upload.pk).update(**values)


@attempts.when_given_up(TASK)
def give_up(pk: int) -> None:
    """Close an upload that crashed its worker each time."""
    upload = FormUpload.objects.filter(pk=pk, finished_at=None).first()
    if upload is None:
        return
    with translation.override(upload.language):
        _fail(upload, [Problem("", "", _too_much())])
    upload.finished_at = timezone.now()
    _store(upload)


def _too_much() -> str:
    return _("Reading this form takes too much time or memory. Make it smaller or split it.")


def _fail(upload: FormUpload, problems: list[Problem]) -> None:
    upload.state = _State.FAILED
    upload.problems = [asdict(problem) for problem in problems]


def _as_json(prepared: Prepared) -> dict[str, Any]:
    # not asdict(), which would copy a compiled form of megabytes
    form = prepared.form
    return {
        "form": {**asdict(form), "data": base64.b64encode(form.data).decode()},
        "compiled": prepared.compiled,
        "outside": [asdict(p) for p in prepared.outside],
        "reserved": [asdict(p) for p in prepared.reserved],
        "warnings": prepared.warnings,
        "rows": prepared.rows,
        "tried_by": prepared.tried_by,
    }


def _from_json(upload: FormUpload) -> Prepared:
    kept = upload.prepared or {}
    form = {**kept["form"], "data": base64.b64decode(kept["form"]["data"])}
    return Prepared(
        form=Facts(**form),
        compiled=kept["compiled"],
        outside=[Problem(**p) for p in kept["outside"]],
        reserved=[Problem(**p) for p in kept["reserved"]],
        warnings=kept["warnings"],
        source=bytes(upload.content) if upload.kind != "xml" else None,
        source_type=upload.kind,
        rows=kept["rows"],
        tried_by=kept["tried_by"],
    )


def forget(upload: FormUpload) -> None:
    """Delete an upload whose sender has the answer, or stopped waiting for it."""
    FormUpload.objects.filter(pk=upload.pk).delete()


def forget_old() -> int:
    """Delete uploads of more than a day ago."""
    old = timezone.now() - timedelta(days=1)
    return FormUpload.objects.filter(created_at__lt=old).delete()[0]
