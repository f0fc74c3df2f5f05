from django.urls import URLPattern, URLResolver, path

from places import api, views

app_name = "places"
urlpatterns: list[URLPattern | URLResolver] = [
    path("places/search", views.find, name="search"),
    path("api/v1/places/", api.PlaceList.as_view(), name="api-places"),
]
