"""The server computes what JavaRosa, ODK's reference engine, computes.

Compared are expressions, and rules of records.
"""

import pytest

from tools.oracle import server
from tools.oracle.__main__ import compare_expressions, compare_forms
from tools.oracle.cases import find

pytestmark = pytest.mark.slow


def test_expressions_and_rules_of_records_agree_with_javarosa():
    expressions, forms = find([])
    sure = [case for case in expressions if not case.doubtful]
    assert len(sure) > 1900
    assert len(forms) > 260
    same = compare_expressions(sure, server.expressions(sure), "server")
    assert same / len(sure) >= 0.98
    assert compare_forms(forms, server.forms(forms), "server") / len(forms) >= 0.97
