"""Round the newest release a second time every night, and raise alarms where it differs."""

from scorecards.models import Release, ScoreAlarm, ScoringRun
from scorecards.releases import audit, lifecycle, states
from scorecards.storage.snapshots import one_snapshot
from scorecards.verification.alarms import settle
from scorecards.verification.rounding_in_columns import differences


def check_rounding(*, run: ScoringRun | None = None) -> int:
    """Round the newest release anew from today's records, by both programs; return how many cells
    differ.

    Its records may have changed since it was decided, so both programs decide it again, after
    the releases before it. Nothing of that is stored. Quarters under alarm are looked at too.
    """
    about = ScoreAlarm.About.ROUNDING
    standing = ScoreAlarm.objects.filter(about=about, resolved_at=None)
    rounded = Release.objects.filter(
        is_current=True, state=Release.State.PUBLISHED, rules=Release.Rules.ROUNDED
    )
    newest = rounded.order_by("-published_at")[:1]
    differ = 0
    for release in {*newest, *rounded.filter(period__in=standing.values("period"))}:
        with one_snapshot():
            kept = states.kept(release.period, before=release)
            decided = lifecycle.decide(release.period, kept)
            rounded_otherwise = differences(decided, audit.decide_again(release.period, kept))
        alarms = rounded_otherwise.assign(
            about=about.value, period=release.period, provider_id=0, field="rounded"
        )
        settle(ScoreAlarm.objects.filter(about=about, period=release.period), alarms, run)
        differ += len(rounded_otherwise)
    return differ
