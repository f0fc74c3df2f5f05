"""Decide whether an answer of a citizen counts, by the network it came from.

A browser can be emptied and asked again, so of the answers that one network gives to one report
only so many count (docs/decisions/0034-citizens-close-actions.md). The network is a keyed hash
with the action and the report in it: nothing links answers on different actions.
"""

import ipaddress
from typing import Final

from scorecards.plans.models import Action, Answer, AnswerKind
from sealing import Purpose, keyed_hash

MOST_OF_ONE_NETWORK: Final = {
    AnswerKind.NOT_DONE: 1,
    AnswerKind.HALF: 4,
    AnswerKind.DONE: 4,
    AnswerKind.UNKNOWN: 4,
}
"""Four are fewer than the five people it takes to confirm: no network alone closes an action."""
_IPV6_OF_ONE_CUSTOMER: Final = 56


def network_of(address: str) -> str:
    """Return the network of an address.

    IPv4 as it is, IPv6 without what a customer changes at will.
    """
    try:
        ip_address = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip_address, ipaddress.IPv6Address):
        if ip_address.ipv4_mapped is not None:
            return str(ip_address.ipv4_mapped)
        return str(ipaddress.ip_network((ip_address, _IPV6_OF_ONE_CUSTOMER), strict=False))
    return str(ip_address)


def network_key(action: Action, network: str) -> str:
    """Hash a network so that it is linked to none of its answers on another action or report."""
    if not network:
        return ""
    return keyed_hash(f"network|{network_of(network)}|{action.uuid}|{action.claim}", Purpose.CALLER)


def counts(action: Action, kind: str, key: str) -> bool:
    """Return whether one more answer of this network counts; the action must be locked.

    An answer that came by telephone names no network and always counts.
    """
    if not key:
        return True
    before = Answer.objects.filter(
        action=action, claim=action.claim, kind=kind, network_key=key, counts=True
    )
    return before.count() < MOST_OF_ONE_NETWORK[AnswerKind(kind)]
