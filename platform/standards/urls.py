from django.urls import URLPattern, URLResolver, path

from standards import api, posting, views

app_name = "standards"
urlpatterns: list[URLPattern | URLResolver] = [
    path("services/", views.services, name="services"),
    path("services/<slug:code>/", views.service, name="service"),
    path("providers/<slug:code>/", posting.provider, name="provider"),
    path("api/v1/services/", api.ServiceList.as_view(), name="api-services"),
    path("api/v1/standards/", api.StandardList.as_view(), name="api-standards"),
    path("api/v1/providers/", api.ProviderList.as_view(), name="api-providers"),
]
