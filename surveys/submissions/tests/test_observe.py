"""Records become cases, meetings and checks, and follow every edit and review."""

from datetime import date

import pytest
from django.db import connection

from accounts.models import User
from surveys.forms.publishing import prepare, publish, save_draft
from surveys.models import (
    Case,
    Check,
    CollectionRules,
    Meeting,
    ObservationChange,
    QualityFlag,
    Submission,
    Vote,
)
from surveys.submissions.intake.receive import Sender, receive
from surveys.submissions.processing.derive import observe, observe_waiting
from surveys.submissions.tests import factories

pytestmark = pytest.mark.django_db

CASE = {
    "commune": "010201",
    "service": "birth-registration",
    "provider_kind": "commune",
    "provider": "hall-010201",
    "asked_on": "2026-03-02",
    "status": "received",
    "received_on": "2026-03-04",
    "fee_known": "yes",
    "fee_paid": "5000",
    "currency": "KHR",
    "receipt": "no",
    "documents_known": "yes",
    "documents_asked": "family-book",
    "documents_other": "letter of the neighbour",
    "visits": "3",
    "staffed": "yes",
}
PERSON = {"sex": "female", "age": "34", "poor_card": "no"}


def tags(values):
    return "".join(f"<{k}>{v}</{k}>" for k, v in values.items())


def interview(*, instance="uuid:1", replaces="", username="", case=None, consent="yes", **changes):
    values = {**(CASE if case is None else case), **changes}
    person = tags(PERSON) if values else ""
    answers = f"<consent>{consent}</consent><case>{tags(values)}<person>{person}</person></case>"
    xml = factories.record(
        instance=instance,
        replaces=replaces,
        form="case_interview",
        version="2026112101",
        answers=answers,
    )
    return xml.replace(b"<username/>", f"<username>{username}</username>".encode())


@pytest.fixture
def sender(programme):
    tablet, _token = factories.tablet(programme)
    return Sender(
        programme_id=programme.pk, app_user_id=tablet.pk, user_agent="Mozilla/5.0 (Linux)"
    )


def arrived(sender, xml):
    receive(sender=sender, xml=xml)
    observe_waiting()
    return Submission.objects.order_by("-id").first()


def flags(kind=None):
    quality_flags = QualityFlag.objects.order_by("id")
    return list(quality_flags.filter(kind=kind) if kind else quality_flags)


def test_an_interview_becomes_a_case(sender):
    record = arrived(sender, interview())
    case = Case.objects.get()
    assert record.observe_error == ""
    assert (case.commune_id, case.provider.code, case.service.code) == (
        "010201",
        "hall-010201",
        "birth-registration",
    )
    assert (case.asked_on, case.received_on) == (date(2026, 3, 2), date(2026, 3, 4))
    assert (case.fee_paid, case.receipt, case.visits) == (5000, False, 3)
    assert case.documents_asked == ["family-book", "letter of the neighbour"]
    assert (case.sex, case.age, case.poor_card, case.disability) == ("female", 34, False, None)
    assert case.standard is not None
    assert case.programme_id == sender.programme_id
    assert case.channel == "tablet"
    assert case.case_id == f"sub{record.pk}-1"
    assert (record.commune_code, record.province_code) == ("010201", "01")
    assert ObservationChange.objects.filter(commune_code="010201").exists()


def test_observing_again_changes_nothing(sender):
    record = arrived(sender, interview())
    before = list(Case.objects.values()), ObservationChange.objects.count()
    for _time in range(2):
        Submission.objects.update(observed_at=None)
        assert observe(record.pk) == 1
        assert observe(record.pk) == 0
    assert (list(Case.objects.values()), ObservationChange.objects.count()) == before


def test_who_did_not_agree_leaves_no_case(sender):
    record = arrived(sender, interview(case={}, consent="no"))
    assert record.observed_at is not None
    assert not Case.objects.exists()
    assert flags("required") == []


def test_an_edit_corrects_the_case_and_keeps_what_it_said(sender):
    arrived(sender, interview())
    arrived(sender, interview(instance="uuid:2", replaces="uuid:1", fee_paid="0", receipt=""))
    case = Case.objects.get()
    assert case.fee_paid == 0
    assert case.revisions.get().before["fee_paid"] == 5000


def test_nothing_asked_is_not_the_same_as_not_remembered(sender):
    arrived(sender, interview(documents_asked="", documents_other=""))
    assert Case.objects.get().documents_asked == []
    arrived(
        sender,
        interview(
            instance="uuid:2",
            replaces="uuid:1",
            documents_known="no",
            documents_asked="",
            documents_other="",
        ),
    )
    assert Case.objects.get().documents_asked is None


def test_a_record_that_cannot_be_counted_says_why(sender):
    arrived(sender, interview(service="no-such-service"))
    assert not Case.objects.exists()
    (flag,) = flags("not_observed")
    assert "service" in flag.detail


def test_an_edit_that_can_no_longer_be_counted_takes_the_case_back(sender):
    arrived(sender, interview())
    arrived(sender, interview(instance="uuid:2", replaces="uuid:1", commune="999999"))
    assert Case.objects.get().voided_at is not None
    arrived(sender, interview(instance="uuid:3", replaces="uuid:2"))
    assert Case.objects.standing().get().case_id.endswith(".2")


def test_a_rejected_record_is_not_counted_and_an_approved_one_is_again(sender):
    record = arrived(sender, interview())
    for state, standing in (("rejected", 0), ("approved", 1), ("rejected", 0), ("received", 1)):
        Submission.objects.update(state=state, observed_at=None)
        observe(record.pk)
        assert Case.objects.standing().count() == standing
    assert Case.objects.count() == 3


def test_a_programme_may_count_only_approved_records(sender):
    CollectionRules.objects.create(programme_id=sender.programme_id, count_only_approved=True)
    record = arrived(sender, interview())
    assert not Case.objects.exists()
    Submission.objects.update(state="approved", observed_at=None)
    observe(record.pk)
    assert Case.objects.standing().count() == 1


def test_a_programme_counts_only_its_own_provinces(sender, programme):
    programme.provinces.set(["02"])
    arrived(sender, interview())
    assert not Case.objects.exists()
    assert "commune" in flags("not_observed")[0].detail


def test_the_person_is_believed_only_if_of_this_tablet(sender, programme):
    caf = User.objects.create_user("caf.one", "x-long-password")
    other = User.objects.create_user("other", "x-long-password")
    programme.app_users.get().people.add(caf)
    assert arrived(sender, interview(username="caf.one")).person == caf
    assert arrived(sender, interview(instance="uuid:2", username=other.username)).person is None
    assert Case.objects.filter(facilitator=caf).count() == 1


def test_one_record_with_several_cases_keeps_them_apart(sender, programme):
    form = """
| survey |
| | type | name | label |
| | begin_repeat | case | Case |
| | text | commune | Commune |
| | text | service | Service |
| | date | asked_on | Asked |
| | select_one status | status | Status |
| | end_repeat |
| choices |
| | list_name | name | label |
| | status | open | Open |
| settings |
| | form_id | version |
| | many | 1 |
"""
    factories.published(programme, form)
    turn = tags(
        {"commune": "010201", "service": "id-card", "asked_on": "2026-02-02", "status": "open"}
    )
    two = f"<case>{turn}</case><case>{turn.replace('010201', '010202')}</case>"
    arrived(sender, factories.record(form="many", instance="uuid:m", answers=two))
    assert set(Case.objects.values_list("commune_id", flat=True)) == {"010201", "010202"}
    one = f"<case>{turn}</case>"
    arrived(
        sender,
        factories.record(form="many", instance="uuid:m2", replaces="uuid:m", answers=one),
    )
    assert list(Case.objects.standing().values_list("commune_id", flat=True)) == ["010201"]


VOTES = """
| survey |
| | type | name | label | appearance |
| | begin_group | meeting | Meeting |
| | text | provider | Provider |
| | date | held_on | Held on |
| | begin_repeat | voter | Voter |
| | select_one sex | sex | Sex |
| | integer | age | Age |
| | select_one faces | CA-P1 | Present | faces |
| | select_one faces | ca_p3 | Polite | faces |
| | end_repeat |
| | end_group |
| choices |
| | list_name | name | label |
| | sex | female | F |
| | sex | male | M |
| | faces | 1 | 1 |
| | faces | 2 | 2 |
| | faces | 3 | 3 |
| | faces | 4 | 4 |
| | faces | 5 | 5 |
| settings |
| | form_id | version |
| | votes | 1 |
"""


def voters(*scores):
    return "".join(
        f"<voter><sex>female</sex><age>20</age><CA-P1>{a}</CA-P1><ca_p3>{b}</ca_p3></voter>"
        for a, b in scores
    )


def test_a_meeting_becomes_votes_and_an_edit_replaces_them(sender, programme):
    factories.published(programme, VOTES)
    body = "<meeting><provider>hall-010201</provider><held_on>2026-03-05</held_on>{}</meeting>"
    first = body.format(voters((4, 5), (3, 2)))
    arrived(sender, factories.record(form="votes", instance="uuid:v", answers=first))
    assert flags("not_observed") == []
    assert Meeting.objects.get().commune_id == "010201"
    assert sorted(Vote.objects.values_list("indicator_code", "score", "youth")) == [
        ("CA-P1", 3, True),
        ("CA-P1", 4, True),
        ("CA-P3", 2, True),
        ("CA-P3", 5, True),
    ]
    second = body.format(voters((4, 4)))
    arrived(
        sender,
        factories.record(form="votes", instance="uuid:v2", replaces="uuid:v", answers=second),
    )
    standing = Meeting.objects.get(voided_at=None)
    assert sorted(standing.votes.values_list("score", flat=True)) == [4, 4]


@pytest.mark.parametrize(
    ("score", "votes"), [("៤", [4]), ("4.0", [4]), ("²", []), ("9" * 5000, []), ("good", [])]
)
def test_a_vote_is_read_as_in_every_channel_or_named(sender, programme, score, votes):
    """A vote that cannot be read is neither an error nor left out in silence."""
    factories.published(programme, VOTES)
    answers = "<meeting><provider>hall-010201</provider><held_on>2026-03-05</held_on>"
    answers += f"<voter><sex>female</sex><CA-P1>{score}</CA-P1></voter></meeting>"
    arrived(sender, factories.record(form="votes", answers=answers))
    assert list(Vote.objects.values_list("score", flat=True)) == votes
    assert bool(flags("not_observed")) is not bool(votes)


def test_a_provider_check_becomes_checks(sender):
    answers = (
        "<check><commune>010201</commune><provider>hall-010201</provider>"
        "<provider_kind>commune</provider_kind><seen_on>2026-03-05</seen_on>"
        "<CA-I1>yes</CA-I1><CA-I2>no</CA-I2><CA-I3>unseen</CA-I3><HC-I1/></check>"
    )
    record = factories.record(form="provider_check", version="2026112101", answers=answers)
    arrived(sender, record)
    assert dict(Check.objects.values_list("indicator_code", "present")) == {
        "CA-I1": True,
        "CA-I2": False,
        "CA-I3": None,
    }


REFUSES_POISON = """
CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'poison is not written'; END $$;
CREATE TRIGGER refuses_poison BEFORE UPDATE ON surveys_submission FOR EACH ROW
WHEN (NEW.instance_id = 'uuid:poison' AND NEW.observed_at IS NOT NULL AND NEW.observe_error = '')
EXECUTE FUNCTION pg_temp.refuse()
"""


def test_a_record_that_breaks_the_reader_blocks_nobody(sender):
    receive(sender=sender, xml=interview(instance="uuid:poison"))
    receive(sender=sender, xml=interview(instance="uuid:good"))
    with connection.cursor() as cursor:  # gone with the transaction of this test
        cursor.execute(REFUSES_POISON)
    assert observe_waiting() == 2
    assert (
        "poison is not written" in Submission.objects.get(instance_id="uuid:poison").observe_error
    )
    assert Case.objects.count() == 1
    assert observe_waiting() == 0


def test_an_encrypted_record_is_kept_and_not_read(sender, programme):
    form = factories.SMALL.replace(
        "| | form_title | form_id | version | default_language |",
        "| | form_title | form_id | version | default_language | public_key |",
    ).replace(
        "| Small | small | 1 | Khmer (km) |", "| Secret | secret | 1 | Khmer (km) | MIIBkey |"
    )
    prepared = prepare(form.encode(), "md")
    publish(form=save_draft(programme=programme, prepared=prepared, by=None).form, by=None)
    xml = (
        b'<data id="secret" version="1" encrypted="yes" xmlns="http://opendatakit.org/submissions">'
        b"<base64EncryptedKey>AAAA</base64EncryptedKey>"
        b'<orx:meta xmlns:orx="http://openrosa.org/xforms">'
        b"<orx:instanceID>uuid:e</orx:instanceID></orx:meta>"
        b"<encryptedXmlFile>submission.xml.enc</encryptedXmlFile></data>"
    )
    record = arrived(sender, xml)
    assert bytes(record.xml) == xml
    assert record.observe_error == ""
    assert record.version.outside_subset[0]["sentence"]
