"""Upload a spreadsheet, follow its import, fetch the rejected rows."""

import io
from pathlib import Path

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.access import require
from accounts.models import User
from pages.files import FileButton
from surveys.importing.columns import OF_KIND
from surveys.importing.rejects import CsvWriter, XlsxWriter
from surveys.importing.tables import MEGABYTE, MOST_BYTES
from surveys.importing.uploads import rows_read, start_upload, waits_without_worker
from surveys.models import ImportBatch

LAST_IMPORTS = 10


class UploadForm(forms.Form):
    """A spreadsheet and what is in it."""

    kind = forms.ChoiceField(
        label=_("What is in it?"),
        choices=ImportBatch.Kind.choices,
        widget=forms.RadioSelect,
        initial=ImportBatch.Kind.CASES,
    )
    file = forms.FileField(
        label=_("The spreadsheet"),
        help_text=_("CSV (UTF-8) or Excel (.xlsx)."),
        allow_empty_file=True,
        widget=FileButton(attrs={"accept": ".csv,.txt,.xlsx"}),
    )

    def clean_file(self) -> object:
        """Refuse a file larger than can be read."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _("The file has %(size)s megabytes; at most %(most)s can be read. Divide it.")
                % {"size": file.size // MEGABYTE, "most": MOST_BYTES // MEGABYTE}
            )
        return file


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@require("cases.import")
def upload(request: HttpRequest) -> HttpResponseBase:
    """Send a spreadsheet; see the last ones."""
    user = _person(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        batch = start_upload(
            by=user,
            kind=form.cleaned_data["kind"],
            file=form.cleaned_data["file"],
            language="km" if (get_language() or "km").startswith("km") else "en",
        )
        return redirect("surveys:import_batch", pk=batch.pk)
    columns = [(c.name, c.khmer, c.required) for c in OF_KIND["cases"]]
    return render(
        request,
        "surveys/import.html",
        {
            "form": form,
            "imports": ImportBatch.objects.filter(by=user)[:LAST_IMPORTS],
            "columns": columns,
            "kinds": ImportBatch.Kind.choices,
        },
        status=422 if form.is_bound else 200,
    )


def _mine(user: User, pk: int) -> ImportBatch:
    batch = ImportBatch.objects.filter(pk=pk, by=user).first()
    if batch is None:
        raise Http404
    return batch


@require("cases.import")
def batch_page(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the progress of an import, and at the end the result for its rows."""
    batch = _mine(_person(request), pk)
    template = (
        "surveys/_import_state.html"
        if request.headers.get("HX-Request")
        else "surveys/import_batch.html"
    )
    context = {
        "batch": batch,
        "read": rows_read(batch),
        "no_worker": waits_without_worker(batch),
    }
    return render(request, template, context)


@require("cases.import")
def rejected(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Serve the rejected rows, to correct and send again."""
    batch = _mine(_person(request), pk)
    if not batch.rejected_file:
        raise Http404
    suffix = Path(str(batch.rejected_file.name)).suffix
    stem = Path(batch.file_name).stem
    return FileResponse(
        batch.rejected_file.open("rb"),
        as_attachment=True,
        filename=f"{stem}-rejected{suffix}",
    )


@require("cases.import")
def template(request: HttpRequest, kind: str, suffix: str) -> HttpResponseBase:
    """Serve an empty spreadsheet with the headers in the reader's language and one example."""
    columns = OF_KIND.get(kind)
    if columns is None or suffix not in {"csv", "xlsx"}:
        raise Http404
    khmer = (get_language() or "km").startswith("km")
    rows = [
        [column.khmer if khmer else column.name for column in columns],
        [column.example_khmer if khmer else column.example for column in columns],
    ]
    content = io.BytesIO()
    writer = CsvWriter(content) if suffix == "csv" else XlsxWriter(content)
    for row in rows:
        writer.write(row)
    writer.close()
    types = {
        "csv": "text/csv; charset=utf-8",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
    return HttpResponse(
        content.getvalue(),
        content_type=types[suffix],
        headers={"Content-Disposition": f'attachment; filename="{kind}.{suffix}"'},
    )
