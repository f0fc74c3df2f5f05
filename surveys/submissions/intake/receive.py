"""Receive records: one record in, one row, and an answer; everything else happens later in a task.

Nothing that an authenticated tablet sends is lost: what cannot be accepted goes to quarantine with
its files before it is refused.
"""

import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath

from django.db import transaction
from django.utils import timezone

from surveys.forms import published_versions
from surveys.models import (
    Form,
    Quarantine,
    ReviewState,
    Submission,
    SubmissionAttachment,
    SubmissionVersion,
)
from surveys.submissions.intake import insert
from surveys.submissions.intake.envelope import Envelope, UnreadableError, opened
from surveys.submissions.intake.files import Kept
from surveys.submissions.intake.incoming import (
    Coming,
    Receipt,
    RefusedError,
    Sender,
)
from surveys.submissions.intake.quarantine import hold, quarantine
from surveys.submissions.notify import wakeups

__all__ = ["Receipt", "RefusedError", "Sender", "add_file", "receive"]


def receive(
    *, sender: Sender, xml: bytes, files: Sequence[Kept] = (), only_form: str = ""
) -> Receipt:
    """Receive one record with the files that came in the same POST. Raises RefusedError.

    ``only_form``: the address names a form, and the record must be one of it.
    """
    try:
        xml, envelope = opened(xml)
    except UnreadableError as trouble:
        quarantine(sender, xml, files, Quarantine.Reason.UNREADABLE)
        raise RefusedError(400, 400.1, str(trouble)) from trouble
    if only_form and envelope.form_id != only_form:
        raise RefusedError(400, 400.8, "The record belongs to another form than the address.")
    target = published_versions.find(sender.programme_id, envelope.form_id, envelope.version)
    if target is None:
        quarantine(sender, xml, files, Quarantine.Reason.UNKNOWN_FORM, envelope=envelope)
        raise _unknown(sender, envelope)
    if sender.forms is not None and target.form_id not in sender.forms:
        raise RefusedError(403, 403.1, "This tablet was not given this form.")
    if target.closed:
        raise RefusedError(409, 409.2, "This form is closed and takes no records.")
    coming = Coming(sender, envelope, target, xml, hashlib.sha256(xml).hexdigest(), files)
    if envelope.deprecated_id:
        receipt = _edit(coming)
    elif files:
        with transaction.atomic():
            receipt = _first(coming)
    else:
        receipt = _first(coming)
    if receipt is None:
        raise _other_content(coming)
    if receipt.status == 201:
        wakeups.observe_soon()
    return receipt


def _unknown(sender: Sender, envelope: Envelope) -> RefusedError:
    forms = Form.objects.standing().filter(programme_id=sender.programme_id)
    if forms.filter(xml_form_id=envelope.form_id).exists():
        return RefusedError(
            404,
            404.6,
            "The form version specified in this submission"
            f' "{envelope.version}" does not exist on this server.',
        )
    return RefusedError(
        404, 404.1, f'The form "{envelope.form_id}" does not exist in this programme.'
    )


def _first(coming: Coming) -> Receipt | None:
    """Insert a record, or recognise it. None: another content is known under its id."""
    target, envelope, sender = coming.target, coming.envelope, coming.sender
    row = insert.insert(
        [
            target.form_id,
            target.version_id,
            envelope.instance_id,
            coming.xml,
            coming.sha256,
            sender.device_id[:120],
            sender.user_agent[:200],
            sender.app_user_id,
            sender.user_id,
            target.form_id,
            envelope.instance_id,
        ]
    )
    if row is not None:
        if coming.files:
            _attach(row, None, coming.files)
        return Receipt(201, row, envelope.instance_id)
    return _again(coming)


def _again(coming: Coming) -> Receipt | None:
    """Add the new files of a record that was received before; None where its bytes differ."""
    submission: Submission | SubmissionVersion | None = Submission.objects.filter(
        form_id=coming.target.form_id, instance_id=coming.envelope.instance_id
    ).first()
    edit: SubmissionVersion | None = None
    if submission is None:
        submission = edit = SubmissionVersion.objects.filter(
            form_id=coming.target.form_id, instance_id=coming.envelope.instance_id
        ).first()
    if submission is None or submission.sha256 != coming.sha256:
        return None
    submission_id = edit.submission_id if edit else submission.pk
    if isinstance(submission, Submission) and submission.deleted_at is not None:
        raise RefusedError(
            409, 409.18, "This submission has been deleted. You may not resubmit it."
        )
    added = _attach(submission_id, edit.pk if edit else None, coming.files) if coming.files else 0
    if added:
        Submission.objects.filter(pk=submission_id).update(observed_at=None)
    return Receipt(201 if added else 202, submission_id, coming.envelope.instance_id)


def _attach(submission_id: int, edit_id: int | None, files: Sequence[Kept]) -> int:
    """Add rows for files that are not here yet; return how many.

    Another content under a known name gets a new name.
    """
    attachments = dict(
        SubmissionAttachment.objects.filter(
            submission_id=submission_id, edit_id=edit_id
        ).values_list("name", "sha256")
    )
    rows = []
    for file in files:
        name = file.name
        if attachments.get(name, file.sha256) != file.sha256:
            path = PurePosixPath(name)
            name = f"{path.stem}.{file.sha256[:8]}{path.suffix}"
        if name in attachments:
            continue
        attachments[name] = file.sha256
        rows.append(
            SubmissionAttachment(
                submission_id=submission_id,
                edit_id=edit_id,
                name=name,
                sha256=file.sha256,
                md5=file.md5,
                size=file.size,
                content_type=file.content_type,
                looks_like=file.looks_like,
            )
        )
    SubmissionAttachment.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _edit(coming: Coming) -> Receipt | None:
    """Replace the current wording by a new one. Raises RefusedError; None as in ``_first``."""
    with transaction.atomic():
        submission = _edited_record(coming.target.form_id, coming.envelope.deprecated_id)
        receipt = _again(coming)
        if receipt is not None:
            return receipt
        if _is_known(coming.target.form_id, coming.envelope.instance_id):
            return None
        current_id = _current_id(submission) if submission else ""
        if submission is not None and current_id == coming.envelope.deprecated_id:
            return _put_over(submission, coming)
    if submission is None:
        hold(coming, Quarantine.Reason.NOT_CURRENT, None)
        message = f'There is no submission "{coming.envelope.deprecated_id}" to edit.'
        raise RefusedError(404, 404.5, message)
    hold(coming, Quarantine.Reason.NOT_CURRENT, submission)
    raise RefusedError(
        409,
        409.9,
        f'The submission "{coming.envelope.deprecated_id}" that this edits is no longer the current'
        " version. It is kept on the server for a coordinator to look at.",
    )


def _edited_record(form_id: int, instance_id: str) -> Submission | None:
    """Return the record one of whose wordings has this id, locked."""
    owner = SubmissionVersion.objects.filter(form_id=form_id, instance_id=instance_id)
    submissions = Submission.objects.standing().select_for_update(of=("self",))
    row = submissions.filter(form_id=form_id, instance_id=instance_id).first()
    return row or submissions.filter(pk__in=owner.values("submission_id")).first()


def _current_id(submission: Submission) -> str:
    return submission.current.instance_id if submission.current else submission.instance_id


def _is_known(form_id: int, instance_id: str) -> bool:
    return any(
        model._default_manager.filter(form_id=form_id, instance_id=instance_id).exists()
        for model in (Submission, SubmissionVersion)
    )


def _put_over(submission: Submission, coming: Coming) -> Receipt:
    edit = SubmissionVersion.objects.create(
        submission=submission,
        form_id=coming.target.form_id,
        version_id=coming.target.version_id,
        instance_id=coming.envelope.instance_id,
        deprecates=coming.envelope.deprecated_id,
        xml=coming.xml,
        sha256=coming.sha256,
        device_id=coming.sender.device_id[:120],
        user_agent=coming.sender.user_agent[:200],
        app_user_id=coming.sender.app_user_id,
        submitter_id=coming.sender.user_id,
    )
    before = submission.attachments.filter(edit_id=submission.current_id)
    _attach(submission.pk, edit.pk, coming.files)
    given = {f.name for f in coming.files}
    copies = [
        SubmissionAttachment(
            submission=submission,
            edit=edit,
            name=a.name,
            sha256=a.sha256,
            md5=a.md5,
            size=a.size,
            content_type=a.content_type,
            looks_like=a.looks_like,
        )
        for a in before
        if a.name not in given
    ]
    SubmissionAttachment.objects.bulk_create(copies, ignore_conflicts=True)
    submission.current = edit
    submission.state = ReviewState.EDITED
    submission.updated_at = timezone.now()
    submission.observed_at = None
    submission.line_key = ""  # its line was made of the wording before
    submission.save(update_fields=["current", "state", "updated_at", "observed_at", "line_key"])
    wakeups.tell_webhooks("submission.edited", submission)
    return Receipt(201, submission.pk, coming.envelope.instance_id)


def _other_content(coming: Coming) -> RefusedError:
    submission = Submission.objects.filter(
        form_id=coming.target.form_id, instance_id=coming.envelope.instance_id
    ).first()
    if submission is None:
        edit = SubmissionVersion.objects.filter(
            form_id=coming.target.form_id, instance_id=coming.envelope.instance_id
        ).first()
        submission = edit.submission if edit else None
    deleted = submission is not None and submission.deleted_at is not None
    reason = Quarantine.Reason.DELETED if deleted else Quarantine.Reason.OTHER_CONTENT
    hold(coming, reason, submission)
    if deleted:
        message = "This submission has been deleted. You may not resubmit it."
        return RefusedError(409, 409.18, message)
    return RefusedError(
        409,
        409.3,
        f'Another record with the id "{coming.envelope.instance_id}" is already here, with other'
        " content. This one is kept on the server for a coordinator to look at.",
    )


def add_file(submission: Submission, file: Kept) -> None:
    """Add a file that came by itself to the current wording of a record."""
    if _attach(submission.pk, submission.current_id, [file]):
        Submission.objects.filter(pk=submission.pk).update(observed_at=None)
        wakeups.observe_soon()
