from django.urls import path

from surveys.tablet import views

app_name = "tablet"
urlpatterns = [
    path("tablet/", views.app, name="app"),
    path("tablet/sw.js", views.worker, name="worker"),
    path("tablet/manifest.webmanifest", views.manifest, name="manifest"),
    path("tablets/import/", views.import_page, name="import"),
]
