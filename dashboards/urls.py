"""Addresses of the dashboards; everything asked for is in the query string."""

from django.urls import path, re_path

from dashboards.audiences.council import communes
from dashboards.audiences.district import districts
from dashboards.audiences.donor import download, overview, programmes, provinces
from dashboards.audiences.public import compare, place, released
from dashboards.reports import pages

app_name = "dashboards"
urlpatterns = [
    path("compare/", compare.page, name="compare"),
    path("compare.csv", compare.csv, name="compare_csv"),
    path("compare.json", compare.figure, name="compare_figure"),
    path("released/<slug:language>/feed.xml", released.feed, name="releases_feed"),
    path(
        "released/<slug:language>/<str:period>/<slug:kind>/<str:indicator>/<slug:service>/"
        "<slug:level>/<str:place>",
        released.figure,
        name="released",
    ),
    path("compare/place/", place.page, name="place"),
    path("compare/place.csv", place.csv, name="place_csv"),
    path("compare/place.json", place.figure, name="place_figure"),
    path("donor/", overview.page, name="donor"),
    path("donor/provinces/", provinces.page, name="provinces"),
    path("donor/indicators.<slug:suffix>", download.indicators, name="indicators"),
    path("programmes/<slug:code>/", programmes.page, name="programme"),
    path("donor.csv", provinces.csv, name="donor_csv"),
    path("donor.json", provinces.figure, name="donor_figure"),
    path("districts/", districts.picker, name="districts"),
    path("districts/<slug:code>.csv", districts.download, name="district_csv"),
    path("districts/<slug:code>/", districts.page, name="district"),
    path("print/", pages.choose, name="print"),
    re_path(
        r"^print/(?P<kind>[a-z]+)-(?P<code>[a-z0-9]+)\.(?P<suffix>pdf|png)$",
        pages.sheet,
        name="sheet",
    ),
    path("print/programmes/<int:pk>.pdf", pages.programme, name="programme_report"),
    path("print/scorecards/", pages.print_many, name="print_many"),
    path("print/jobs/<uuid:uuid>/", pages.print_job, name="print_job"),
    path("print/jobs/<uuid:uuid>/scorecards.pdf", pages.print_file, name="print_file"),
    path("communes/", communes.picker, name="communes"),
    path("communes/<slug:code>/", communes.scorecard, name="commune"),
]
