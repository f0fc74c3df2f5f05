from django.urls import path, re_path

from surveys.hotline import pages, verification_pages, views

app_name = "hotline"
urlpatterns = [
    path("ivr/v1/voice/<int:line_id>", views.voice, name="voice"),
    path("ivr/v1/step/<str:nonce>/<int:number>", views.step, name="step"),
    path("ivr/v1/status/<int:line_id>", views.status, name="status"),
    re_path(r"^ivr/audio/(?P<sha256>[0-9a-f]{64})\.wav$", views.audio, name="audio"),
    path("hotline/", pages.calls, name="home"),
    path("hotline/bursts/<int:pk>/seen", pages.burst_seen, name="burst_seen"),
    path("hotline/checks/", verification_pages.waiting, name="checks"),
    path("hotline/checks/<int:pk>/number", verification_pages.number, name="check_number"),
    path("hotline/checks/<int:pk>/outcome", verification_pages.close, name="check_close"),
    path("hotline/studio/<slug:code>/", pages.studio, name="studio"),
    path("hotline/studio/<slug:code>/record", pages.record, name="record"),
    path("hotline/studio/<slug:code>/many", pages.record_many, name="record_many"),
    path("hotline/studio/<slug:code>/callers", pages.offer, name="offer"),
    path("hotline/studio/<slug:code>/script", pages.printed_script, name="script"),
    re_path(r"^hotline/clip/(?P<sha256>[0-9a-f]{64})\.wav$", pages.clip, name="clip"),
    path("hotline/simulator/", pages.simulator, name="simulator"),
    path("hotline/simulator/sign", pages.sign, name="sign"),
]
