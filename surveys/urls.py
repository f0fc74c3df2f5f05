from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from surveys.api.cases import CaseViewSet
from surveys.api.checks import CheckViewSet
from surveys.api.meetings import MeetingViewSet, VoteViewSet
from surveys.pages import cases, imports

api = SimpleRouter()
api.register("cases", CaseViewSet, basename="api_case")
api.register("checks", CheckViewSet, basename="api_check")
api.register("meetings", MeetingViewSet, basename="api_meeting")
api.register("votes", VoteViewSet, basename="api_vote")

app_name = "surveys"
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(api.urls)),
    path("field/", cases.home, name="home"),
    path("cases/", cases.case_list, name="cases"),
    path("cases/new/", cases.new_case, name="new_case"),
    path("cases/new/beside/", cases.beside, name="beside"),
    path("cases/<int:pk>/", cases.case_page, name="case"),
    path("cases/<int:pk>/correct/", cases.correct, name="correct"),
    path("cases/<int:pk>/void/", cases.void, name="void"),
    path("cases/import/", imports.upload, name="import"),
    path("cases/import/<int:pk>/", imports.batch_page, name="import_batch"),
    path("cases/import/<int:pk>/rejected/", imports.rejected, name="import_rejected"),
    path(
        "cases/import/template/<slug:kind>.<slug:suffix>", imports.template, name="import_template"
    ),
]
