"""Questions and answers of citizens for the channels (``surveys.commitments``)."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from scorecards.plans import services
from scorecards.plans.models import Action, Moderation, State
from surveys.commitments import AnswerRefusedError, Counted, Question


class Commitments:
    """The agreed actions of plans, as the channels ask about them."""

    def find(self, code: str) -> Question | None:
        """Return the question of this code, None where nothing waits for an answer under it."""
        action = _asked().filter(call_code=code).first()
        return _question(action) if action else None

    def commune_of(self, code: str) -> str:
        """Return the commune of the commitment of this code, "" where there is none."""
        rows = Action.objects.agreed().filter(call_code=code)
        return rows.values_list("commune_id", flat=True).first() or ""

    def asked_in(
        self, places: Sequence[str], *, programme: int | None, most: int
    ) -> list[Question]:
        """Return actions reported done in these places, oldest report first."""
        if not places:
            return []
        there = Q()
        for place in places:
            there |= Q(commune__code__startswith=place)
        rows = _asked().filter(there, state=State.SAID_DONE)
        if programme is not None:
            rows = rows.filter(Q(plan__programme=programme) | Q(plan__programme=None))
        return [_question(action) for action in rows.order_by("said_done_on", "pk")[:most]]

    def standing(self, commune: str) -> tuple[int, int]:
        """Count a commune's commitments: (made, confirmed by citizens), without dropped ones."""
        rows = Action.objects.agreed().filter(commune=commune).exclude(state=State.DROPPED)
        totals = rows.aggregate(
            made=Count("pk"), confirmed=Count("pk", filter=Q(state=State.CONFIRMED))
        )
        return totals["made"], totals["confirmed"]

    def answer(self, *, code: str, kind: str, channel: str, person: str, network: str) -> bool:
        """Store what one citizen says; False where this person answered this report before."""
        action = _asked().filter(call_code=code).first()
        if action is None:
            raise AnswerRefusedError(_("Nobody has reported this as done yet."))
        try:
            return services.answer_as_citizen(
                action=action, kind=kind, channel=channel, person=person, network=network
            )
        except ValidationError as error:
            raise AnswerRefusedError(error.messages[0]) from error

    def follow_up(
        self, *, by: User | None, code: str, claim: int, counted: Counted, batch: str
    ) -> bool:
        """Store what the people of a meeting say; False where ``batch`` was stored before."""
        action = Action.objects.agreed().select_related("plan").filter(call_code=code).first()
        if action is None:
            raise AnswerRefusedError(_("There is no commitment with this code."))
        try:
            return services.follow_up_of_tablet(
                by=by, action=action, claim=claim, counted=counted, batch=batch
            )
        except ValidationError as error:
            raise AnswerRefusedError(error.messages[0]) from error


def _asked() -> QuerySet[Action]:
    rows = Action.objects.agreed().filter(state__in=(State.SAID_DONE, State.CONFIRMED))
    return rows.select_related("plan", "office")


def _question(action: Action) -> Question:
    return Question(
        code=action.call_code,
        commune=action.commune_id,
        number=action.number,
        due=action.due_on,
        text=action.activity if action.moderation == Moderation.SHOWN else "",
        office=action.office.name if action.office else "",
        claim=action.claim,
    )
