import pytest

from surveys.forms import published_versions
from surveys.forms.shipped import load_forms
from surveys.submissions.tests import factories
from surveys.tests.country import make_country


@pytest.fixture(autouse=True)
def nothing_remembered():
    published_versions.forget()


@pytest.fixture
def programme(db):
    from standards.loading import load_indicators

    make_country()
    load_indicators()
    programme = factories.programme()
    load_forms(programme)
    return programme
