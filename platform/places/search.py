"""Find places by what a person types: a code, a Khmer name, a Latin name, with small errors.

Names are compared folded (no zero-width spaces, caseless) in the column ``search``, which a trigram
index serves, both for a part of a name and for a name spelled nearly right. Khmer digits are
digits.
"""

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.db.models.functions import Length
from django.utils import timezone

from khmer import digits
from khmer.text import fold
from places.models import Level, Place

LONGEST = 100
"""Most characters of a query that are used; no name is longer."""

NEARLY = 0.45
"""Share of trigrams (0 to 1) from which a name counts as spelled nearly like the query.

Low enough for one wrong letter in a Khmer name of five, high enough that "Siem Reap"
does not bring every Siem."""


FEW = 5
"""The number of exact matches below which similar names are added."""


def find(
    text: str,
    level: str | None = None,
    within: str | None = None,
    limit: int = 20,
) -> list[Place]:
    """Return places that ``text`` may mean, the likeliest first, with the places above them.

    ``level`` keeps to one level, ``within`` to the codes that begin with it. Digits are
    read as the beginning of a code; anything else as a part of a name, and where that
    gives only a few, as a name spelled nearly right. Places that have ended are not
    found. Never raises: no match, no answer.
    """
    words = _folded(text)
    if not words:
        return []
    places = _scope(level, within)
    code = words.replace(" ", "")
    if code.isdecimal():
        by_code = places.filter(code__startswith=code).order_by(Length("code"), "code")
        return with_places_above(list(by_code[:limit]))
    matches = list(named(words, level, within)[:limit])
    # Two letters resemble everything, and signs resemble nothing: neither is searched by
    # similarity.
    if len(matches) < min(FEW, limit) and len(code) > 2:
        have = {place.code for place in matches}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL pg_trgm.word_similarity_threshold = {NEARLY}")
            near = list(nearly_named(words, level, within)[:limit])
        matches += [place for place in near if place.code not in have]
    return with_places_above(matches[:limit])


def with_places_above(places: list[Place]) -> list[Place]:
    """Return the same places with ``parent`` and its parents loaded, in one query.

    A code begins with the codes above it, so they are known without a join; joined, they would be
    fetched for every match before the best are chosen.
    """
    codes = {place.code[:n] for place in places for n in range(2, len(place.code), 2)}
    above = Place.objects.in_bulk(codes) if codes else {}
    for place in [*above.values(), *places]:
        if place.parent_id in above:
            place.parent = above[place.parent_id]
    return places


def named(words: str, level: str | None = None, within: str | None = None) -> QuerySet[Place]:
    """Return places with the folded ``words`` in a name: whole names first, then beginnings."""
    # In the column a bar is before and after each name: "|words|" is a whole name. One or two
    # letters are in half of all names: they are searched only at the beginning of a name.
    part = words if len(words) > 2 else f"|{words}"
    return (
        _scope(level, within)
        .filter(search__contains=part)
        .annotate(
            rank=Case(
                When(search__contains=f"|{words}|", then=Value(0)),
                When(search__contains=f"|{words}", then=Value(1)),
                When(search__contains=f" {words}", then=Value(2)),
                default=Value(3),
                output_field=IntegerField(),
            )
        )
        .order_by("rank", Length("code"), Length("search"), "code")
    )


def nearly_named(
    words: str, level: str | None = None, within: str | None = None
) -> QuerySet[Place]:
    """Return places whose names share most trigrams with the folded ``words``, nearest first."""
    return (
        _scope(level, within)
        .filter(search__trigram_word_similar=words)
        .annotate(nearness=TrigramWordSimilarity(words, "search"))
        .order_by("-nearness", Length("code"), "code")
    )


def resolve(text: str, level: str | None = None, within: str | None = None) -> Place | None:
    """Return the place that ``text`` names for certain: its code, or a name of no other place.

    For forms sent without JavaScript. None where nothing fits or more than one does.
    """
    words = _folded(text)
    code = words.split(" ", 1)[0]
    if code.isdecimal():
        return _scope(level, within).filter(code=code).first()
    if not words:
        return None
    exact = [
        place for place in named(words, level, within)[:2] if getattr(place, "rank", None) == 0
    ]
    return exact[0] if len(exact) == 1 else None


def _folded(text: str) -> str:
    """Fold the search text: Latin digits, without the signs that separate names in the column."""
    return fold(digits.to_ascii(text[:LONGEST]).replace("|", " ").replace("\x00", ""))


def _scope(level: str | None, within: str | None) -> QuerySet[Place]:
    # Codes that have ended are history: records name them, but nobody can choose them any more.
    places = Place.objects.valid_on(timezone.localdate())
    if level:
        places = places.filter(level=Level(level))
    if within:
        places = places.filter(code__startswith=within)
    return places
