"""Addresses of the dashboards; everything asked for is in the query string."""

from django.urls import path

from dashboards import views

app_name = "dashboards"
urlpatterns = [
    path("compare/", views.compare.page, name="compare"),
    path("compare.csv", views.compare.csv, name="compare_csv"),
    path("compare.json", views.compare.figure, name="compare_figure"),
    path("donor/", views.donor.page, name="donor"),
    path("donor.csv", views.donor.csv, name="donor_csv"),
    path("donor.json", views.donor.figure, name="donor_figure"),
    path("communes/", views.communes.picker, name="communes"),
    path("communes/<slug:code>/", views.communes.scorecard, name="commune"),
]
