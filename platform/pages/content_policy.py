"""The content security policy of our pages, and the pages that need more."""

import base64
import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest
from django.http.response import HttpResponseBase

P = ParamSpec("P")
HEADER = "Content-Security-Policy"


def hash_of(text: str | bytes) -> str:
    """Return a source that allows one inline style: exactly this text between its tags."""
    data = text.encode() if isinstance(text, str) else text
    return f"'sha256-{base64.b64encode(hashlib.sha256(data).digest()).decode()}'"


def policy(*, styles: str = "", frame_ancestors: str = "'none'") -> str:
    """Return the policy, with further sources of styles.

    Scripts are loaded from this site alone, none inline.
    """
    return "; ".join(
        [
            "default-src 'self'",
            f"style-src 'self' {styles}".rstrip(),
            # Exports of charts are data: and blob: images.
            "img-src 'self' data: blob:",
            # Recordings are played before they are sent.
            "media-src 'self' data: blob:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {frame_ancestors}",
        ]
    )


POLICY = policy()
_STYLE = re.compile(rb"<style[^>]*>(.*?)</style>", re.DOTALL)


def policy_of(page: bytes) -> str:
    """Return the policy for a page that we built, with exactly the inline styles it has."""
    return policy(styles=" ".join(hash_of(text) for text in _STYLE.findall(page)))


def inline_styles_allowed(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Return a view whose page has charts of Plotly, which draws with style attributes."""

    @wraps(view)
    def with_styles(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        answer = view(request, *args, **kwargs)
        answer.headers.setdefault(HEADER, policy(styles="'unsafe-inline'"))
        return answer

    return with_styles
