"""A tablet's key is changed from afar, and a lost tablet is emptied at its next contact."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.tests.factories import make_programme
from audit.models import Entry
from surveys.forms import tablets
from surveys.models import AppUser
from surveys.submissions.tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def lost(forget_remembered: Callable[[], None]) -> tuple[AppUser, str]:
    forget_remembered()
    return factories.tablet(make_programme())


def ask(client: Client, tablet: AppUser, token: str, path: str = "tablet.json") -> Any:
    url = f"/v1/key/{token}/projects/{tablet.programme_id}/{path}"
    return client.post(url) if path == "erased" else client.get(url)


def test_a_new_key_waits_for_the_tablet_and_ends_the_old_one_when_it_is_used(
    client: Client, lost: tuple[AppUser, str], forget_remembered: Callable[[], None]
) -> None:
    tablet, old = lost
    assert "nextToken" not in ask(client, tablet, old).json()
    new = tablets.rotate_at_next_contact(tablet=tablet, by=None)
    assert ask(client, tablet, old).json()["nextToken"] == new
    # a battery that died before the new one was kept: the old one still works
    forget_remembered()
    assert ask(client, tablet, old).json()["nextToken"] == new
    assert "nextToken" not in ask(client, tablet, new).json()
    forget_remembered()
    assert ask(client, tablet, old).status_code == 403
    assert ask(client, tablet, new).status_code == 200
    tablet.refresh_from_db()
    assert tablets.token_of(tablet) == new


def test_a_lost_tablet_is_told_to_erase_its_data_and_says_that_it_did(
    client: Client, lost: tuple[AppUser, str], forget_remembered: Callable[[], None]
) -> None:
    tablet, token = lost
    assert ask(client, tablet, token, "erased").status_code == 403
    tablets.revoke(tablet=tablet, by=None, erase=True)
    forget_remembered()
    answer = ask(client, tablet, token)
    assert answer.status_code == 410
    assert answer.json()["details"] == {"erase": True}
    stranger = tablet.programme_id + 1
    assert client.get(f"/v1/key/{token}/projects/{stranger}/tablet.json").status_code == 403
    for _again in range(2):
        assert ask(client, tablet, token, "erased").status_code == 200
    tablet.refresh_from_db()
    assert tablet.erased_at is not None
    assert Entry.objects.filter(verb="tablet.erased").count() == 1


def test_revoking_alone_erases_nothing_and_a_found_tablet_works_again(
    client: Client, lost: tuple[AppUser, str], forget_remembered: Callable[[], None]
) -> None:
    tablet, token = lost
    tablets.rotate_at_next_contact(tablet=tablet, by=None)
    tablets.revoke(tablet=tablet, by=None)
    forget_remembered()
    assert ask(client, tablet, token).status_code == 403
    tablets.revoke(tablet=tablet, by=None, erase=True)
    new = tablets.rotate(tablet=tablet, by=None)
    forget_remembered()
    assert ask(client, tablet, new).status_code == 200
    assert ask(client, tablet, token).status_code == 403


def test_the_database_refuses_erasure_of_a_tablet_that_works(lost: tuple[AppUser, str]) -> None:
    tablet, _token = lost
    for change, name in (
        ({"erase_asked_at": timezone.now()}, "tablet_erased_only_when_revoked"),
        ({"erased_at": timezone.now()}, "tablet_erased_only_when_asked"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            AppUser.objects.filter(pk=tablet.pk).update(**change)
