from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from surveys.rounds import api as endpoints
from surveys.rounds import follow_up, tablet
from surveys.rounds.views import corrections, entitlements, meetings, rounds, sessions, vote

api = SimpleRouter()
api.register("rounds", endpoints.RoundViewSet, basename="api_round")
api.register("sessions", endpoints.SessionViewSet, basename="api_session")

_KEY = "v1/key/<str:token>/projects/<int:project>"

app_name = "rounds"
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(api.urls)),
    path("rounds/", rounds.round_list, name="rounds"),
    path("rounds/new/", rounds.new_round, name="new"),
    path("rounds/<uuid:number>/", rounds.round_page, name="round"),
    path("rounds/<uuid:number>/change/", rounds.change_round, name="change"),
    path("rounds/<uuid:number>/stage/", rounds.stage_done, name="stage"),
    path("rounds/<uuid:number>/cancel/", rounds.cancel_round, name="cancel"),
    path("rounds/<uuid:number>/correction/", corrections.ask, name="ask_correction"),
    path("rounds/<uuid:number>/correction/<int:pk>/", corrections.decide, name="correction"),
    path("rounds/<uuid:number>/cards/", meetings.cards, name="cards"),
    path("rounds/<uuid:number>/self-assessment/", meetings.assess, name="assess"),
    path("rounds/<uuid:number>/inputs/", meetings.record_inputs, name="inputs"),
    path("rounds/<uuid:number>/interface/", meetings.interface, name="interface"),
    path("rounds/entitlements/", entitlements.page, name="entitlements"),
    path("rounds/entitlements/<int:pk>/take-back/", entitlements.take_back, name="take_back"),
    path("rounds/<uuid:number>/voices/<int:pk>/", meetings.voice, name="voice"),
    path("vote/", vote.vote_page, name="vote"),
    path("vote/cast/", vote.cast, name="cast"),
    path("vote/names/", vote.names, name="names"),
    path(f"{_KEY}/rounds/<str:code>.json", tablet.opened, name="tablet_round"),
    path(f"{_KEY}/rounds/<str:code>/meeting", tablet.meeting, name="tablet_meeting"),
    path(f"{_KEY}/rounds/<str:code>/handover", tablet.handover, name="tablet_handover"),
    path(f"{_KEY}/sessions", tablet.session, name="tablet_session"),
    path(f"{_KEY}/follow-up.json", follow_up.asked, name="tablet_asked"),
    path(f"{_KEY}/follow-up", follow_up.counted, name="tablet_counted"),
    path("sessions/", sessions.session_list, name="sessions"),
    path("sessions/new/", sessions.new_session, name="new_session"),
    path("sessions/<int:pk>/", sessions.session_page, name="session"),
    path("sessions/<int:pk>/void/", sessions.void, name="void_session"),
    path("sessions/totals/", sessions.totals, name="totals"),
    path("sessions/totals.csv", sessions.totals_csv, name="totals_csv"),
]
