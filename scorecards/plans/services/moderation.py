"""Decide which texts and photos of plans the public sees."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import check
from accounts.models import User
from audit import trail
from scorecards.plans.models import Action, EventKind, Evidence, Moderation, Reply
from scorecards.plans.services.events import note
from scorecards.plans.services.progress import demand, locked


def _decided(decision: str) -> str:
    if decision not in (Moderation.SHOWN, Moderation.HIDDEN):
        raise ValidationError(_("Choose whether it may be shown."))
    return decision


@transaction.atomic
def moderate_action(*, by: User, action: Action, decision: str) -> Action:
    """Let the public read the wording of an action, or hide it; the same again changes nothing."""
    action = locked(action)
    demand("plans.moderate", action, by)
    if action.moderation == _decided(decision):
        return action
    before, action.moderation = action.moderation, decision
    action.save(update_fields=["moderation"])
    note(action, by=by, kind=EventKind.MODERATED)
    trail.record(
        by=by,
        verb="plan.text_moderated",
        subject=action,
        place_code=action.commune_id,
        before={"moderation": before},
        after={"moderation": decision},
    )
    return action


@transaction.atomic
def moderate_evidence(*, by: User, evidence: Evidence, decision: str) -> Evidence:
    """Let the public see a photo, document or note, or hide it."""
    evidence = (
        Evidence.objects.select_for_update(of=("self",))
        .select_related("action__plan")
        .get(pk=evidence.pk)
    )
    demand("plans.moderate", evidence.action, by)
    if evidence.moderation == _decided(decision):
        return evidence
    before, evidence.moderation = evidence.moderation, decision
    evidence.save(update_fields=["moderation"])
    trail.record(
        by=by,
        verb="plan.evidence_moderated",
        subject=evidence.action,
        place_code=evidence.action.commune_id,
        before={"evidence": evidence.pk, "moderation": before},
        after={"evidence": evidence.pk, "moderation": decision},
    )
    return evidence


@transaction.atomic
def moderate_reply(*, by: User, reply: Reply, decision: str) -> Reply:
    """Let the public read an office's reply, or hide its text; that it answered stays visible."""
    reply = Reply.objects.select_for_update().get(pk=reply.pk)
    check(by, "plans.moderate", place=reply.commune_id)
    if reply.moderation == _decided(decision):
        return reply
    before, reply.moderation = reply.moderation, decision
    reply.save(update_fields=["moderation"])
    trail.record(
        by=by,
        verb="plan.reply_moderated",
        subject=reply,
        place_code=reply.commune_id,
        before={"moderation": before},
        after={"moderation": decision},
    )
    return reply
