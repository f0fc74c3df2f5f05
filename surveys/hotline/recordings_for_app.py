"""The hotline's recordings for other channels: the same facts, spoken by the same clips."""

from collections.abc import Iterable, Iterator
from typing import Final

from django.urls import reverse

from surveys.hotline import content, menu, numbers, sound, speech
from surveys.hotline.models import Line, Rendered

_PROMPTS: Final = (
    "service.choose",
    "option.choose",
    "tell.thanks",
    "request.promised",
    "request.late",
    "request.nodate",
    "request.closed",
    "fee.unknown",
    "days.unknown",
    "papers.unknown",
)


def recordings(language: str) -> dict[str, str]:
    """Return the addresses of answers that can be played in this language without a gap.

    An answer of which one clip is missing is left out: half a price misleads.
    """
    loaded = content.content()
    addresses = {}
    for name, answer in _answers(loaded):
        clips = numbers.counted_in(language, list(answer))
        if all((language, clip) in loaded.clips for clip in clips):
            joined = sound.plan([(clip, loaded.clips[language, clip][0]) for clip in clips])
            Rendered.objects.get_or_create(
                sha256=joined.sha256, defaults={"parts": list(joined.parts)}
            )
            addresses[name] = reverse("hotline:audio", args=[joined.sha256])
    return addresses


def number() -> str:
    """Return the number that citizens dial, "" before there is one."""
    lines = Line.objects.filter(is_open=True).exclude(company=Line.Company.SIMULATOR)
    return str(lines.order_by("pk").values_list("number", flat=True).first() or "")


def keys(services: Iterable[str]) -> dict[str, str]:
    """Return the keys that lead to the price of each of these services, by its code."""
    facts = content.content().facts
    keys_of = {service: menu.keys_to(service, facts) for service in services}
    return {service: pressed for service, pressed in keys_of.items() if pressed}


def _answers(loaded: content.Content) -> Iterator[tuple[str, tuple[str, ...]]]:
    for prompt in (*_PROMPTS, *(p for p in content.prompts() if p.startswith("app."))):
        yield f"say:{prompt}", (prompt,)
    for n in range(1, 10):
        yield f"number:{n}", tuple(numbers.fragments(n))
    for service in loaded.facts.services:
        yield f"service:{service.code}", (f"service.{service.code}",)
        for option in service.options:
            name = f"{service.code}:{option.code}"
            yield f"option:{option.code}", (f"option.{option.code}",)
            yield f"fee:{name}", speech.fee(option)
            yield f"days:{name}", speech.days(option)
            yield f"papers:{name}", speech.papers(option)
            for paper in option.papers or ():
                yield f"paper:{paper}", (f"document.{paper}",)
