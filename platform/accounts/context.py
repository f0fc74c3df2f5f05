"""Context of the common page frame: the reader, the menu, the database."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.module_loading import import_string

from accounts.demo import is_demo
from accounts.navigation import links_for, trail_to, work_of
from caching import ProcessCache
from pages.links import first_url

_telephone: ProcessCache[str, str] = ProcessCache(most=1, seconds=60)
FOOTER = {
    "app_url": ("citizen:home",),
    "posters_url": ("citizen:posters",),
    "tablet_url": ("tablet:app",),
    "search_url": ("standards:search",),
}
"""Pages that every page links to, by the name that templates call them."""


def telephone() -> str:
    """Return the number of the hotline, "" while nobody answers one; looked up once a minute."""
    number = _telephone.get_or_find("number", lambda: import_string(settings.TELEPHONE)() or " ")
    return (number or "").strip()


def frame(request: HttpRequest) -> dict[str, Any]:
    """Provide the parts that surround every page; each is read only where a template uses it.

    ``nav``: pages of the bar; ``menu``: every page of the reader; ``above``: the pages above this
    one; ``work``: what waits; ``demo``: whether this is a demo database.
    """
    user = getattr(request, "user", None)
    path = request.path
    links = SimpleLazyObject(lambda: links_for(user, path=path))
    return {
        "nav": SimpleLazyObject(lambda: [link for link in links if link.in_bar]),
        "menu": links,
        "above": SimpleLazyObject(lambda: trail_to(user, path, links)),
        "work": SimpleLazyObject(lambda: [link for link in work_of(user) if link.waits]),  # type: ignore[arg-type]  # used where somebody is signed in
        "demo": SimpleLazyObject(is_demo),
        "telephone": SimpleLazyObject(telephone),
        **{name: first_url(names) for name, names in FOOTER.items()},
    }
