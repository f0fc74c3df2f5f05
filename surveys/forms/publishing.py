"""Drafts become published versions, which never change; media belong to a version."""

import hashlib
import mimetypes
import secrets
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from lxml import etree

from accounts.models import Programme, User
from audit import trail
from surveys.forms import conflicts, engine, fitness, limits
from surveys.forms.cells import Sheets
from surveys.forms.compile import compile_form
from surveys.forms.form_ids import check_form_id
from surveys.forms.lists import HOUSE_LISTS
from surveys.forms.problems import FormProblems, Problem, outside_json, outside_problem
from surveys.forms.reserved import reserved_groups, reserved_problems
from surveys.forms.safe_xml import UnsafeXmlError, parse
from surveys.forms.xform import XFORMS, XForm, XFormError
from surveys.forms.xlsform import read
from surveys.models import Form, FormAttachment, FormVersion

MAX_MEDIA = 10 * 1024 * 1024


@dataclass(frozen=True)
class Facts:
    """The facts about an XForm that the row of its version stores."""

    form_id: str
    version: str
    title: str
    encrypted: bool
    media: dict[str, str]
    """name of each file that the form uses to its kind"""
    data: bytes
    """the XForm, byte for byte as served"""


@dataclass(frozen=True)
class Prepared:
    """A form that was read, compiled and run by the engine, before anything is stored."""

    form: Facts
    compiled: dict[str, Any]
    outside: list[Problem]
    """why the tablet cannot fill it; empty when it can"""
    reserved: list[Problem]
    warnings: list[str]
    source: bytes | None
    source_type: str
    rows: dict[str, str] = field(default_factory=dict)
    """path of a question to the cell of its name, such as ``survey!B7``"""
    tried_by: str = ""
    """the version of the engine that opened it; empty when none could"""


def _compiled(xml: bytes, sheets: Sheets | None) -> tuple[XForm, dict[str, Any], list[Any]]:
    """Compile an XForm: (form, compiled form, parts outside the tablet's subset)."""
    try:
        form = XForm(xml)
        check_form_id(form.form_id, sheets)
        compiled, outside = compile_form(form)
    except (XFormError, UnsafeXmlError) as trouble:
        raise FormProblems([Problem("", "", str(trouble))]) from trouble
    limits.check_compiled(compiled)
    compiled["observes"] = reserved_groups(form)
    return form, compiled, outside


def prepare(
    content: bytes, kind: str, *, default_version: str = "", default_form_id: str = ""
) -> Prepared:
    """Read an XLSForm (xlsx, xlsm, xls, csv, md) or an XForm (xml). Raises FormProblems.

    Takes seconds for a large form: pages and the API leave it to a worker (``compiling``).
    """
    sheets: Sheets | None = None
    warnings: list[str] = []
    xml = content
    if kind != "xml":
        converted = read(
            content, kind, default_version=default_version, default_form_id=default_form_id
        )
        xml, sheets, warnings = converted.xml, converted.sheets, converted.warnings
    limits.check_bytes(len(xml))
    form, compiled, outside = _compiled(xml, sheets)
    tried_by = engine.version()
    try:
        unfit = fitness.check(compiled, sheets)
    except fitness.NotTestedError as trouble:
        # not the form's fault: ODK Collect gets it, and it is tested again (retesting)
        unfit, tried_by = [Problem("", "", str(trouble))], ""
    return Prepared(
        form=_facts(form),
        compiled=compiled,
        outside=[*(outside_problem(o, sheets) for o in outside), *unfit],
        reserved=reserved_problems(form, compiled, sheets),
        warnings=warnings,
        source=content if kind != "xml" else None,
        source_type=kind,
        rows=_rows(sheets),
        tried_by=tried_by,
    )


def _facts(form: XForm) -> Facts:
    return Facts(form.form_id, form.version, form.title, form.encrypted, form.media, form.data)


def _rows(sheets: Sheets | None) -> dict[str, str]:
    if sheets is None:
        return {}
    return {
        path: f"survey!{sheets.cell('survey', row, 'name')}" for path, row in sheets.rows.items()
    }


@transaction.atomic
def save_draft(
    *, programme: Programme, prepared: Prepared, by: User | None, form: Form | None = None
) -> FormVersion:
    """Make ``prepared`` the draft of its form, which is created when the programme has none.

    Raises FormProblems for reserved names used wrongly or another id than that of ``form``, and
    FieldConflict when a field would change its kind.
    """
    if prepared.reserved:
        raise FormProblems(prepared.reserved)
    if form is not None and form.xml_form_id != prepared.form.form_id:
        sentence = _("The form id is “%(form_id)s”, but this form is “%(wanted)s”.") % {
            "form_id": prepared.form.form_id,
            "wanted": form.xml_form_id,
        }
        raise FormProblems([Problem("settings", "", sentence)])
    if form is None:
        form, _made = Form.objects.standing().get_or_create(
            programme=programme,
            xml_form_id=prepared.form.form_id,
            deleted_at=None,
            defaults={"created_by": by},
        )
    form = Form.objects.select_for_update().get(pk=form.pk)
    conflicts.check(form, prepared.compiled, prepared.rows)
    before = form.draft or form.current
    draft = _version(form, prepared, by)
    _attachments(draft, prepared, before)
    replaced = form.draft
    form.draft = draft
    form.save(update_fields=["draft", "updated_at"])
    if replaced is not None and replaced.published_at is None:
        replaced.delete()
    trail.record(
        by=by, verb="form.drafted", subject=form, after={"version": draft.version}, job="load_forms"
    )
    return draft


def _version(form: Form, prepared: Prepared, by: User | None) -> FormVersion:
    xml = prepared.form.data
    return FormVersion.objects.create(
        form=form,
        version=prepared.form.version,
        title=prepared.form.title[:300],
        xml=xml.decode("utf-8"),
        md5=hashlib.md5(xml, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(xml).hexdigest(),
        source=prepared.source,
        source_type=prepared.source_type,
        compiled=prepared.compiled,
        outside_subset=outside_json(prepared.outside),
        tried_by=prepared.tried_by,
        encrypted=prepared.form.encrypted,
        # testers keep the same QR code while the draft is corrected
        draft_token=(form.draft and form.draft.draft_token) or secrets.token_hex(32),
        created_by=by,
    )


def _attachments(draft: FormVersion, prepared: Prepared, before: FormVersion | None) -> None:
    """Store one row per file that the form uses; files given before and still used are kept."""
    kept = {a.name: a for a in before.attachments.all()} if before else {}
    rows = []
    for name, kind in sorted(prepared.form.media.items()):
        row = FormAttachment(version=draft, name=name, kind=kind)
        if name.removesuffix(".csv") in HOUSE_LISTS and name.endswith(".csv"):
            row.house_list = name.removesuffix(".csv")
            row.content_type = "text/csv"
        elif name in kept and kept[name].content is not None:
            old = kept[name]
            row.content, row.content_type, row.md5 = old.content, old.content_type, old.md5
        rows.append(row)
    FormAttachment.objects.bulk_create(rows)


@transaction.atomic
def publish(*, form: Form, by: User | None, version: str = "") -> FormVersion:
    """Publish the draft; from now on it cannot change. Raises ValidationError.

    ``version`` overrides the draft's own. A version that was published before is refused.
    """
    form = Form.objects.select_for_update(of=("self",)).select_related("draft").get(pk=form.pk)
    draft = form.draft
    if draft is None:
        raise ValidationError({"draft": [_("There is no draft to publish.")]})
    if version and version != draft.version:
        _rename(draft, version)
    conflicts.check(form, draft.compiled)
    if form.versions.exclude(published_at=None).filter(version=draft.version).exists():
        sentence = _("Version “%(version)s” was published before; give the draft another version.")
        raise ValidationError({"version": [sentence % {"version": draft.version}]})
    draft.published_at, draft.published_by = timezone.now(), by
    draft.draft_token = ""
    draft.save()
    form.current, form.draft = draft, None
    form.save(update_fields=["current", "draft", "updated_at"])
    trail.record(
        by=by,
        verb="form.published",
        subject=form,
        after={"version": draft.version, "sha256": draft.sha256},
        job="load_forms",
    )
    return draft


def _rename(draft: FormVersion, version: str) -> None:
    """Give a draft another version; nothing else in it changes, so it is not compiled again."""
    root = parse(draft.xml.encode())
    instance = root.find(f".//{XFORMS}instance")
    assert instance is not None
    instance[0].set("version", version)
    xml = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    inside = parse(draft.compiled["instance"].encode())
    inside.set("version", version)
    draft.version, draft.xml = version, xml.decode()
    draft.md5 = hashlib.md5(xml, usedforsecurity=False).hexdigest()
    draft.sha256 = hashlib.sha256(xml).hexdigest()
    draft.compiled = {
        **draft.compiled,
        "version": version,
        "instance": etree.tostring(inside, encoding="unicode"),
        "hash": f"md5:{draft.md5}",
    }


@transaction.atomic
def attach(
    *, version: FormVersion, name: str, content: bytes, content_type: str, by: User | None
) -> FormAttachment:
    """Give a draft (or a version just published without it) one of its media files.

    Media of a published version may be added once and then never changed: tablets
    that hold it must agree with the server. Raises ValidationError.
    """
    row = version.attachments.select_for_update().filter(name=name).first()
    if row is None:
        raise ValidationError({"name": [_("The form speaks of no file “%(n)s”.") % {"n": name}]})
    if row.house_list:
        raise ValidationError({"name": [_("“%(n)s” comes from our own tables.") % {"n": name}]})
    if len(content) > MAX_MEDIA:
        raise ValidationError({"file": [_("The file is larger than 10 MB.")]})
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if version.published_at is not None and row.content is not None and row.md5 != md5:
        raise ValidationError({"name": [_("Media of a published version cannot be changed.")]})
    row.content, row.md5 = content, md5
    row.content_type = content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
    row.save()
    trail.record(
        by=by, verb="form.media_given", subject=version.form, after={"name": name, "md5": md5}
    )
    return row


@transaction.atomic
def detach(*, version: FormVersion, name: str, by: User | None) -> None:
    """Take a media file from a draft. Raises ValidationError for a published version."""
    if version.published_at is not None:
        raise ValidationError({"name": [_("Media of a published version cannot be changed.")]})
    version.attachments.filter(name=name).update(
        content=None, md5="", content_type="", updated_at=timezone.now()
    )
    trail.record(by=by, verb="form.media_taken", subject=version.form, after={"name": name})


@transaction.atomic
def abandon_draft(*, form: Form, by: User | None) -> None:
    """Delete the draft; a form that was never published is deleted with it."""
    form = Form.objects.select_for_update().get(pk=form.pk)
    draft = form.draft
    if draft is None:
        return
    form.draft = None
    form.save(update_fields=["draft", "updated_at"])
    draft.delete()
    trail.record(by=by, verb="form.draft_abandoned", subject=form)


@transaction.atomic
def set_state(*, form: Form, state: str, by: User | None) -> Form:
    """Set the form open, closing or closed; records of published versions are always accepted."""
    form = Form.objects.select_for_update().get(pk=form.pk)
    before = form.state
    form.state = state
    form.full_clean(exclude=["programme", "current", "draft", "created_by"])
    form.save(update_fields=["state", "updated_at"])
    trail.record(
        by=by,
        verb="form.state_set",
        subject=form,
        before={"state": before},
        after={"state": state},
    )
    return form


@transaction.atomic
def delete_form(*, form: Form, by: User | None) -> None:
    """Remove a form from every list; its records stay."""
    form.deleted_at = timezone.now()
    form.save(update_fields=["deleted_at", "updated_at"])
    trail.record(by=by, verb="form.deleted", subject=form)


@transaction.atomic
def restore_form(*, form: Form, by: User | None) -> None:
    """Restore a deleted form. Raises ValidationError where another one has its name now."""
    same = Form.objects.standing().filter(
        programme_id=form.programme_id, xml_form_id=form.xml_form_id
    )
    if same.exists():
        sentence = _("Another form has the id “%(id)s” now.") % {"id": form.xml_form_id}
        raise ValidationError({"xml_form_id": [sentence]})
    form.deleted_at = None
    form.save(update_fields=["deleted_at", "updated_at"])
    trail.record(by=by, verb="form.restored", subject=form)
