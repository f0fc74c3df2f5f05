"""Sealed reports: only the holder of the key can read them."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.tests.factories import join, make_user
from audit.models import Entry
from surveys.citizen import content, services
from surveys.citizen.models import ReportKey, SealedReport

pytestmark = pytest.mark.django_db


def sealed(identity: Any, words: str = "a secret") -> str:
    made = pyrage.encrypt(words.encode(), [identity.to_public()])
    return base64.b64encode(made).decode()


def test_a_sealed_report_is_kept_with_its_day_and_nothing_else(
    identity: Any, send: Callable[..., Any]
) -> None:
    key = ReportKey.objects.get()
    message = {"key": key.pk, "ciphertext": sealed(identity)}
    for _twice in range(2):
        assert send("/app/sealed", message).json() == {"kept": True}
    report = SealedReport.objects.get()
    assert {f.name for f in SealedReport._meta.concrete_fields} == {
        "id",
        "ciphertext",
        "fingerprint",
        "key",
        "arrived_on",
    }
    assert pyrage.decrypt(bytes(report.ciphertext), [identity]) == b"a secret"
    assert not Entry.objects.exclude(verb="report_key.made").exists()


@pytest.mark.parametrize("bad", ["", "plain words", "!!!!", base64.b64encode(b"open").decode()])
def test_what_is_not_sealed_is_never_kept(
    identity: Any, send: Callable[..., Any], bad: str
) -> None:
    key = ReportKey.objects.get()
    assert send("/app/sealed", {"key": key.pk, "ciphertext": bad}).status_code == 400
    assert send("/app/sealed", {"key": 0, "ciphertext": sealed(identity)}).status_code == 400
    assert not SealedReport.objects.exists()


def test_only_keepers_of_reports_see_the_page_and_deleting_leaves_a_trail(
    identity: Any, client: Client, send: Callable[..., Any]
) -> None:
    send("/app/sealed", {"key": ReportKey.objects.get().pk, "ciphertext": sealed(identity)})
    report = SealedReport.objects.get()
    assert client.get("/reports/").status_code == 302
    other = make_user()
    join(other, "cases.read", "people.manage", "scores.working", place="01")
    client.force_login(other)
    assert client.get("/reports/").status_code == 403
    assert client.post(f"/reports/{report.pk}/delete/", {"reason": "x"}).status_code == 403
    with pytest.raises(PermissionDenied):
        services.delete_report(report=report, by=other, reason="x")
    keeper = make_user()
    join(keeper, "reports.open")
    client.force_login(keeper)
    assert client.get("/reports/")["Cache-Control"] == "no-store"
    with pytest.raises(ValidationError):
        services.delete_report(report=report, by=keeper, reason=" ")
    client.post(f"/reports/{report.pk}/delete/", {"reason": "followed up"})
    assert not SealedReport.objects.exists()
    assert Entry.objects.get(verb="report.deleted").reason == "followed up"


def test_a_key_is_made_once_to_a_file_of_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "key.txt"
    call_command("make_report_key", str(file))
    first = ReportKey.objects.get(retired_at=None)
    identity = pyrage.x25519.Identity.from_str(file.read_text().splitlines()[1])
    assert str(identity.to_public()) == first.recipient
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(CommandError):  # never over another key
        call_command("make_report_key", str(file))
    call_command("make_report_key", str(tmp_path / "next.txt"))
    assert ReportKey.objects.filter(retired_at=None).count() == 1
    assert ReportKey.objects.count() == 2


def test_a_demo_shows_its_key_to_everybody_and_real_use_refuses_it(
    country: None, client: Client, send: Callable[..., Any], settings: Any, tmp_path: Path
) -> None:
    settings.VAR = tmp_path
    with pytest.raises(CommandError, match="no demo"):
        call_command("make_report_key", demo=True)
    make_user(is_demo=True)
    for _twice in range(2):
        call_command("make_report_key", demo=True)
    key = ReportKey.objects.get()
    line = (tmp_path / "demo-report-key.txt").read_text().splitlines()[1]
    identity = pyrage.x25519.Identity.from_str(line)
    message = {"key": key.pk, "ciphertext": sealed(identity)}
    assert send("/app/sealed", message).status_code == 200
    keeper = make_user()
    join(keeper, "reports.open")
    client.force_login(keeper)
    assert line in client.get("/reports/").content.decode()
    settings.LIVE = True
    assert line not in client.get("/reports/", secure=True).content.decode()
    assert content.book()["report_key"] is None
    assert send("/app/sealed", message).status_code == 400
    with pytest.raises(CommandError, match="no demo"):
        call_command("make_report_key", demo=True)
    with pytest.raises(PermissionDenied):
        services.use_key(recipient="age1x", by=None, is_demo=True)


def test_a_demo_never_takes_the_place_of_a_real_key(
    identity: Any, settings: Any, tmp_path: Path
) -> None:
    settings.VAR = tmp_path
    make_user(is_demo=True)
    call_command("make_report_key", demo=True)
    assert ReportKey.objects.get().recipient == str(identity.to_public())
