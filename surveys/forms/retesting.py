"""Test again the versions of forms that the present engine has not opened, in a worker.

A version can be older than the engine, or it was published while no engine could be started.
"""

import logging

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext as _

from audit import trail
from jobs import attempts, messages
from surveys.forms import engine, fitness
from surveys.forms.cells import Sheets
from surveys.forms.compile import compile_form
from surveys.forms.problems import FormProblems, Problem, outside_json, outside_problem
from surveys.forms.reserved import reserved_groups
from surveys.forms.safe_xml import UnsafeXmlError
from surveys.forms.xform import XForm, XFormError
from surveys.forms.xlsform import read
from surveys.models import FormVersion

TASK = "surveys.tasks.retest_form"
EVERY = 3600.0
"""Seconds between two searches for versions to test."""
_log = logging.getLogger(__name__)


def due() -> list[int]:
    """Return current versions and drafts that the present engine has not opened, oldest first."""
    used = Q(form__current=F("pk")) | Q(form__draft=F("pk"))
    rows = FormVersion.objects.filter(used, form__deleted_at=None, encrypted=False)
    return list(rows.exclude(tried_by=engine.version()).order_by("pk").values_list("pk", flat=True))


def send_due() -> int:
    """Send a message for each version to test; return how many."""
    return sum(messages.send(TASK, pk, expires=EVERY) for pk in due())


def retest(pk: int) -> int:
    """Compile a version again and run it; 1 when its outcome is stored.

    Where the engine cannot be started nothing changes, and the version stays due.
    """
    version = FormVersion.objects.select_related("form").filter(pk=pk).first()
    if version is None or version.tried_by == engine.version():
        return 0
    with translation.override(settings.LANGUAGE_CODE):
        try:
            compiled, problems = _compile(version)
        except fitness.NotTestedError as trouble:
            _log.warning("Version %s of a form could not be tested: %s", pk, trouble)
            return 0
        except FormProblems as trouble:
            compiled, problems = version.compiled, trouble.problems
        except (XFormError, UnsafeXmlError) as trouble:
            compiled, problems = version.compiled, [Problem("", "", str(trouble))]
    _store(version, compiled, problems)
    return 1


def _compile(version: FormVersion) -> tuple[fitness.Json, list[Problem]]:
    form = XForm(version.xml.encode())
    compiled, outside = compile_form(form)
    compiled["observes"] = reserved_groups(form)
    sheets = _sheets(version)
    unfit = fitness.check(compiled, sheets)
    return compiled, [*(outside_problem(one, sheets) for one in outside), *unfit]


def _sheets(version: FormVersion) -> Sheets | None:
    """Return the cells of the XLSForm that a version was made from, so that problems name them."""
    if version.source is None or version.source_type == "xml":
        return None
    try:
        converted = read(
            bytes(version.source),
            version.source_type,
            default_version=version.version,
            default_form_id=version.form.xml_form_id,
        )
    except FormProblems:
        return None  # the present pyxform refuses it: problems are named by path
    return converted.sheets


@transaction.atomic
def _store(version: FormVersion, compiled: fitness.Json, problems: list[Problem]) -> None:
    """Store what the engine answered. The XForm itself and what was sent with it never change."""
    before = version.for_tablet
    version.compiled, version.tried_by = compiled, engine.version()
    version.outside_subset = outside_json(problems)
    version.save(update_fields=["compiled", "tried_by", "outside_subset"])
    if version.for_tablet != before:
        trail.record(
            by=None,
            verb="form.tested_again",
            subject=version.form,
            before={"for_tablet": before},
            after={"version": version.version, "for_tablet": version.for_tablet},
            job=TASK,
        )


@attempts.when_given_up(TASK)
def give_up(pk: int) -> None:
    """Mark a version that crashed its worker each time as one for ODK Collect alone."""
    version = FormVersion.objects.select_related("form").get(pk=pk)
    with translation.override(settings.LANGUAGE_CODE):
        sentence = _("Reading this form takes too much time or memory. Make it smaller.")
    _store(version, version.compiled, [Problem("", "", sentence)])
