"""Search for places while typing."""

from django.http import HttpRequest, JsonResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from parsing import query
from places import search
from places.models import Level

MOST = 50


@require_safe
def find(request: HttpRequest) -> JsonResponse:
    """Serve ``/places/search?q=&level=&within=&limit=``: likely places, names in both scripts."""
    level = request.GET.get("level", "")
    within = query.code(request.GET, "within", most=8)
    limit = query.whole_number(request.GET, "limit")
    places = search.find(
        request.GET.get("q", ""),
        level=level if level in Level.values else None,
        within=within or None,
        limit=20 if limit is None else min(limit, MOST),
    )
    answer = JsonResponse(
        {
            "results": [
                {
                    "code": place.code,
                    "level": place.level,
                    "name": place.full_name,
                    "path": place.parent.path_name if place.parent is not None else "",
                    "name_km": place.name_km,
                    "name_latin": place.name_latin,
                }
                for place in places
            ]
        }
    )
    # Public and the same for everybody who reads the same language.
    answer["Cache-Control"] = "public, max-age=300"
    patch_vary_headers(answer, ("Accept-Language", "Cookie"))
    return answer
