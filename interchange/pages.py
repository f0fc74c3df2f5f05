"""Links to other systems, for those who coordinate a programme."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import require
from accounts.models import User
from interchange import services
from interchange.forms import LinkForm
from interchange.models import Link
from interchange.tasks import RUN
from jobs import messages as jobs


@require("submissions.review")
@require_http_methods(["GET", "HEAD", "POST"])
def links(request: HttpRequest) -> HttpResponse:
    """Show the links of one's programmes, and a form for a new one."""
    user = request.user
    assert isinstance(user, User)
    form = LinkForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        try:
            link = services.add_link(**cleaned, by=user)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            jobs.send_after_commit(RUN, link.pk)
            messages.success(request, _("Added. Look here in a minute to see what it brought."))
            return redirect("interchange:links")
    rows = Link.objects.visible_to(user).select_related("programme").order_by("-is_active", "pk")
    status = 400 if form.is_bound and form.errors else 200
    context = {"form": form, "rows": rows}
    return render(request, "interchange/links.html", context, status=status)


@require("submissions.review")
@require_POST
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a link run now."""
    link = get_object_or_404(Link.objects.visible_to(request.user), pk=pk, is_active=True)
    jobs.send(RUN, link.pk)
    messages.success(request, _("It runs now. Look here in a minute to see what it brought."))
    return redirect("interchange:links")


@require("submissions.review")
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a link."""
    link = get_object_or_404(Link.objects.visible_to(request.user), pk=pk, is_active=True)
    assert isinstance(request.user, User)
    services.close_link(link=link, by=request.user)
    messages.success(request, _("Closed. What came by it stays."))
    return redirect("interchange:links")
