"""The part of ODK Central's public REST API that analysts' clients need."""

from django.urls import URLPattern, path

from surveys.openrosa import form_list
from surveys.openrosa.central import (
    form_parts,
    forms,
    odata,
    projects,
    submission_exports,
    submission_files,
    submissions,
    unknown,
)

_PROJECT = "v1/projects/<int:project_id>"
_FORMS = f"{_PROJECT}/forms"
_FORM = f"{_FORMS}/<str:form_id>"
_VERSION = f"{_FORM}/versions/<str:version>"
_DRAFT = {"draft": True}
_MANY = f"{_FORM}/submissions"
_ONE = f"{_MANY}/<str:instance_id>"


def _workbooks(place: str, about: dict[str, bool]) -> list[URLPattern]:
    """Return the addresses of the workbook that a version was made from, one for each kind."""
    return [
        path(f"{place}.{kind}", form_parts.workbook, {**about, "kind": kind})
        for kind in ("xlsx", "xlsm", "xls")
    ]


urlpatterns = [
    path("v1/sessions", projects.sessions),
    path("v1/sessions/<str:which>", projects.session),
    path("v1/users/current", projects.current_user),
    path("v1/roles", projects.roles),
    path("v1/projects", projects.projects),
    path(_PROJECT, projects.one_project),
    path(f"{_PROJECT}/app-users", projects.app_users),
    path(f"{_PROJECT}/app-users/<int:actor>", projects.app_user),
    path(f"{_PROJECT}/assignments", projects.project_assignments),
    path(_FORMS, forms.forms),
    path(f"{_FORM}.svc", odata.service),
    path(f"{_FORM}.svc/$metadata", odata.metadata),
    path(f"{_FORM}.svc/<path:rest>", odata.table),
    path(f"{_FORM}.xml", form_list.shared(form_list.login_form_xml, form_parts.xml)),
    path(f"{_FORM}/manifest", form_list.shared(form_list.login_manifest, unknown.address)),
    *_workbooks(_FORM, {}),
    path(f"{_FORM}/restore", forms.restore),
    path(f"{_FORM}/draft.svc", odata.service, _DRAFT),
    path(f"{_FORM}/draft.svc/$metadata", odata.metadata, _DRAFT),
    path(f"{_FORM}/draft.svc/<path:rest>", odata.table, _DRAFT),
    path(f"{_FORM}/draft", forms.draft),
    path(f"{_FORM}/draft.xml", form_parts.xml, _DRAFT),
    path(f"{_FORM}/draft/publish", forms.publish_draft),
    *_workbooks(f"{_FORM}/draft", _DRAFT),
    path(f"{_FORM}/draft/fields", form_parts.fields, _DRAFT),
    path(f"{_FORM}/draft/attachments", form_parts.attachments, _DRAFT),
    path(f"{_FORM}/draft/attachments/<str:name>", form_parts.draft_attachment, _DRAFT),
    path(f"{_FORM}/versions", forms.versions),
    path(
        f"{_VERSION}.xml",
        form_list.shared(form_list.login_form_xml, form_parts.xml),
    ),
    *_workbooks(_VERSION, {}),
    path(f"{_VERSION}/fields", form_parts.fields),
    path(f"{_VERSION}/attachments", form_parts.attachments),
    path(f"{_VERSION}/attachments/<str:name>", form_parts.attachment),
    path(_VERSION, forms.one_version),
    path(f"{_FORM}/attachments", form_parts.attachments),
    path(
        f"{_FORM}/attachments/<str:name>",
        form_list.shared(form_list.login_attachment, form_parts.attachment),
    ),
    path(f"{_FORM}/fields", form_parts.fields),
    path(f"{_FORM}/assignments", projects.form_assignments),
    path(f"{_FORM}/assignments/<str:role>", projects.form_role_assignments),
    path(f"{_FORM}/assignments/<str:role>/<int:actor>", projects.form_assignment),
    path(_MANY, submissions.many),
    path(f"{_MANY}.csv", submission_exports.as_csv),
    path(f"{_MANY}.csv.zip", submission_exports.as_zip),
    path(f"{_MANY}/keys", submissions.keys),
    path(f"{_MANY}/submitters", submissions.submitters),
    path(f"{_ONE}.xml", submissions.as_xml),
    path(f"{_ONE}/comments", submissions.comments),
    path(f"{_ONE}/diffs", submissions.diffs),
    path(f"{_ONE}/versions", submissions.versions),
    path(f"{_ONE}/versions/<str:version_id>.xml", submissions.version_xml),
    path(f"{_ONE}/versions/<str:version_id>/attachments", submission_files.version_attachments),
    path(
        f"{_ONE}/versions/<str:version_id>/attachments/<str:name>",
        submission_files.version_attachment,
    ),
    path(f"{_ONE}/versions/<str:version_id>", submissions.one_version),
    path(f"{_ONE}/attachments", submission_files.attachments),
    path(f"{_ONE}/attachments/<str:name>", submission_files.attachment),
    path(_ONE, submissions.one),
    path(_FORM, forms.one_form),
]
