"""The content of a page, kept for readers of released figures until something in it changes.

Most readers see released figures only, and of those everybody sees the same: a scorecard costs a
tenth of a second to make, and a page around content that was made before a few milliseconds.
Three rules make this safe:

* Content is rendered without the request: no name, no count of work and no token can be in it.
* Who sees any working figure (``scores.Reader``) is answered afresh, always, and from no cache.
* The name under which content is kept has everything in it that the content depends on: what was
  asked, the language, the day, and a version of every table whose rows it shows. Figures of a
  release never change, so the table of releases stands for them.

``dashboards/tests/test_kept_content.py`` compares the tables that each page reads with those named.
"""

import zlib
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from dashboards.data.row_versions import version_of
from dashboards.data.sources import KEEP_SECONDS
from scorecards.reading import scores

EVERY_ROW = "true"
REGISTERS: Mapping[str, str] = dict.fromkeys(
    (
        "scorecards.Release",
        "places.Place",
        "standards.Indicator",
        "standards.Service",
        "standards.ServiceOption",
        "standards.Standard",
        "standards.StandardDocument",
        "standards.Document",
        "standards.Holiday",
    ),
    EVERY_ROW,
)
"""Small tables that any page may read, each row of them: a few thousand rows together."""


def kept_content(
    user: object,
    template: str,
    context: Callable[[], dict[str, Any]],
    *,
    asked: object,
    rows: Mapping[str, str] | None = None,
    code: str = "",
) -> SafeString:
    """Return ``template`` filled with what ``context`` answers, or what was kept of it.

    ``user`` is None where every reader gets released figures.
    ``asked`` is everything that ``context`` uses and no table says; its ``repr`` must tell one
    from another. ``rows`` names the models that it reads besides ``REGISTERS``, each with a
    condition in SQL, in which ``%(code)s`` is ``code``.
    """
    if scores.Reader.of(user).working:
        return render_to_string(template, context())
    version = version_of({**REGISTERS, **(rows or {})}, code)
    named = repr((template, code, asked, get_language(), timezone.localdate(), version))
    name = f"dashboards:content:{sha256(named.encode()).hexdigest()}"
    packed = cache.get(name)
    if packed is not None:
        return mark_safe(zlib.decompress(packed).decode())  # noqa: S308 - rendered below
    content = render_to_string(template, context())
    # packed, because a crawler asks for every commune: tables of HTML become a tenth
    cache.set(name, zlib.compress(content.encode(), level=1), KEEP_SECONDS)
    return content
