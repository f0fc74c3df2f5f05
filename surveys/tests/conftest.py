import pytest

from accounts.models import Membership, Programme, Role, User
from surveys.submissions.tests import factories
from surveys.tests.country import make_country, make_person


@pytest.fixture
def country(db: None) -> None:
    make_country()


@pytest.fixture
def facilitator(country: None) -> User:
    return make_person("facilitator", "010201")


@pytest.fixture
def coordinator(country: None) -> User:
    return make_person("coordinator", "01")


@pytest.fixture
def programme(db: None) -> Programme:
    return factories.programme()


@pytest.fixture
def form_coordinator(programme: Programme) -> User:
    """A person who publishes forms and reviews records in ``programme``."""
    role = Role.objects.create(
        code="coordinating",
        name_km="ក",
        name_en="c",
        about_km="ក",
        about_en="c",
        permissions=["submissions.review", "forms.publish"],
    )
    person = User.objects.create_user("coordinator", "a-long-password-9", display_name="សុខ")
    Membership.objects.create(user=person, role=role, programme=programme)
    return person
