"""What the frame of every page needs to know about the reader and the database."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.demo import is_demo
from accounts.navigation import links_for


def frame(request: HttpRequest) -> dict[str, Any]:
    """``nav``: the doors of the reader; ``demo``: is this a demo database? Both asked when used."""
    user = getattr(request, "user", None)
    return {
        "nav": SimpleLazyObject(lambda: links_for(user, path=request.path)),
        "demo": SimpleLazyObject(is_demo),
    }
