"""The reference of `tablet-start`: 59 questions as one page of plain HTML.

No script, no offline, no rules: the communes are options of one list. Served by granian
as the platform is.
"""

import os
import sys
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "platform"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

from benchmarks.field import QUESTIONS  # noqa: E402

_RADIO = '<label><input type="radio" name="q{n}" value="{v}">{v}</label>'


def _question(n: int) -> str:
    kind = n % 5
    if kind in {1, 3}:
        names = ("yes", "no") if kind == 1 else "12345"
        inside = "".join(_RADIO.format(n=n, v=v) for v in names)
    else:
        typed = {0: "number", 2: "text", 4: "date"}[kind]
        inside = f'<input name="q{n}" type="{typed}">'
    return f"<fieldset><legend>Question number {n}</legend>{inside}</fieldset>"


def page(request: HttpRequest) -> HttpResponse:
    """Show the whole form."""
    from places.models import Place

    communes = Place.objects.communes().filter(valid_to=None).order_by("code")
    options = "".join(
        f'<option value="{p.code}">{escape(p.name_km)} · {escape(p.name_latin)}</option>'
        for p in communes
    )
    return HttpResponse(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Large</title>"
        "<link rel=icon href=data:,><form method=post>"
        f"<select name=commune>{options}</select>"
        f"{''.join(_question(n) for n in range(1, QUESTIONS))}"
        "<button class=plain>Send</button></form></html>"
    )


urlpatterns = [path("plain", page)]
settings.MIDDLEWARE = []
settings.ROOT_URLCONF = "benchmarks._plain_form"
application = get_wsgi_application()
