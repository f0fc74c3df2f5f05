"""All addresses; each app includes its own ``urls.py``."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from pages.content_policy import inline_styles_allowed

handler400 = "parsing.refusal.bad_request"

urlpatterns = [
    path("", include("pages.urls")),
    path("", include("accounts.urls")),
    path("", include("retention.urls")),
    path("", include("places.urls")),
    path("", include("standards.urls")),
    path("", include("surveys.urls")),
    # before the addresses of Central, which answer everything below /v1/
    path("", include("surveys.rounds.urls")),
    path("", include("surveys.openrosa.urls")),
    path("", include("surveys.tablet.urls")),
    path("", include("surveys.citizen.urls")),
    path("", include("surveys.hotline.urls")),
    path("", include("scorecards.urls")),
    path("", include("scorecards.plans.urls")),
    path("", include("dashboards.urls")),
    path("", include("config.health")),
    path("", include("operations.urls")),
    path("", include("interchange.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path(
        "api/v1/docs/",
        inline_styles_allowed(SpectacularSwaggerSplitView.as_view(url_name="schema")),
        name="api-docs",
    ),
]
