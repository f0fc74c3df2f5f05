"""A test call that the hotline makes to itself, to find a fault before a citizen does."""

import re
import uuid
from typing import Final

from django.urls import resolve

import media
from surveys.hotline import call_session, call_state, sound
from surveys.hotline.models import Call, Line, Rendered

KEYS: Final = ("1", "1", "1")
"""Khmer, prices, the first service: the keys of a new caller who wants a price."""


class DeafError(RuntimeError):
    """A caller would not have heard a price."""


def walk(line: Line) -> int:
    """Walk one call to its first price and delete it.

    Return how many milliseconds of sound were played. Raises DeafError where a step had no sound,
    or no price was spoken.
    """
    sid = f"trial-{uuid.uuid4()}"
    try:
        document = call_session.begin(line, sid, "")
        heard = 0
        for key in KEYS:
            heard += _length(document)
            at = call_state.by_sid(line, sid)
            if at is None:
                raise DeafError("the call was declined")
            document = call_session.go_on(at, at.steps_taken, call_session.Heard.read(key, ""))
        heard += _length(document)
        if Call.objects.get(line=line, sid=sid).first_fact_at is None:
            raise DeafError("no price was spoken")
        return heard
    finally:
        # not by rolling back a transaction: this process remembers which sounds are stored
        Call.objects.filter(line=line, sid=sid).delete()


def _length(document: str) -> int:
    """Return milliseconds of the sound that a document plays, joined as when it is fetched."""
    play = re.search(r"<Play>https?://[^/]+(/[^<]+)</Play>", document)
    if play is None:
        raise DeafError("a step had no sound")
    rendered = Rendered.objects.get(sha256=resolve(play[1]).kwargs["sha256"])
    samples = sound.read(media.read(sound.ready(sound.Joined(tuple(rendered.parts)))))
    return len(samples) * 1000 // sound.RATE
