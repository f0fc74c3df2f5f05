"""The forms in fixtures/forms/: every one is read, fits the tablet, and may be published."""

import pytest

from standards.loading import load_indicators
from surveys.forms.reserved import CASE
from surveys.forms.shipped import load_forms, prepare_shipped, shipped_forms
from surveys.models import Form
from surveys.submissions.tests import factories

pytestmark = pytest.mark.django_db


def test_the_case_interview_and_the_provider_check_are_shipped():
    assert set(shipped_forms()) == {"case_interview", "provider_check"}


@pytest.mark.parametrize("form_id", sorted(shipped_forms()))
def test_a_shipped_form_fits_both_clients_and_keeps_the_reserved_names(form_id):
    load_indicators()
    prepared = prepare_shipped(shipped_forms()[form_id])
    assert prepared.outside == []
    assert prepared.reserved == []
    assert prepared.form.form_id == form_id
    assert [x["code"] for x in prepared.compiled["languages"]] == ["km", "en"]


@pytest.mark.parametrize("form_id", sorted(shipped_forms()))
def test_every_question_and_choice_speaks_both_languages_and_has_an_audio_slot(form_id):
    compiled = prepare_shipped(shipped_forms()[form_id]).compiled
    silent, mute = [], []

    def walk(items):
        for item in items:
            if set(item["label"]) != {"km", "en"}:
                silent.append(item["path"])
            if item["kind"] == "question":
                if not item["audio"].get("km"):
                    mute.append(item["path"])
            else:
                walk(item["children"])

    walk(compiled["body"])
    for choices in compiled["lists"].values():
        for choice in choices:
            if set(choice["label"]) != {"km", "en"}:
                silent.append(choice["name"])
            if not choice["audio"].get("km"):
                mute.append(choice["name"])
    assert (silent, mute) == ([], [])


def test_the_case_interview_asks_everything_a_case_can_say():
    compiled = prepare_shipped(shipped_forms()["case_interview"]).compiled
    asked = {path.rpartition("/")[2] for path in compiled["binds"]}
    assert set(CASE) <= asked


def test_forms_are_loaded_once():
    load_indicators()
    programme = factories.programme()
    assert len(load_forms(programme)) == 2
    assert load_forms(programme) == []
    assert Form.objects.filter(current__isnull=False).count() == 2
