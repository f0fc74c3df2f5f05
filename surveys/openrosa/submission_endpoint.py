"""The submission address: HEAD tells how much fits, POST takes one record."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.models import Programme
from surveys.openrosa import answers, authentication, multipart
from surveys.submissions.intake import receive

_SAID = {201: "Full form submission was successful!", 202: "This record was here already."}


@csrf_exempt
def key_submission(request: HttpRequest, token: str, project: int) -> HttpResponse:
    """``/v1/key/{token}/projects/{id}/submission``."""
    holder = authentication.holder_of(token)
    if holder is None or holder.programme_id != project:
        return answers.message(403, "This token is unknown or was revoked.")
    sender = receive.Sender(
        programme_id=project,
        app_user_id=holder.app_user_id,
        forms=holder.forms,
        device_id=request.GET.get("deviceID", ""),
        user_agent=request.headers.get("User-Agent", ""),
    )
    return _submission(request, sender)


@csrf_exempt
def project_submission(request: HttpRequest, project: int) -> HttpResponse:
    """``/v1/projects/{id}/submission``, by Digest, Basic or a person's token."""
    programme = Programme.objects.filter(pk=project).first()
    if programme is None:
        return answers.message(404, "There is no such project.")
    sender = authentication.sender_at(request, programme)
    if sender is None:
        return unauthenticated(request)
    return _submission(request, sender)


def unauthenticated(request: HttpRequest) -> HttpResponse:
    """Answer 401 with a challenge: Collect sends its password only after one."""
    response = answers.message(401, "Authentication required.")
    response["WWW-Authenticate"] = authentication.challenges(request)
    return response


def version_refusal(request: HttpRequest) -> HttpResponse | None:
    """Refuse requests that do not declare OpenRosa 1.0, as public acceptance tests assume."""
    if request.headers.get("X-OpenRosa-Version", "") != "1.0":
        return answers.message(400, "Expected header X-OpenRosa-Version: 1.0")
    return None


def _submission(request: HttpRequest, sender: receive.Sender) -> HttpResponse:
    refused = version_refusal(request)
    if refused is not None:
        return refused
    if request.method == "HEAD":
        return answers.stamped(HttpResponse(status=204))
    if request.method != "POST":
        response = answers.message(405, "Send records by POST.")
        response["Allow"] = "HEAD, POST"
        return response
    try:
        post = multipart.read_post(request)
        receipt = receive.receive(sender=sender, xml=post.xml, files=post.files)
    except receive.RefusedError as refusal:
        return answers.message(refusal.status, refusal.message)
    return answers.message(receipt.status, _SAID[receipt.status])
