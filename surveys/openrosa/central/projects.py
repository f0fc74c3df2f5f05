"""Sessions, the person, projects, roles, app users and assignments."""

from datetime import timedelta

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.views.decorators.csrf import csrf_exempt

from accounts import second_factor
from accounts.models import User
from surveys.forms.tablets import make_tablet, revoke, token_hash
from surveys.models import AppUser
from surveys.openrosa import authentication
from surveys.openrosa.central import shapes
from surveys.openrosa.central.access import (
    PUBLISH,
    REVIEW,
    body_of,
    endpoint,
    extended,
    form,
    managed_project,
    programmes_of,
    project,
    success,
)
from surveys.openrosa.models import SESSION_HOURS, Session
from surveys.openrosa.passwords import NeedsCodeError, person_with
from surveys.openrosa.problems import ApiError, missing, not_found

ROLES = {1: "admin", 2: "app-user", 5: "manager", 6: "viewer", 8: "formfill"}
APP_USER_ROLE = 2


_NEEDS_CODE = (
    "This account needs a second factor. Send the six digits of its app beside the password as"
    ' "otp", or make a token on the page /me/tokens/ and send it as Authorization: Bearer.'
)


@csrf_exempt
def sessions(request: HttpRequest) -> HttpResponseBase:
    """``POST /v1/sessions``: a day's token for a name and a password."""
    if request.method != "POST":
        return not_found().response()
    try:
        text = body_of(request)
        for field in ("email", "password"):
            if not isinstance(text.get(field), str):
                raise missing(field)
    except ApiError as error:
        return error.response()
    code = text.get("otp")
    try:
        person = person_with(
            request, text["email"], text["password"], code=code if isinstance(code, str) else ""
        )
    except NeedsCodeError:
        return ApiError(401.2, _NEEDS_CODE).response()
    if person is None:
        return ApiError(401.2, "Could not authenticate with the provided credentials.").response()
    token = get_random_string(64)
    expires = timezone.now() + timedelta(hours=SESSION_HOURS)
    session = Session.objects.create(
        user=person,
        token_hash=token_hash(token),
        expires_at=expires,
        auth_hash=person.get_session_auth_hash(),
        with_second_factor=second_factor.must_show(person),
    )
    response = JsonResponse(
        {
            "token": token,
            "csrf": get_random_string(64),
            "expiresAt": shapes.moment(expires),
            "createdAt": shapes.moment(session.created_at),
        }
    )
    response["Cache-Control"] = "no-store"
    return response


def _sign_out(request: HttpRequest, person: User, which: str) -> HttpResponseBase:
    rows = Session.objects.filter(user=person)
    if which != "current":
        rows = rows.filter(token_hash=token_hash(which))
    else:
        key = request.headers.get("Authorization", "").partition(" ")[2].strip()
        rows = rows.filter(token_hash=token_hash(key))
    if not rows.delete()[0]:
        raise not_found()
    return success()


session = endpoint(DELETE=_sign_out)


def _current(request: HttpRequest, person: User) -> HttpResponseBase:
    return JsonResponse(shapes.user(person) | ({"verbs": []} if extended(request) else {}))


current_user = endpoint(GET=_current)


def _projects(request: HttpRequest, person: User) -> HttpResponseBase:
    rows = [shapes.project(p, extended=extended(request)) for p in programmes_of(person)]
    return JsonResponse(rows, safe=False)


projects = endpoint(GET=_projects)


def _project(request: HttpRequest, person: User, project_id: int) -> HttpResponseBase:
    asked_project = project(person, project_id)
    return JsonResponse(shapes.project(asked_project, extended=extended(request)))


one_project = endpoint(GET=_project)


def _roles(request: HttpRequest, person: User) -> HttpResponseBase:
    rows = [
        {"id": number, "name": name, "system": name, "createdAt": None, "updatedAt": None}
        for number, name in ROLES.items()
    ]
    return JsonResponse(rows, safe=False)


roles = endpoint(GET=_roles)

# -- app users ---------------------------------------------------------------------------


def _app_users(request: HttpRequest, person: User, project_id: int) -> HttpResponseBase:
    programme = managed_project(person, project_id, REVIEW)
    rows = AppUser.objects.filter(programme=programme, revoked_at=None).order_by("-pk")
    return JsonResponse([shapes.app_user(t) for t in rows], safe=False)


def _make_app_user(request: HttpRequest, person: User, project_id: int) -> HttpResponseBase:
    programme = managed_project(person, project_id, REVIEW)
    name = body_of(request).get("displayName")
    if not isinstance(name, str) or not name.strip():
        raise missing("displayName")
    tablet, _token = make_tablet(
        programme=programme, name=name.strip()[:120], by=person, all_forms=False
    )
    return JsonResponse(shapes.app_user(tablet))


app_users = endpoint(GET=_app_users, POST=_make_app_user)


def _tablet(person: User, project_id: int, actor: int, permission: str) -> AppUser:
    programme = managed_project(person, project_id, permission)
    row = AppUser.objects.filter(
        programme=programme, pk=shapes.app_user_of(actor) or 0, revoked_at=None
    ).first()
    if row is None:
        raise not_found()
    return row


def _revoke(request: HttpRequest, person: User, project_id: int, actor: int) -> HttpResponseBase:
    revoke(tablet=_tablet(person, project_id, actor, REVIEW), by=person)
    authentication.forget_holders()
    return success()


app_user = endpoint(DELETE=_revoke)

# -- assignments ---------------------------------------------------------------------------


def _role(name: str) -> int:
    for number, system in ROLES.items():
        if name in {str(number), system}:
            return number
    raise not_found()


def _form_actors(
    request: HttpRequest, person: User, project_id: int, form_id: str, role: str = ""
) -> HttpResponseBase:
    asked_form = form(person, project_id, form_id, PUBLISH)
    tablets = asked_form.app_users.filter(revoked_at=None).order_by("pk")
    if role:
        chosen = [shapes.app_user(t) for t in tablets] if _role(role) == APP_USER_ROLE else []
        return JsonResponse(
            [{k: v for k, v in a.items() if k != "token"} for a in chosen], safe=False
        )
    rows = [{"actorId": shapes.app_user_actor(t.pk), "roleId": APP_USER_ROLE} for t in tablets]
    return JsonResponse(rows, safe=False)


def _assign(
    request: HttpRequest, person: User, project_id: int, form_id: str, *, role: str, actor: int
) -> HttpResponseBase:
    asked_form = form(person, project_id, form_id, PUBLISH)
    if _role(role) != APP_USER_ROLE:
        raise ApiError(501.1, "Only app users are assigned to forms here; people have roles.")
    asked_form.app_users.add(_tablet(person, project_id, actor, PUBLISH))
    authentication.forget_holders()
    return success()


def _unassign(
    request: HttpRequest, person: User, project_id: int, form_id: str, *, role: str, actor: int
) -> HttpResponseBase:
    asked_form = form(person, project_id, form_id, PUBLISH)
    asked_form.app_users.remove(_tablet(person, project_id, actor, PUBLISH))
    authentication.forget_holders()
    return success()


form_assignments = endpoint(GET=_form_actors)
form_role_assignments = endpoint(GET=_form_actors)
form_assignment = endpoint(POST=_assign, DELETE=_unassign)


def _project_actors(request: HttpRequest, person: User, project_id: int) -> HttpResponseBase:
    """Return people who work in the programme: coordinators are managers, the others viewers."""
    programme = managed_project(person, project_id, REVIEW)
    rows = []
    people = User.objects.filter(memberships__programme=programme, is_active=True).distinct()
    for one in people.order_by("pk"):
        rights = {p for m in one.memberships.all() for p in m.role.permissions}
        rows.append({"actorId": one.pk, "roleId": 5 if PUBLISH in rights else 6})
    return JsonResponse(rows, safe=False)


project_assignments = endpoint(GET=_project_actors)
