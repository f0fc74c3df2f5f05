"""The rule for ids of forms; the same in pages, the API and the command line."""

import unicodedata

from django.utils.translation import gettext as _

from surveys.forms.cells import Sheets
from surveys.forms.problems import FormProblems, Problem

MAX_FORM_ID = 120
_ENDINGS = (".xml", ".xls", ".xlsx", ".xlsm", ".csv", ".svc")
"""An address that ends so means the form in that format, so no id may."""


def form_id_problem(form_id: str) -> str:
    """Return in a sentence why ``form_id`` cannot be the id of a form; "" when it can."""
    if form_id != form_id.strip() or not form_id:
        return _("The form id must not be empty, and must not begin or end with a blank.")
    if len(form_id) > MAX_FORM_ID:
        return _("The form id is too long: at most %(most)s letters.") % {"most": MAX_FORM_ID}
    if form_id.lower().endswith(_ENDINGS):
        return _("The form id must not end in .xml, .xls or .xlsx.")
    if not form_id.strip("."):
        return _("The form id must hold a letter or a number.")
    if any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in form_id):
        return _("The form id holds a character that cannot be seen; write it again.")
    return ""


def check_form_id(form_id: str, sheets: Sheets | None) -> None:
    """Raise FormProblems for an id that no form may have."""
    sentence = form_id_problem(form_id)
    if sentence:
        cell = sheets.cell("settings", 2, "form_id") if sheets else ""
        raise FormProblems([Problem("settings" if cell else "", cell, sentence)])
