"""Models of the hotline."""

from surveys.hotline.models.bursts import Burst
from surveys.hotline.models.calls import Call, CallBack, Caller, Event, Step, TextMessage, Told
from surveys.hotline.models.lines import Clip, Language, Line, Rendered

__all__ = [
    "Burst",
    "Call",
    "CallBack",
    "Caller",
    "Clip",
    "Event",
    "Language",
    "Line",
    "Rendered",
    "Step",
    "TextMessage",
    "Told",
]
