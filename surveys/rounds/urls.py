from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from surveys.rounds import api as endpoints
from surveys.rounds.views import rounds, sessions

api = SimpleRouter()
api.register("rounds", endpoints.RoundViewSet, basename="api_round")
api.register("sessions", endpoints.SessionViewSet, basename="api_session")

app_name = "rounds"
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(api.urls)),
    path("rounds/", rounds.round_list, name="rounds"),
    path("rounds/new/", rounds.new_round, name="new"),
    path("rounds/<uuid:number>/", rounds.round_page, name="round"),
    path("rounds/<uuid:number>/change/", rounds.change_round, name="change"),
    path("rounds/<uuid:number>/stage/", rounds.stage_done, name="stage"),
    path("rounds/<uuid:number>/cancel/", rounds.cancel_round, name="cancel"),
    path("sessions/", sessions.session_list, name="sessions"),
    path("sessions/new/", sessions.new_session, name="new_session"),
    path("sessions/<int:pk>/", sessions.session_page, name="session"),
    path("sessions/<int:pk>/void/", sessions.void, name="void_session"),
    path("sessions/totals/", sessions.totals, name="totals"),
    path("sessions/totals.csv", sessions.totals_csv, name="totals_csv"),
]
