"""Languages that the hotline offers to callers: opened and closed by a person, never by itself."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.permissions import may
from audit import trail
from pages.templatetags.khmer import digits
from surveys.hotline import content, script
from surveys.hotline.models import Clip, Language


def missing(language: Language) -> int:
    """Count the lines of the script without a recording or machine voice in this language."""
    return sum(entry.state == "missing" for entry in script.entries(language))


@transaction.atomic
def open_language(*, language: Language, by: User, incomplete: bool = False) -> Language:
    """Offer a language to callers, from the next call on.

    Raises ValidationError while its own name is not recorded in it, because nobody could choose it,
    and while anything else is missing, unless ``incomplete`` says that the person knows: such steps
    are said in another open language. Raises PermissionDenied.
    """
    locked = _locked(language, by)
    name = Clip.objects.filter(language=locked, name=f"language.{locked.code}", replaced_at=None)
    if not name.exists():
        raise ValidationError(
            _("Record the name of this language first: callers choose it by its name.")
        )
    left = missing(locked)
    if left and not incomplete:
        raise ValidationError(
            ngettext(
                "%(n)s line is not recorded yet. Record it, or say that callers may hear it "
                "in another language.",
                "%(n)s lines are not recorded yet. Record them, or say that callers may hear "
                "them in another language.",
                left,
            )
            % {"n": digits(left)}
        )
    return _set(locked, by, is_open=True, missing=left)


@transaction.atomic
def close_language(*, language: Language, by: User) -> Language:
    """Close a language for callers; the last one stays open. Raises ValidationError."""
    locked = _locked(language, by)
    if not Language.objects.filter(is_open=True).exclude(pk=locked.pk).exists():
        raise ValidationError(
            _("The hotline needs one language. Open another language to callers first.")
        )
    return _set(locked, by, is_open=False)


def _locked(language: Language, by: User) -> Language:
    """Lock all languages, so that two people cannot close the last two at the same time."""
    if not may(by, "hotline.edit"):
        raise PermissionDenied
    every = Language.objects.select_for_update().order_by("pk")
    return {row.pk: row for row in every}[language.pk]


def _set(language: Language, by: User, *, is_open: bool, missing: int = 0) -> Language:
    if language.is_open != is_open:
        language.is_open = is_open
        language.save(update_fields=["is_open"])
        trail.record(
            by=by,
            verb="hotline.language_opened" if is_open else "hotline.language_closed",
            subject=language,
            after={"language": language.code, "is_open": is_open, "missing": missing},
        )
        transaction.on_commit(content.forget)
    return language
