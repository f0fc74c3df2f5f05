"""Records are received once, whatever is repeated.

Released figures are sent, and deleted when withdrawn.
"""

from typing import Any
from uuid import uuid4

import pandas as pd
import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Programme, User
from accounts.tests.factories import join, make_programme, make_user
from audit.models import Entry
from interchange import dhis2, services
from interchange.models import Link
from interchange.tests.servers import PHOTO, Fake, FakeCentral, FakeDhis2, FakeKobo, serving
from surveys.forms.publishing import prepare
from surveys.models import Form, Submission, SubmissionAttachment
from surveys.submissions.tests import factories

pytestmark = pytest.mark.django_db

WITH_PHOTO = "<age>31</age><happy>yes</happy><photo>face.jpg</photo><note>ល្អ</note>"


@pytest.fixture
def programme() -> Programme:
    return make_programme()


@pytest.fixture
def by(programme: Programme) -> User:
    user = make_user()
    join(user, "submissions.review", programme=programme)
    return user


def xform() -> bytes:
    return prepare(factories.SMALL.encode(), "md").form.data


def link_to(fake: Fake, kind: str, remote: str, secret: str, where: Programme, by: User) -> Link:
    return services.add_link(
        programme=where, kind=kind, address=fake.address, remote=remote, secret=secret, by=by
    )


def state(link: Link) -> Link:
    link.refresh_from_db()
    return link


def test_kobo_brings_its_form_and_each_record_once(programme: Programme, by: User) -> None:
    with serving(FakeKobo(xform())) as fake:
        assert isinstance(fake, FakeKobo)
        names = [f"uuid:{uuid4()}" for _ in range(230)]
        for number, name in enumerate(names, start=10):
            answers = {"answers": WITH_PHOTO} if number == 10 else {}
            fake.records[number] = factories.record(instance=name, **answers)
        link = link_to(fake, "kobo", "aXY", "kobo-token", programme, by)
        assert services.run(link.pk) == 230
        assert set(Submission.objects.values_list("instance_id", flat=True)) == set(names)
        assert Form.objects.get(programme=programme).xml_form_id == "small"
        assert SubmissionAttachment.objects.get().size == len(PHOTO)
        assert state(link).cursor == "239"
        seen = len(fake.asked)
        assert services.run(link.pk) == 0
        assert len(fake.asked) == seen + 2, "the form, and one question for what is new"
        Link.objects.filter(pk=link.pk).update(cursor="")  # read from the beginning again
        fake.records[500] = factories.record(instance="uuid:new")
        assert services.run(link.pk) == 231
        assert Submission.objects.count() == 231


def test_central_brings_its_form_and_each_record_once(programme: Programme, by: User) -> None:
    with serving(FakeCentral(xform())) as fake:
        assert isinstance(fake, FakeCentral)
        for number in range(5):
            name = f"uuid:{uuid4()}"
            xml = factories.record(instance=name, **({"answers": WITH_PHOTO} if not number else {}))
            fake.records[name] = (f"2026-11-0{number + 1}T08:00:00.000Z", xml)
        link = link_to(fake, "central", "7/small", "dara@example.org:pass:word", programme, by)
        assert services.run(link.pk) == 5
        assert state(link).cursor == "2026-11-05T08:00:00.000Z"
        assert SubmissionAttachment.objects.count() == 1
        # another record of the very same moment is not missed
        late = factories.record(instance="uuid:late")
        fake.records["uuid:late"] = ("2026-11-05T08:00:00.000Z", late)
        assert services.run(link.pk) == 2
        assert Submission.objects.count() == 6


def test_a_run_that_breaks_off_keeps_what_it_took(programme: Programme, by: User) -> None:
    with serving(FakeKobo(xform())) as fake:
        assert isinstance(fake, FakeKobo)
        for number in range(1, 6):
            fake.records[number] = factories.record(instance=f"uuid:{number}")
        good = fake.answer

        def stops(method: str, path: str, *more: Any) -> tuple[int, bytes]:
            return (503, b"") if path.endswith("/data/4.xml") else good(method, path, *more)

        fake.answer = stops  # type: ignore[method-assign]
        link = link_to(fake, "kobo", "aXY", "kobo-token", programme, by)
        services.run(link.pk)
        assert state(link).cursor == "3"
        assert link.last_error
        fake.answer = good  # type: ignore[method-assign]
        assert services.run(link.pk) == 2
        assert Submission.objects.count() == 5


def test_a_record_that_cannot_be_taken_does_not_hold_up_the_others(
    programme: Programme, by: User
) -> None:
    with serving(FakeKobo(xform())) as fake:
        assert isinstance(fake, FakeKobo)
        fake.records[1] = b"<data id='small' version='1'><age>"
        fake.records[2] = factories.record(instance="uuid:good")
        fake.records[3] = factories.record(instance="uuid:other", form="unknown")
        fake.records[4] = factories.record(instance="uuid:also")
        link = link_to(fake, "kobo", "aXY", "kobo-token", programme, by)
        assert services.run(link.pk) == 2
        assert state(link).refused == 2
        assert link.last_error == ""


@pytest.mark.parametrize(
    ("secret", "remote", "sentence"),
    [
        ("wrong", "aXY", "refuses the token or password"),
        ("kobo-token", "another", "does not know this form"),
    ],
)
def test_what_is_wrong_stands_with_the_link_as_a_sentence(
    programme: Programme, by: User, secret: str, remote: str, sentence: str
) -> None:
    from django.utils.translation import override

    with serving(FakeKobo(xform())) as fake, override("en"):
        link = link_to(fake, "kobo", remote, secret, programme, by)
        assert services.run(link.pk) == 0
        assert sentence in state(link).last_error
        with pytest.raises(CommandError, match="1 of 1 links failed"):
            call_command("run_links")
        fake.down = True
        services.run(link.pk)
        assert "error 503" in state(link).last_error
    with override("en"):
        services.run(link.pk)
        assert "does not answer" in state(link).last_error


def test_a_server_that_names_another_host_gets_no_token_sent_there(
    programme: Programme, by: User
) -> None:
    with serving(FakeKobo(xform())) as fake, serving(FakeKobo(b"")) as thief:
        assert isinstance(fake, FakeKobo)
        fake.records[1] = factories.record(instance="uuid:x", answers=WITH_PHOTO)
        link = link_to(fake, "kobo", "aXY", "kobo-token", programme, by)
        fake._files = lambda _number: [  # type: ignore[method-assign]
            {"download_url": f"{thief.address}/steal", "filename": "face.jpg"}
        ]
        assert services.run(link.pk) == 1
        assert thief.asked == []


def figures(**cells: int) -> pd.DataFrame:
    """Released rows as ``scores.everything`` gives them, one a commune."""
    rows = [
        {
            "indicator": "CA-C1",
            "provider_kind": "commune",
            "place_code": code.removeprefix("c"),
            "provider_id": 0,
            "service": "",
            "self_assessment": False,
            "level": "commune",
            "numerator": met,
            "denominator": 30,
            "status": "full" if met >= 0 else "withdrawn",
            "rounded": True,
        }
        for code, met in cells.items()
    ]
    extra = {"service": "birth", "place_code": "010299"}, {"rounded": False, "place_code": "010298"}
    return pd.DataFrame([*rows, *({**rows[0], **more} for more in extra)])


def test_released_figures_go_to_dhis2_and_withdrawn_ones_go_away(
    programme: Programme, by: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarter = type("Quarter", (), {"code": "2026-Q3", "length": "quarter"})
    monkeypatch.setattr(services.scores, "periods", lambda user: [quarter])
    reported = figures(c010201=21, c010202=9)
    monkeypatch.setattr(dhis2.scores, "everything", lambda user, period: reported)
    with serving(FakeDhis2()) as fake:
        assert isinstance(fake, FakeDhis2)
        link = link_to(fake, "dhis2", "KIW", "admin:district", programme, by)
        assert services.run(link.pk) == 4
        expected = {
            ("2026Q3", "CA-C1.commune.MET", "010201"): "21",
            ("2026Q3", "CA-C1.commune.JUDGED", "010201"): "30",
            ("2026Q3", "CA-C1.commune.MET", "010202"): "9",
            ("2026Q3", "CA-C1.commune.JUDGED", "010202"): "30",
        }
        assert fake.values == expected
        assert services.run(link.pk) == 4
        assert fake.values == expected
        reported = figures(c010201=24, c010202=-1)  # corrected; withdrawn
        assert services.run(link.pk) == 2
        assert {key[2] for key in fake.values} == {"010201"}
        assert fake.values["2026Q3", "CA-C1.commune.MET", "010201"] == "24"


def test_what_dhis2_did_not_take_is_said_in_its_own_words(
    programme: Programme, by: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    quarter = type("Quarter", (), {"code": "2026-Q3", "length": "quarter"})
    monkeypatch.setattr(services.scores, "periods", lambda user: [quarter])
    monkeypatch.setattr(dhis2.scores, "everything", lambda user, period: figures(c010201=21))
    with serving(FakeDhis2(knows=lambda place: False)) as fake:
        link = link_to(fake, "dhis2", "KIW", "admin:district", programme, by)
        assert services.run(link.pk) == 0
        assert "Organisation unit not found" in state(link).last_error


def test_a_link_is_added_run_and_closed_by_a_coordinator_of_its_programme_only(
    programme: Programme, by: User
) -> None:
    stranger = make_user()
    join(stranger, "submissions.review", programme=make_programme())
    values: dict[str, Any] = {
        "kind": "kobo",
        "address": "http://127.0.0.1:9/",
        "remote": "aXY",
        "programme": programme.pk,
        "secret": "kobo-token",
    }
    other, own = Client(), Client()
    other.force_login(stranger)
    own.force_login(by)
    assert other.post("/links/", values).status_code == 400
    assert own.post("/links/", {**values, "secret": ""}).status_code == 400
    assert own.post("/links/", values).status_code == 302
    link = Link.objects.get()
    assert "kobo-token" not in link.secret_sealed
    page = own.get("/links/").content.decode()
    assert "aXY" in page
    assert "kobo-token" not in page
    assert "aXY" not in other.get("/links/").content.decode()
    assert own.post("/links/", values).status_code == 400, "the same link twice"
    for action in ("run", "close"):
        assert other.post(f"/links/{link.pk}/{action}/").status_code == 404
        assert own.post(f"/links/{link.pk}/{action}/").status_code == 302
    assert not state(link).is_active
    assert link.secret_sealed == ""
    verbs = Entry.objects.filter(verb__startswith="link.").values_list("verb", flat=True)
    assert set(verbs) == {"link.added", "link.closed"}
    assert services.run(link.pk) == 0


def test_the_database_refuses_the_same_link_twice(programme: Programme, by: User) -> None:
    values = {"programme": programme, "kind": "kobo", "address": "http://x", "remote": "a"}
    Link.objects.create(**values, secret_sealed="x")
    Link.objects.create(**values, secret_sealed="x", is_active=False)
    with pytest.raises(IntegrityError, match="link_once"), transaction.atomic():
        Link.objects.create(**values, secret_sealed="x")


@pytest.mark.parametrize(
    ("kind", "remote", "secret"),
    [("central", "small", "a:b"), ("central", "7/small", "token"), ("dhis2", "KIW", "token")],
)
def test_a_link_that_cannot_work_is_refused_with_what_to_enter(
    programme: Programme, by: User, kind: str, remote: str, secret: str
) -> None:
    with pytest.raises(ValidationError):
        services.add_link(
            programme=programme,
            kind=kind,
            address="http://x.y",
            remote=remote,
            secret=secret,
            by=by,
        )


def test_where_people_are_served_only_https_and_public_hosts_are_asked(
    programme: Programme, by: User, settings: Any
) -> None:
    from django.utils.translation import override

    settings.LIVE = True
    with serving(FakeKobo(xform())) as fake, override("en"):
        link = link_to(fake, "kobo", "aXY", "kobo-token", programme, by)
        services.run(link.pk)
        assert "must begin with https://" in state(link).last_error
        Link.objects.filter(pk=link.pk).update(address="https://127.0.0.1:1")
        services.run(link.pk)
        assert "inside a private network" in state(link).last_error
        assert fake.asked == []
