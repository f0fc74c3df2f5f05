"""Records that could not be turned into cases: shown to those who review them, tried again."""

from collections.abc import Iterable

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language, ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import require
from accounts.models import User
from audit import trail
from khmer.digits import to_khmer
from surveys.models import Submission
from surveys.submissions.notify import wakeups
from surveys.submissions.review.views import A_PAGE, _visible


@transaction.atomic
def try_again(*, submissions: Iterable[Submission], by: User) -> int:
    """Put records that were given up back among those that wait; return how many there were."""
    ids = []
    for submission in submissions:
        trail.record(by=by, verb="submission.read_again", subject=submission)
        ids.append(submission.pk)
    again = Submission.objects.filter(pk__in=ids).exclude(observe_error="")
    done = again.update(
        observed_at=None, observe_error="", trouble="", next_try_at=None, tries=0, deaths=0
    )
    wakeups.observe_soon()
    return done


@require("submissions.review")
@require_http_methods(["GET", "HEAD", "POST"])
def unread_list(request: HttpRequest) -> HttpResponseBase:
    """Show the records that could not be read, with the reason in words.

    One or all are tried again.
    """
    rows = _visible(request).exclude(observe_error="").order_by("id")
    if request.method == "POST":
        assert isinstance(request.user, User)
        chosen = request.POST.get("record", "")
        if chosen:
            rows = rows.filter(pk=int(chosen) if chosen.isdecimal() and len(chosen) < 19 else 0)
        done = try_again(submissions=rows, by=request.user)
        sentence = ngettext(
            "%(n)s record is read again. Look here in a minute.",
            "%(n)s records are read again. Look here in a minute.",
            done,
        )
        messages.success(request, sentence % {"n": _digits(done)})
        return redirect("surveys:unread")
    total = rows.count()
    return render(
        request,
        "surveys/submissions/unread.html",
        {"rows": rows[:A_PAGE], "total": total, "more": total > A_PAGE},
    )


def _digits(number: int) -> str:
    khmer = (get_language() or "km").startswith("km")
    return to_khmer(str(number)) if khmer else str(number)
