from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from surveys.api.cases import CaseViewSet
from surveys.api.checks import CheckViewSet
from surveys.api.meetings import MeetingViewSet, VoteViewSet
from surveys.forms import pages as forms
from surveys.forms import tablet_pages
from surveys.submissions.processing import unprocessed
from surveys.submissions.review import views as submissions
from surveys.views import case_lists, cases, imports, office, progress, tablet_people

api = SimpleRouter()
api.register("cases", CaseViewSet, basename="api_case")
api.register("checks", CheckViewSet, basename="api_check")
api.register("meetings", MeetingViewSet, basename="api_meeting")
api.register("votes", VoteViewSet, basename="api_vote")

app_name = "surveys"
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(api.urls)),
    path("field/", cases.home, name="home"),
    path("field/progress/", progress.progress, name="progress"),
    path("field/outcomes/", progress.outcomes, name="outcomes"),
    path("office/requests/", office.waiting, name="office_requests"),
    path("cases/", case_lists.case_list, name="cases"),
    path("cases/exclude/", case_lists.exclude, name="exclude"),
    path("cases/export.<slug:suffix>", case_lists.export, name="export_cases"),
    path("cases/lists/", case_lists.save_view, name="save_view"),
    path("cases/lists/<int:pk>/delete/", case_lists.delete_view, name="delete_view"),
    path("cases/new/", cases.new_case, name="new_case"),
    path("cases/new/beside/", cases.beside, name="beside"),
    path("cases/<int:pk>/", cases.case_page, name="case"),
    path("cases/<int:pk>/correct/", cases.correct, name="correct"),
    path("cases/<int:pk>/void/", cases.void, name="void"),
    path("cases/<int:pk>/erase-note/", cases.erase_note, name="erase_note"),
    path("cases/import/", imports.upload, name="import"),
    path("cases/import/<int:pk>/", imports.batch_page, name="import_batch"),
    path("cases/import/<int:pk>/rejected/", imports.rejected, name="import_rejected"),
    path(
        "cases/import/template/<slug:kind>.<slug:suffix>", imports.template, name="import_template"
    ),
    path("forms/", forms.form_list, name="forms"),
    path("forms/upload/", forms.upload, name="form_upload"),
    path("forms/upload/<int:pk>/", forms.upload_state, name="form_upload_state"),
    path("forms/<int:pk>/", forms.form_page, name="form"),
    path("forms/<int:pk>/publish/", forms.publish, name="form_publish"),
    path("forms/<int:pk>/abandon/", forms.abandon, name="form_abandon"),
    path("forms/<int:pk>/state/", forms.set_state, name="form_state"),
    path("forms/<int:pk>/media/", forms.give_media, name="form_media"),
    path("forms/<int:pk>/<int:version>.<slug:kind>", forms.download, name="form_download"),
    path("tablets/", tablet_pages.tablet_list, name="tablets"),
    path("tablets/<int:pk>/", tablet_pages.tablet_page, name="tablet"),
    path("tablets/<int:pk>/people/", tablet_people.tablet_people, name="tablet_people"),
    path("submissions/", submissions.submission_list, name="submissions"),
    path("submissions/<int:pk>/", submissions.submission_page, name="submission"),
    path("submissions/<int:pk>/files/<int:file>/", submissions.attachment, name="submission_file"),
    path("submissions/unread/", unprocessed.unread_list, name="unread"),
    path("submissions/quarantine/", submissions.quarantine_list, name="quarantine"),
    path("submissions/quarantine/<int:pk>/", submissions.quarantine_page, name="held"),
    path("submissions/exports/", submissions.exports, name="exports"),
    path("submissions/exports/<int:pk>/", submissions.export_file, name="export_file"),
    path("submissions/rules/<slug:code>/", submissions.rules, name="rules"),
    path("submissions/rules/<slug:code>/webhooks/", submissions.change_webhooks, name="webhooks"),
]
