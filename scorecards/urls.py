from django.urls import path

from scorecards import api, note_views, target_views, views, weight_views

app_name = "scorecards"
urlpatterns = [
    path("scores/runs/", views.runs, name="runs"),
    path("scores/alarms/", views.alarms, name="alarms"),
    path("scores/explain/", views.explained, name="explain"),
    path("scores/data.zip", views.data_package, name="data"),
    path("scores/weights/", weight_views.page, name="weights"),
    path("notes/", note_views.notes, name="notes"),
    path("notes/<uuid:uuid>/decide/", note_views.decide, name="decide_note"),
    path("releases/", views.releases, name="releases"),
    path("releases/<int:pk>/decide/", views.decide, name="decide"),
    path("programmes/<slug:code>/targets/", target_views.page, name="targets"),
    path("api/v1/scores/", api.Scores.as_view(), name="api-scores"),
    path("api/v1/scores/periods/", api.Periods.as_view(), name="api-periods"),
    path("api/v1/scores/comparisons/", api.Comparisons.as_view(), name="api-comparisons"),
    path("api/v1/scores/classes/", api.Classes.as_view(), name="api-classes"),
    path("api/v1/scores/overall/", api.Overalls.as_view(), name="api-overall"),
    path("api/v1/scores/gaps/", api.Gaps.as_view(), name="api-gaps"),
    path("api/v1/scores/on-time/", api.OnTimes.as_view(), name="api-on-time"),
    path("api/v1/scores/explain/", api.Explain.as_view(), name="api-explain"),
]
