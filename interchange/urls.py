from django.urls import path

from interchange import pages

app_name = "interchange"
urlpatterns = [
    path("links/", pages.links, name="links"),
    path("links/<int:pk>/run/", pages.run, name="run"),
    path("links/<int:pk>/close/", pages.close, name="close"),
]
