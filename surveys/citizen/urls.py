from django.urls import URLPattern, URLResolver, path, re_path

from surveys.citizen import android, posters, reports, sending, views

app_name = "citizen"
urlpatterns: list[URLPattern | URLResolver] = [
    path("app/", views.home, name="home"),
    path("app/sw.js", views.worker, name="worker"),
    path("app/manifest.webmanifest", views.manifest, name="manifest"),
    path(".well-known/assetlinks.json", android.asset_links, name="assetlinks"),
    path("app/twa-manifest.json", android.twa_manifest, name="twa_manifest"),
    path("app/data.json", views.data, name="data"),
    path("app/places.json", views.places, name="places"),
    re_path(r"^app/communes/(?P<code>[0-9]{6})\.json$", views.commune, name="commune"),
    path("app/requests/keep", sending.keep_request, name="keep_request"),
    path("app/requests/find", sending.find_request, name="find_request"),
    path("app/requests/close", sending.close_request, name="close_request"),
    path("app/requests/waiting", sending.still_waiting, name="still_waiting"),
    path("app/remind", sending.remind, name="remind"),
    path("app/remind/cancel", sending.remind_no_more, name="remind_no_more"),
    path("app/tell", sending.tell, name="tell"),
    path("app/commitments/answer", sending.answer_commitment, name="answer_commitment"),
    path("app/sealed", sending.keep_report, name="keep_report"),
    path("posters/", posters.posters, name="posters"),
    re_path(
        r"^posters/(?P<code>[-a-zA-Z0-9_]+)-(?P<size>a4|a3)\.pdf$", posters.poster, name="poster"
    ),
    path("reports/", reports.reports, name="reports"),
    path("reports/<uuid:pk>/delete/", reports.delete, name="delete_report"),
]
