"""The hotline's recordings for other channels: complete answers only, and always today's."""

import pytest
from django.test import Client

from standards.models import Standard
from surveys import recordings
from surveys.hotline import content
from surveys.hotline.models import Clip

pytestmark = pytest.mark.django_db


def test_every_recorded_answer_can_be_fetched(recorded: list[str], client: Client) -> None:
    sounds = recordings.recordings("km")
    for name in ("service:certified-copy", "fee:certified-copy:standard", "say:tell.thanks"):
        answer = client.get(sounds[name])
        assert answer.status_code == 200
        assert answer.content[:4] == b"RIFF"
    assert recordings.recordings("xx") == {}


def test_an_answer_with_a_gap_is_not_offered_and_a_new_fee_changes_the_sound(
    recorded: list[str],
) -> None:
    before = recordings.recordings("km")["fee:certified-copy:standard"]
    Standard.objects.filter(service__code="certified-copy").update(fee=2000)
    content.forget()
    assert recordings.recordings("km")["fee:certified-copy:standard"] != before
    Clip.objects.filter(name="unit.riel").delete()
    content.forget()
    assert "fee:certified-copy:standard" not in recordings.recordings("km")
    assert "service:certified-copy" in recordings.recordings("km")
