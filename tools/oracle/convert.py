"""Scenarios as XForms, and XForms as the tablet gets them."""

from typing import Any

from pyxform.xls2xform import convert

from tools.oracle.cases import FormCase


def xform_of(case: FormCase) -> str:
    """Return the XForm of a scenario."""
    text = case.xlsform.decode()
    made = convert(xlsform=text, file_type=".csv", form_name="data", validate=False)
    return str(made.xform)


def compiled(xform: str) -> dict[str, Any]:
    """``tablet.json`` of an XForm, whether or not the tablet supports all of it."""
    from surveys.forms.compile import compile_form
    from surveys.forms.xform import XForm

    result, _outside = compile_form(XForm(xform.encode()))
    return result
