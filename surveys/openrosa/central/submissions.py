"""Records of a form in Central's API."""

import re
from functools import wraps
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    JsonResponse,
)
from django.http.response import HttpResponseBase

from accounts.models import User
from surveys.models import ReviewState, Submission, SubmissionVersion
from surveys.openrosa import answers, multipart
from surveys.openrosa.central import query_options, shapes
from surveys.openrosa.central.access import (
    RECORD,
    REVIEW,
    View,
    all_submissions,
    body_of,
    endpoint,
    extended,
    form,
    submission,
    submissions,
    success,
)
from surveys.openrosa.problems import ApiError, not_found
from surveys.submissions.intake import receive
from surveys.submissions.processing.answers import current_xml
from surveys.submissions.review import actions
from surveys.submissions.review.differences import differences

_MAX_XML = 20_000_000
_CHUNK = 500


def _sender(request: HttpRequest, person: User, project_id: int) -> receive.Sender:
    return receive.Sender(
        programme_id=project_id,
        user_id=person.pk,
        device_id=request.GET.get("deviceID", ""),
        user_agent=request.headers.get("User-Agent", ""),
    )


def _xml_of(request: HttpRequest) -> bytes:
    return multipart.request_body(request, _MAX_XML)


# -- the list ----------------------------------------------------------------------------------


def _list(request: HttpRequest, person: User, project_id: int, form_id: str) -> HttpResponseBase:
    """Records, the newest first; ``?deleted=true``: those that were deleted."""
    query_options.only(request, "offset", "limit", "deleted")
    asked_form = form(person, project_id, form_id, REVIEW)
    rows = submissions(person, asked_form).order_by("-id")
    if query_options.flag(request, "deleted"):
        rows = all_submissions(person, asked_form).exclude(deleted_at=None).order_by("-id")
    offset = query_options.whole_number(request, "offset")
    limit = query_options.whole_number(request, "limit")
    if offset or limit is not None:
        start = offset or 0
        rows = rows[start : None if limit is None else start + limit]
    reported = extended(request)
    return answers.json_list(
        shapes.submission(row, extended=reported) for row in rows.iterator(chunk_size=_CHUNK)
    )


def _create(request: HttpRequest, person: User, project_id: int, form_id: str) -> HttpResponseBase:
    """``POST .../submissions`` with the XML itself as the body."""
    try:
        asked_form = form(person, project_id, form_id, RECORD)
    except ApiError as error:
        if error.status != 403:
            raise
        asked_form = form(person, project_id, form_id, REVIEW)
    xml = _xml_of(request)
    receipt = receive.receive(
        sender=_sender(request, person, project_id), xml=xml, only_form=form_id
    )
    # shown to the one who sent it, whatever that person may review
    row = Submission.objects.select_related(
        "current__version", "version", "app_user", "submitter", "form"
    ).get(pk=receipt.submission_id, form=asked_form)
    return JsonResponse(shapes.submission(row))


many = endpoint(GET=_list, POST=_create)


def _keys(request: HttpRequest, person: User, project_id: int, form_id: str) -> HttpResponseBase:
    """Serve the keys that a zip could be decrypted with: none, because none are kept here."""
    form(person, project_id, form_id, REVIEW)
    return JsonResponse([], safe=False)


keys = endpoint(GET=_keys)

# -- one ---------------------------------------------------------------------------------------


def _one(
    request: HttpRequest, person: User, project_id: int, form_id: str, instance_id: str
) -> HttpResponseBase:
    row = submission(person, project_id, form_id, instance_id)
    return JsonResponse(shapes.submission(row, extended=extended(request)))


def or_moved(view: View) -> View:
    """Answer 301 where the id is that of a later wording: Central's address of that wording."""

    @wraps(view)
    def find(
        request: HttpRequest,
        person: User,
        project_id: int,
        form_id: str,
        instance_id: str,
        **where: Any,
    ) -> HttpResponseBase:
        try:
            return view(request, person, project_id, form_id, instance_id, **where)
        except ApiError as error:
            if error.status != 404:
                raise
            asked_form = form(person, project_id, form_id, REVIEW)
            edits = SubmissionVersion.objects.filter(form=asked_form, instance_id=instance_id)
            root = submissions(person, asked_form).filter(pk__in=edits.values("submission")).first()
            if root is None or root.instance_id == instance_id:
                raise
        many, _slash, tail = request.get_full_path().partition("/submissions/")
        behind = re.sub(r"^[^/?]*?(?=\.xml(?:\?|\Z)|[/?]|\Z)", "", tail)
        old, new = (quote(one, safe="") for one in (root.instance_id, instance_id))
        return HttpResponsePermanentRedirect(f"{many}/submissions/{old}/versions/{new}{behind}")

    return find


def _edit(
    request: HttpRequest, person: User, project_id: int, form_id: str, instance_id: str
) -> HttpResponseBase:
    """``PUT``: another wording; its deprecatedID must be the current one."""
    row = submission(person, project_id, form_id, instance_id)
    sender = _sender(request, person, project_id)
    receipt = receive.receive(sender=sender, xml=_xml_of(request), only_form=form_id)
    if receipt.submission_id != row.pk:
        raise ApiError(400.8, "The deprecatedID belongs to another submission.")
    return JsonResponse(shapes.submission(submission(person, project_id, form_id, instance_id)))


def _review(
    request: HttpRequest, person: User, project_id: int, form_id: str, instance_id: str
) -> HttpResponseBase:
    row = submission(person, project_id, form_id, instance_id)
    text = body_of(request)
    if "reviewState" not in text:
        raise ApiError(400.2, "Required parameters missing. Expected (reviewState).")
    state = text["reviewState"] or ReviewState.RECEIVED.value
    if not isinstance(state, str):
        raise ApiError(400.8, f"Unexpected reviewState value {state}.")
    actions.set_state(submission=row, state=state, by=person, comment=str(text.get("comment", "")))
    return JsonResponse(shapes.submission(submission(person, project_id, form_id, instance_id)))


def _delete(
    request: HttpRequest, person: User, project_id: int, form_id: str, instance_id: str
) -> HttpResponseBase:
    row = submission(person, project_id, form_id, instance_id)
    actions.delete(submission=row, by=person, reason="deleted through the API")
    return success()


one = endpoint(GET=or_moved(_one), PUT=_edit, PATCH=_review, DELETE=_delete)


def _xml(
    request: HttpRequest, person: User, project_id: int, form_id: str, instance_id: str
) -> HttpResponseBase:
    row = submission(person, project_id, form_id, instance_id)
    return _as_xml(current_xml(row))


def _as_xml(xml: bytes) -> HttpResponse:
    return HttpResponse(bytes(xml), content_type="application/xml; charset=utf-8")


as_xml = endpoint(GET=or_moved(_xml))

# -- comments ------------------------------------------------------------------------------------


def _comments(
    request: HttpRequest, person: User, project_id: int, form_id: str, instance_id: str
) -> HttpResponseBase:
    row = submission(person, project_id, form_id, instance_id)
    rows: list[dict[str, Any]] = []
    for comment in row.comments.select_related("by").order_by("-id"):
        body = {
            "body": comment.body,
            "actorId": comment.by_id or 0,
            "createdAt": shapes.moment(comment.at),
        }
        if extended(request) and comment.by:
            body["actor"] = shapes.user(comment.by)
        rows.append(body)
    return JsonResponse(rows, safe=False)


def _comment(
    request: HttpRequest, person: User, project_id: int, form_id: str, instance_id: str
) -> HttpResponseBase:
    row = submission(person, project_id, form_id, instance_id)
    text = body_of(request).get("body")
    if not isinstance(text, str) or not text.strip():
        raise ApiError(400.2, "Required parameters missing. Expected (body).")
    comment = actions.add_comment(submission=row, body=text, by=person)
    return JsonResponse(
        {"body": comment.body, "actorId": person.pk, "createdAt": shapes.moment(comment.at)}
    )


comments = endpoint(GET=_comments, POST=_comment)

# -- versions ------------------------------------------------------------------------------------


def wordings_of(row: Submission) -> list[Submission | SubmissionVersion]:
    """Return every wording, newest first."""
    edits = list(row.edits.select_related("version").order_by("-id"))
    return [*edits, row]


def _versions(
    request: HttpRequest, person: User, project_id: int, form_id: str, instance_id: str
) -> HttpResponseBase:
    rows = wordings_of(submission(person, project_id, form_id, instance_id))
    shown = [shapes.version(r, current=n == 0) for n, r in enumerate(rows)]
    return JsonResponse(shown, safe=False)


def wording_of(row: Submission, version_id: str) -> tuple[Submission | SubmissionVersion, bool]:
    for number, one_ in enumerate(wordings_of(row)):
        if one_.instance_id == version_id:
            return one_, number == 0
    raise not_found()


def _version(
    request: HttpRequest,
    person: User,
    project_id: int,
    form_id: str,
    instance_id: str,
    *,
    version_id: str,
) -> HttpResponseBase:
    row = submission(person, project_id, form_id, instance_id)
    wording, current = wording_of(row, version_id)
    return JsonResponse(shapes.version(wording, current=current))


def _version_xml(
    request: HttpRequest,
    person: User,
    project_id: int,
    form_id: str,
    instance_id: str,
    *,
    version_id: str,
) -> HttpResponseBase:
    row = submission(person, project_id, form_id, instance_id)
    return _as_xml(bytes(wording_of(row, version_id)[0].xml))


def _diffs(
    request: HttpRequest, person: User, project_id: int, form_id: str, instance_id: str
) -> HttpResponseBase:
    """Serve the changes of each version of a record, by instance id."""
    rows = wordings_of(submission(person, project_id, form_id, instance_id))
    shown = {
        new.instance_id: [
            {"new": d.new, "old": d.old, "path": d.path.strip("/").split("/")[1:]}
            for d in differences(bytes(old.xml), bytes(new.xml))
        ]
        for new, old in pairwise(rows)
    }
    return JsonResponse(shown)


versions = endpoint(GET=_versions)
one_version = endpoint(GET=_version)
version_xml = endpoint(GET=_version_xml)
diffs = endpoint(GET=_diffs)


def _submitters(
    request: HttpRequest, person: User, project_id: int, form_id: str
) -> HttpResponseBase:
    rows = submissions(person, form(person, project_id, form_id, REVIEW))
    seen: dict[int, Any] = {}
    for row in rows.order_by("app_user", "submitter").distinct("app_user", "submitter"):
        actor = shapes.submitter(row)
        if actor:
            seen[actor["id"]] = actor
    return JsonResponse(list(seen.values()), safe=False)


submitters = endpoint(GET=_submitters)
