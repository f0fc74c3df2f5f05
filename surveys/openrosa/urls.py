"""The addresses of ODK Collect, of the tablet app, and of Central's clients."""

from django.urls import URLPattern, URLResolver, include, path

from surveys.openrosa import drafts, form_list, submission_endpoint, tablets
from surveys.openrosa.central import unknown

app_name = "openrosa"

_KEY = "v1/key/<str:token>/projects/<int:project>"
_PROJECT = "v1/projects/<int:project>"
_TEST = "v1/test/<str:token>/projects/<int:project>/forms/<str:form_id>/draft"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{_KEY}/submission", submission_endpoint.key_submission, name="key_submission"),
    path(f"{_KEY}/formList", form_list.key_form_list, name="key_form_list"),
    path(f"{_KEY}/tablet.json", tablets.bundle, name="tablet_bundle"),
    path(f"{_KEY}/erased", tablets.erased, name="tablet_erased"),
    path(f"{_KEY}/returned.json", tablets.returned, name="returned"),
    path(f"{_KEY}/returned/<str:instance_id>.xml", tablets.returned_xml, name="returned_xml"),
    path(
        f"{_KEY}/returned/<str:instance_id>/attachments/<str:name>",
        tablets.returned_file,
        name="returned_file",
    ),
    path(f"{_KEY}/lists/<slug:name>.json", tablets.rows, name="tablet_list"),
    path(f"{_KEY}/forms/<str:form_id>/tablet.json", tablets.compiled, name="tablet_form"),
    path(f"{_KEY}/forms/<str:form_id>/manifest", form_list.key_manifest, name="key_manifest"),
    path(
        f"{_KEY}/forms/<str:form_id>/attachments/<str:name>",
        form_list.key_attachment,
        name="key_attachment",
    ),
    path(
        f"{_KEY}/forms/<str:form_id>/versions/<str:version>.xml",
        form_list.key_form_xml,
        name="key_version_xml",
    ),
    path(f"{_KEY}/forms/<str:form_id>.xml", form_list.key_form_xml, name="key_form_xml"),
    path("v1/tablet/enrol", tablets.enrolment, name="enrol"),
    path(f"{_TEST}/formList", drafts.form_list, name="draft_form_list"),
    path(f"{_TEST}/manifest", drafts.manifest, name="draft_manifest"),
    path(f"{_TEST}/submission", drafts.submission, name="draft_submission"),
    path(f"{_TEST}/attachments/<str:name>", drafts.attachment, name="draft_attachment"),
    path(f"{_TEST}.xml", drafts.form_xml, name="draft_xml"),
    path(
        f"{_PROJECT}/submission", submission_endpoint.project_submission, name="project_submission"
    ),
    path(f"{_PROJECT}/formList", form_list.login_form_list, name="project_form_list"),
    path("", include("surveys.openrosa.central.urls")),
    path("v1/<path:rest>", unknown.any_other),
    path("v1", unknown.address),
    path("v1/", unknown.address),
]
