"""Addresses below /v1/ that no other pattern takes: form ids with a slash, and errors as JSON."""

import re
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.views.decorators.csrf import csrf_exempt

from surveys.models import Form
from surveys.openrosa.problems import not_found

_BELOW_FORMS = re.compile(
    r"(?P<before>(?:.*/)?projects/(?P<project>[0-9]{1,9})/forms/)(?P<rest>.+)", re.DOTALL
)
_STAND_IN = "form-id-with-a-slash"


@csrf_exempt
def address(request: HttpRequest, **where: Any) -> HttpResponseBase:
    """Answer 404 in Central's shape, in English, whatever the method."""
    return not_found().response()


@csrf_exempt
def any_other(request: HttpRequest, rest: str) -> HttpResponseBase:
    """Find the view of an address whose form id holds a slash; 404 for every other address.

    Central takes such ids as ``%2F``. A WSGI server decodes the path before Django sees it, so
    the form is looked up among those of the project, and the rest of the address is resolved
    with another word in its place.
    """
    parts = _BELOW_FORMS.fullmatch(rest)
    form_id = _slashed_form(parts) if parts else ""
    if parts is None or not form_id:
        return not_found().response()
    tail = parts["rest"].removeprefix(form_id)
    try:
        match = resolve(f"/v1/{parts['before']}{_STAND_IN}{tail}")
    except Resolver404:
        return not_found().response()
    if match.func is any_other:
        return not_found().response()
    where = {k: form_id if v == _STAND_IN else v for k, v in match.kwargs.items()}
    answer: HttpResponseBase = match.func(request, *match.args, **where)
    return answer


def _slashed_form(match: re.Match[str]) -> str:
    """Return the longest form id with a slash that ``rest`` begins with; "" when none does."""
    rest = match["rest"]
    forms = Form.objects.standing().filter(
        programme_id=int(match["project"]), xml_form_id__contains="/"
    )
    ids = [i for i in forms.values_list("xml_form_id", flat=True) if rest.startswith(i)]
    fitting = [i for i in ids if rest[len(i) :][:1] in {"", "/", "."}]
    return max(fitting, key=len, default="")
