"""Sessions of Central's clients in the list of one's own sessions."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.sign_ins import SignIn, Source
from surveys.openrosa.models import Session


def _listed(user: User) -> Iterable[SignIn]:
    for row in Session.objects.alive().filter(user=user):
        if row.stands():
            name = _("A program (pyodk, R or the like)")
            yield SignIn("program", str(row.pk), name, row.created_at, row.created_at)


def _end(user: User, number: str) -> bool:
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return False
    return bool(Session.objects.filter(user=user, pk=int(number)).delete()[0])


SOURCE = Source(_listed, _end)
