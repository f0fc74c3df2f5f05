"""The documents we answer with: the part of TwiML that Somleng and Twilio both execute.

Only Gather, Play, Redirect, Reject and Hangup; absolute ASCII addresses; compact; the
trailing Redirect serves engines that do not report an empty Gather.
"""

from twilio.twiml.voice_response import Gather, VoiceResponse

FIRST_WAIT = 6
LATER_WAIT = 8


def gather(*, action: str, play: str, wanted: int, waited: bool = False) -> str:
    """Play ``play`` ("" for nothing) and wait for ``wanted`` keys, then come back to ``action``."""
    answer = VoiceResponse()
    keys = Gather(
        input=None,
        num_digits=wanted,
        finish_on_key="",
        timeout=LATER_WAIT if waited else FIRST_WAIT,
        action_on_empty_result=True,
        method="POST",
        action=action,
    )
    if play:
        keys.play(play)
    answer.append(keys)
    answer.redirect(f"{action}?noinput=1", method="POST")
    return str(answer)


def last(play: str = "") -> str:
    """Play ``play`` and hang up."""
    answer = VoiceResponse()
    if play:
        answer.play(play)
    answer.hangup()
    return str(answer)


def reject(*, busy: bool) -> str:
    """Write a rejection, which costs nobody anything: as busy (we call back), or declined."""
    answer = VoiceResponse()
    answer.reject(reason="busy" if busy else "rejected")
    return str(answer)


def nothing() -> str:
    """Return an empty document: received, nothing to do."""
    return str(VoiceResponse())
