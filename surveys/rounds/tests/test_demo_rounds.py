"""The demo's rounds: in every stage, with meetings and sessions, the same when made twice."""

from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import Programme, User
from standards.loading import load_indicators
from surveys.rounds.models import InformationSession, Round, RoundMeeting
from surveys.rounds.reading import results_of


def test_the_demo_has_rounds_meetings_and_sessions(
    client: Client, programme: Programme, facilitator: User, coordinator: User
) -> None:
    load_indicators()
    Programme.objects.filter(pk=programme.pk).update(code="demo")
    call_command("demo_rounds", verbosity=0)
    rounds = Round.objects.count()
    assert rounds >= 4
    met = RoundMeeting.objects.filter(kind="community")
    assert met.exists()
    assert all(r.community.n for r in results_of(met[0].round))
    assert InformationSession.objects.filter(led_by__isnull=False).exists()
    call_command("demo_rounds", verbosity=0)
    assert Round.objects.count() == rounds
    client.force_login(coordinator)
    assert client.get(reverse("rounds:rounds")).status_code == 200
    for row in Round.objects.filter(commune__code__startswith="01"):
        assert client.get(reverse("rounds:round", args=[row.uuid])).status_code == 200
        assert client.get(reverse("rounds:interface", args=[row.uuid])).status_code == 200
