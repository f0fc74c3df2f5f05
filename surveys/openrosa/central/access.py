"""Permissions in Central's API; a project is a programme, and nothing is shown by default."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.views.decorators.csrf import csrf_exempt

from accounts.models import Programme, User
from parsing import json_body
from surveys.models import Form, Submission
from surveys.openrosa import authentication
from surveys.openrosa.problems import ApiError, forbidden, not_found, unauthenticated
from surveys.submissions.intake.receive import RefusedError

View = Callable[..., HttpResponseBase]
PUBLISH, REVIEW, RECORD = "forms.publish", "submissions.review", "cases.record"
_SEES_A_PROJECT = (REVIEW, PUBLISH, RECORD)


class _Csrf(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def _nothing(*args: Any, **where: Any) -> HttpResponseBase:
    """Replace the view where Django's CSRF check only asks for an exemption."""
    return HttpResponse()


def endpoint(**by_method: View) -> View:
    """Return one address: a view per method, each given the person; errors in Central's shape."""

    @csrf_exempt
    @wraps(next(iter(by_method.values())))
    def answer(request: HttpRequest, *args: Any, **where: Any) -> HttpResponseBase:
        try:
            view = by_method.get("GET" if request.method == "HEAD" else request.method or "")
            if view is None:
                raise not_found()
            person = authentication.person_of(request)
            if person is None:
                raise unauthenticated()
            if "Authorization" not in request.headers and request.method not in {"GET", "HEAD"}:
                _check_csrf(request)
            return view(request, person, *args, **where)
        except ApiError as error:
            return error.response()
        except RefusedError as refusal:
            return ApiError(refusal.code, refusal.message).response()
        except PermissionDenied:
            return forbidden().response()
        except ValidationError as trouble:
            return ApiError(400.8, " ".join(trouble.messages)).response()

    return answer


def _check_csrf(request: HttpRequest) -> None:
    """Check the CSRF token of a write that authenticates by cookie alone."""
    checker = _Csrf(_nothing)
    if checker.process_view(request, _nothing, (), {}) is not None:
        raise unauthenticated()


def programmes_of(person: User) -> QuerySet[Programme]:
    """Return programmes this person works in, with any right that shows a project."""
    return Programme.objects.reached_by(person, *_SEES_A_PROJECT).order_by("pk")


def project(person: User, project_id: int, permission: str | None = None) -> Programme:
    """Return a project this person may see (and has ``permission`` in).

    Raises ApiError 404 or 403.
    """
    programme: Programme | None = Programme.objects.filter(pk=project_id).first()
    if programme is None:
        raise not_found()
    if permission == PUBLISH:
        return managed_project(person, project_id, PUBLISH)
    wanted = (permission,) if permission else _SEES_A_PROJECT
    if not Programme.objects.reached_by(person, *wanted).filter(pk=programme.pk).exists():
        raise forbidden()
    return programme


def managed_project(person: User, project_id: int, permission: str) -> Programme:
    """Return a project all of which this person may manage. Raises ApiError 404 or 403.

    Forms, tablets and their keys belong to a whole programme; a person who works in one of its
    provinces sees the project, and not these.
    """
    programme: Programme | None = Programme.objects.filter(pk=project_id).first()
    if programme is None:
        raise not_found()
    if not manages(person, programme, permission):
        raise forbidden()
    return programme


def manages(person: User, programme: Programme, permission: str = PUBLISH) -> bool:
    """Return whether this person holds a right in the whole programme."""
    return Programme.objects.managed_by(person, permission).filter(pk=programme.pk).exists()


def form(person: User, project_id: int, form_id: str, permission: str | None = None) -> Form:
    """Return a form this person may see. Raises ApiError."""
    programme = project(person, project_id, permission)
    row = (
        Form.objects.standing()
        .filter(programme=programme, xml_form_id=form_id)
        .select_related("current", "draft", "programme", "created_by")
        .first()
    )
    if row is None:
        raise not_found()
    return row


def submissions(person: User, of: Form) -> Any:
    """Return the records of a form that this person may review.

    The wording is fetched when asked for.
    """
    return all_submissions(person, of).standing()


def all_submissions(person: User, of: Form) -> Any:
    """Return ``submissions``, and those that were deleted."""
    return (
        Submission.objects.visible_to(person)
        .filter(form=of)
        .select_related("current__version", "version", "app_user", "submitter", "form")
        .for_lists()
    )


def submission(person: User, project_id: int, form_id: str, instance_id: str) -> Submission:
    """Return one record. Raises ApiError."""
    of = form(person, project_id, form_id, REVIEW)
    row: Submission | None = submissions(person, of).filter(instance_id=instance_id).first()
    if row is None:
        raise not_found()
    return row


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object that was sent. Raises ApiError."""
    try:
        payload = json_body.loads(request.body or b"{}")
    except ValueError as trouble:
        raise ApiError(400.1, "Could not parse the given data as json.") from trouble
    if not isinstance(payload, dict):
        raise ApiError(400.1, "Could not parse the given data as json.")
    return payload


def success() -> JsonResponse:
    return JsonResponse({"success": True})


def extended(request: HttpRequest) -> bool:
    """Return whether the extended metadata is asked for."""
    return request.headers.get("X-Extended-Metadata", "").lower() == "true"
