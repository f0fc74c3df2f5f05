"""Addresses of the dashboards; everything asked for is in the query string."""

from django.urls import path

from dashboards.audiences.council import communes
from dashboards.audiences.district import districts
from dashboards.audiences.donor import provinces
from dashboards.audiences.public import compare

app_name = "dashboards"
urlpatterns = [
    path("compare/", compare.page, name="compare"),
    path("compare.csv", compare.csv, name="compare_csv"),
    path("compare.json", compare.figure, name="compare_figure"),
    path("donor/", provinces.page, name="donor"),
    path("donor.csv", provinces.csv, name="donor_csv"),
    path("donor.json", provinces.figure, name="donor_figure"),
    path("districts/", districts.picker, name="districts"),
    path("districts/<slug:code>.csv", districts.download, name="district_csv"),
    path("districts/<slug:code>/", districts.page, name="district"),
    path("communes/", communes.picker, name="communes"),
    path("communes/<slug:code>/", communes.scorecard, name="commune"),
]
