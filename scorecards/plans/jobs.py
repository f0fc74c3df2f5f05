"""Work on many plans or sheets at once, with progress: printing them, importing past plans."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from uuid import UUID

from celery import current_app
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from typst import TypstError

from accounts.access import check
from accounts.models import User
from places.models import Level, Place
from printing.typesetter import joined
from scorecards.plans.models import Plan, PlanJob
from scorecards.plans.official_form import pdf, rows, spreadsheet
from scorecards.plans.official_form.columns import PAST
from scorecards.plans.services import past
from surveys.importing.errors import BadFile
from surveys.validation import Problems

MOST_PLANS: Final = 1000
BATCH: Final = 20
MOST_SENTENCES: Final = 200


@transaction.atomic
def ask_for_print(*, by: User, plans: list[Plan], language: str) -> PlanJob:
    """Ask for a PDF of these plans. Raises ValidationError, PermissionDenied."""
    check(by, "plans.read")
    if not plans:
        raise ValidationError(_("There is no plan to print here."))
    if len(plans) > MOST_PLANS:
        raise ValidationError(
            _("At most %(most)s plans are printed at once. Choose a smaller place.")
            % {"most": MOST_PLANS}
        )
    job = PlanJob.objects.create(
        kind=PlanJob.Kind.PRINT,
        asked_by=by,
        language=language,
        plans=[plan.pk for plan in plans],
        total=len(plans),
    )
    _start(job, "scorecards.plans.tasks.print_plans")
    return job


@transaction.atomic
def ask_for_sheets(
    *, by: User, communes: list[str], period: str, language: str, base: str
) -> PlanJob:
    """Ask for the scorecards of these communes as one PDF. Raises ValidationError,
    PermissionDenied.
    """
    check(by, "scores.released", "scores.working")
    if not communes:
        raise ValidationError(_("There is no commune to print here."))
    if len(communes) > MOST_PLANS:
        raise ValidationError(
            _("At most %(most)s scorecards are printed at once. Choose a smaller place.")
            % {"most": MOST_PLANS}
        )
    job = PlanJob.objects.create(
        kind=PlanJob.Kind.SHEETS,
        asked_by=by,
        language=language,
        plans=communes,
        total=len(communes),
        period=period,
        base=base,
    )
    _start(job, "dashboards.tasks.print_sheets")
    return job


def sheets_of(by: User, uuid: UUID) -> PlanJob | None:
    """Return a print of scorecards that this person asked for, or None."""
    return PlanJob.objects.filter(kind=PlanJob.Kind.SHEETS, asked_by=by, uuid=uuid).first()


@transaction.atomic
def ask_for_import(*, by: User, file: "UploadedFile[Any]", language: str) -> PlanJob:
    """Keep a spreadsheet of past plans to be imported. Raises PermissionDenied."""
    check(by, "plans.write")
    job = PlanJob(
        kind=PlanJob.Kind.IMPORT,
        asked_by=by,
        language=language,
        file_name=(file.name or "")[:200],
    )
    job.source.save("past-plans", file, save=False)
    job.save()
    _start(job, "scorecards.plans.tasks.import_past_plans")
    return job


def _start(job: PlanJob, task: str) -> None:
    transaction.on_commit(lambda: current_app.send_task(task, args=[job.pk]))


def _begin(job_id: int) -> PlanJob | None:
    """Return the job, marked as running.

    None where it is done. One killed half-way begins again.
    """
    job = PlanJob.objects.filter(pk=job_id).exclude(status=PlanJob.Status.DONE).first()
    if job is not None:
        job.status, job.done, job.rejected, job.sentences = PlanJob.Status.RUNNING, 0, 0, []
        job.save()
    return job


def _finish(job: PlanJob, status: str) -> None:
    job.status, job.finished_at = status, timezone.now()
    job.save()


def print_in_parts(
    job_id: int, make: Callable[[PlanJob, list[Any]], bytes], *, size: int = BATCH
) -> int:
    """Make the PDF of a job, ``size`` things at a time, and store it as one file; return how many.

    ``make`` sets some of them in the language of the job. A job that is done stays as it is.
    """
    job = _begin(job_id)
    if job is None:
        return 0
    parts = []
    try:
        with translation.override(job.language):
            for start in range(0, job.total, size):
                parts.append(make(job, job.plans[start : start + size]))
                job.done = min(start + size, job.total)
                job.save(update_fields=["done"])
        job.result.save(f"{job.kind}-{job.uuid}.pdf", ContentFile(joined(parts)), save=False)
    except TypstError:
        _finish(job, PlanJob.Status.FAILED)
        raise
    _finish(job, PlanJob.Status.DONE)
    return job.done


def print_plans(job_id: int) -> int:
    """Print the plans of a job as one PDF; return how many."""
    return print_in_parts(job_id, _print_some)


def _print_some(job: PlanJob, wanted: list[Any]) -> bytes:
    plans = Plan.objects.select_related("commune__parent__parent", "provider").in_bulk(wanted)
    return pdf.plans_as_pdf([plans[pk] for pk in wanted if pk in plans])


def import_past(job_id: int) -> int:
    """Import the past plans of a job's spreadsheet; return how many rows were recorded."""
    job = _begin(job_id)
    if job is None:
        return 0
    with translation.override(job.language), TemporaryDirectory() as folder:
        path = Path(folder) / "source"
        with job.source.open("rb") as source:
            path.write_bytes(source.read())
        try:
            reading = spreadsheet.read_file(path, PAST, name=job.file_name)
        except BadFile as error:
            job.sentences = [str(error)]
            _finish(job, PlanJob.Status.FAILED)
            return 0
        job.total = len(reading.rows)
        job.save(update_fields=["total"])
        added, rejected = _take(job, reading)
        file, sentences = spreadsheet.rejected_rows(reading, rejected, Path(folder))
        job.rejected, job.done = len(rejected), job.total
        unchanged = job.total - added - len(rejected)
        summary = _("%(added)s recorded, %(unchanged)s already there, %(rejected)s not taken") % {
            "added": added,
            "unchanged": unchanged,
            "rejected": len(rejected),
        }
        job.sentences = [summary, *reading.table.notices, *sentences[:MOST_SENTENCES]]
        if file:
            suffix = ".xlsx" if reading.table.is_xlsx else ".csv"
            job.result.save(f"rows-{job.uuid}{suffix}", ContentFile(file), save=False)
        _finish(job, PlanJob.Status.DONE)
    return added


def _take(job: PlanJob, reading: spreadsheet.Reading) -> tuple[int, list[tuple[int, Problems]]]:
    """Record every good row by itself; (how many, the others with what is wrong)."""
    added, rejected = 0, []
    for count, (number, facts, problems) in enumerate(reading.rows, start=1):
        try:
            with transaction.atomic():
                added += _take_row(job.asked_by, facts, problems)
        except PermissionDenied as error:
            problems.say("commune", str(error))
        except ValidationError as error:
            for name, text in rows.by_field(error).items():
                problems.setdefault(name, text)
        if problems:
            rejected.append((number, problems))
        if count % 50 == 0:
            job.done = count
            job.save(update_fields=["done"])
    return added, rejected


def _take_row(by: User, facts: dict[str, Any], problems: Problems) -> int:
    """Record one row; 0 where it was recorded before. Raises ValidationError."""
    commune = Place.objects.filter(code=facts.get("commune") or "", level=Level.COMMUNE).first()
    if commune is None and "commune" not in problems:
        problems.say("commune", _("There is no commune with this code."))
    if commune is None or problems:
        raise ValidationError(dict(problems))
    plan = past.past_plan(
        by=by,
        commune=commune,
        starts_on=facts["plan_starts_on"],
        ends_on=facts["plan_ends_on"],
        agreed_on=facts["agreed_on"],
    )
    values = {name: facts.get(name) for name in rows.NAMES if name in facts}
    values = rows.resolve(values, problems, plan, by)
    if problems:
        raise ValidationError(dict(problems))
    values.pop("number", None)
    _action, fresh = past.record_past_action(
        by=by,
        plan=plan,
        state=facts.get("state") or "",
        done_on=facts.get("done_on"),
        first_due_on=facts.get("first_due_on"),
        blocked_by=facts.get("blocked_by") or "",
        **values,
    )
    return int(fresh)
