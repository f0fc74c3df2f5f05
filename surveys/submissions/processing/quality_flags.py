"""Quality flags for a reviewer to look at. They accuse nobody and change nothing."""

import hashlib
import math
from datetime import datetime

from django.conf import settings

from places.models import Place
from surveys.forms.times import PHNOM_PENH
from surveys.models import CollectionRules, QualityFlag, Submission
from surveys.submissions.processing.answers import Answers, Readable
from surveys.submissions.processing.batch_context import Around
from surveys.submissions.processing.form_rules import Raised

SECONDS_PER_ANSWER = 3
"""Reading a question aloud and hearing an answer takes longer than this."""
SAME_AT_LEAST = 10
"""Equal answers in a row of scales from which a record is flagged."""
_MEDIA = {"image": ("image/",), "audio": ("audio/", "video/")}


def too_fast(
    form: Readable, answers: Answers, began: datetime | None, ended: datetime | None
) -> list[Raised]:
    """Return a flag for a record filled in less than three seconds per answer."""
    if began is None or ended is None or ended < began:
        return []
    answered = sum(
        1
        for path, question in form.questions.items()
        if question["control"] != "note"
        for element in answers.at(path)
        if (element.text or "").strip()
    )
    seconds = (ended - began).total_seconds()
    if answered < 5 or seconds >= answered * SECONDS_PER_ANSWER:
        return []
    return [Raised(QualityFlag.Kind.TOO_FAST, "", {"seconds": round(seconds), "answers": answered})]


def same_answers(form: Readable, answers: Answers) -> list[Raised]:
    """Return a flag where all questions that share a list of choices have the same answer."""
    by_list: dict[str, list[str]] = {}
    for path, question in form.questions.items():
        chosen = question.get("items")
        if question["control"] not in {"select_one", "faces"} or not chosen:
            continue
        texts = [(e.text or "").strip() for e in answers.at(path)]
        by_list.setdefault(chosen["list"], []).extend(t for t in texts if t)
    return [
        Raised(QualityFlag.Kind.SAME_ANSWERS, "", {"answer": given[0], "times": len(given)})
        for given in by_list.values()
        if len(given) >= SAME_AT_LEAST and len(set(given)) == 1
    ][:1]


def outside_hours(rules: CollectionRules, began: datetime | None) -> list[Raised]:
    """Return a flag for a record begun outside working hours, in Phnom Penh's time."""
    if began is None:
        return []
    hour = began.astimezone(PHNOM_PENH).hour
    if rules.from_hour <= hour < rules.to_hour:
        return []
    return [Raised(QualityFlag.Kind.OUTSIDE_HOURS, "", {"hour": hour})]


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the great-circle distance between two (latitude, longitude) points."""
    (a, b), (c, d) = (tuple(map(math.radians, p)) for p in (one, other))
    h = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(h))


def far_away(
    form: Readable, answers: Answers, place: Place | None, rules: CollectionRules
) -> list[Raised]:
    """Return a flag for a point recorded far from the commune that the record is about."""
    if place is None or place.latitude is None or place.longitude is None:
        return []
    for path, question in form.questions.items():
        if question["control"] != "geopoint":
            continue
        point = _point(answers.text(path))
        if point is None:
            continue
        away = kilometres(point, (place.latitude, place.longitude))
        if away > rules.far_km:
            return [Raised(QualityFlag.Kind.FAR_AWAY, path, {"km": round(away)})]
    return []


def _point(text: str) -> tuple[float, float] | None:
    try:
        latitude, longitude = (float(part) for part in text.split()[:2])
    except ValueError:
        return None
    return latitude, longitude


def duplicates(submission: Submission, fingerprint: str, around: Around) -> list[Raised]:
    """Return a flag where another record of the form holds exactly the same answers."""
    twin = around.same_as(submission, fingerprint) if fingerprint else ""
    return [Raised(QualityFlag.Kind.DUPLICATE, "", {"other": twin})] if twin else []


def bad_media(submission: Submission, form: Readable, answers: Answers) -> list[Raised]:
    """Return flags for files whose first bytes are not what the question asked for."""
    files = {a.name: a for a in submission.attachments.all() if a.edit_id == submission.current_id}
    flags = []
    for path, question in form.questions.items():
        wanted = _MEDIA.get(question["control"])
        if wanted is None:
            continue
        for element in answers.at(path):
            file = files.get((element.text or "").strip())
            if file is not None and not file.looks_like.startswith(wanted):
                about = {"name": file.name, "looks_like": file.looks_like}
                flags.append(Raised(QualityFlag.Kind.BAD_MEDIA, path, about))
                break
    return flags


def missing_media(submission: Submission, form: Readable, answers: Answers) -> list[str]:
    """Return files that the record names and that have not come yet."""
    here = {a.name for a in submission.attachments.all() if a.edit_id == submission.current_id}
    named = [
        (element.text or "").strip()
        for path, question in form.questions.items()
        if question["control"] in {"image", "audio", "unsupported"}
        and "binary" in form.binds.get(path, {}).get("type", "")
        for element in answers.at(path)
    ]
    return [name for name in named if name and name not in here]


def drawn_for_call_back(submission: Submission, percent: int) -> bool:
    """Draw at random whether a record is called back.

    Nobody can foresee it, and asking again gives the same answer.
    """
    seed = f"{settings.SECRET_KEY}:call-back:{submission.pk}".encode()
    draw = int.from_bytes(hashlib.sha256(seed).digest()[:8], "big") / 2**64
    return draw * 100 < percent
