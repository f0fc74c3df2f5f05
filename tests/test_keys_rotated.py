"""Keys are changed without losing anything: a command encrypts anew, hashes stay what they were."""

from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

import sealing
from accounts import second_factor
from accounts.factors import AuthenticatorApp
from accounts.tests.factories import make_programme, make_user
from audit.models import Entry
from sealing import BrokenSealError, Purpose, keyed_hash, open_seal, seal
from sealing.columns import columns
from surveys import phone_numbers
from surveys.forms import tablets
from surveys.hotline.models import Line
from surveys.models import AppUser
from surveys.submissions.tests import factories

NEW, NEWER = "n" * 20 + "0123456789abcdefghij", "m" * 20 + "0123456789abcdefghij"
OWN_KEYS = {"citizen.Answered.sealed_answer"}
"""Under keys that only the sender knows: nothing of ours opens them."""


def rotate(settings: Any, new: str) -> None:
    settings.SECRET_KEY_BEFORE = [settings.SECRET_KEY, *settings.SECRET_KEY_BEFORE]
    settings.SECRET_KEY = new


def test_every_encrypted_column_is_named_for_the_command() -> None:
    fields = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if "sealed" in field.name and not field.name.endswith(("_at", "_on"))
    }
    assert fields - OWN_KEYS == {column.name for column in columns()}


@pytest.mark.django_db
def test_everything_is_readable_after_two_changes_and_the_old_keys_can_go(settings: Any) -> None:
    tablet, token = factories.tablet(make_programme())
    user = make_user()
    key = second_factor.new_key()
    sealed = seal(key, Purpose.SECOND_FACTOR)
    AuthenticatorApp.objects.create(user=user, key_sealed=sealed)
    line = Line.objects.create(
        sealed_tokens=[phone_numbers.sealed(word).decode() for word in ("one", "two")]
    )
    caller = phone_numbers.caller_key("+85512345678")
    for new in (NEW, NEWER):
        rotate(settings, new)
        out = StringIO()
        call_command("rotate_keys", "--check", stdout=out)
        assert "surveys.AppUser.token_sealed: 1 to be renewed, 0 current" in out.getvalue()
        assert phone_numbers.caller_key("+85512345678") == caller
        call_command("rotate_keys", stdout=StringIO())
        out = StringIO()
        call_command("rotate_keys", stdout=out)
        assert "0 renewed, 1 current" in out.getvalue()
    settings.SECRET_KEY_BEFORE = []
    assert tablets.token_of(AppUser.objects.get(pk=tablet.pk)) == token
    app = AuthenticatorApp.objects.get()
    assert open_seal(bytes(app.key_sealed), Purpose.SECOND_FACTOR) == key
    line.refresh_from_db()
    assert [phone_numbers.opened(each.encode()) for each in line.sealed_tokens] == ["one", "two"]
    assert Entry.objects.filter(verb="keys.rotated", actor="rotate_keys").count() == 2


@pytest.mark.django_db
def test_a_row_that_no_key_opens_is_named_and_blocks_no_other(settings: Any) -> None:
    readable, token = factories.tablet(make_programme())
    broken, _token = factories.tablet(make_programme())
    AppUser.objects.filter(pk=broken.pk).update(token_sealed="damaged")
    rotate(settings, NEW)
    out = StringIO()
    with pytest.raises(CommandError, match="1 rows are unreadable"):
        call_command("rotate_keys", stdout=out)
    assert f"unreadable: {broken.pk}" in out.getvalue()
    settings.SECRET_KEY_BEFORE = []
    assert tablets.token_of(AppUser.objects.get(pk=readable.pk)) == token


def test_a_key_of_its_own_for_citizens_follows_its_own_line(settings: Any) -> None:
    old = phone_numbers.sealed("+85512345678")
    settings.CONTACT_KEY, settings.CONTACT_KEY_BEFORE = NEW, [settings.SECRET_KEY]
    assert phone_numbers.opened(old) == "+85512345678"
    assert not sealing.is_current(old, Purpose.CONTACT)
    settings.CONTACT_KEY_BEFORE = []
    with pytest.raises(BrokenSealError):
        phone_numbers.opened(old)


def test_purposes_share_no_key() -> None:
    assert len({keyed_hash("x", purpose) for purpose in Purpose}) == len(list(Purpose))
