"""Uploads and exports whose task message was lost: a sweep each minute sends it again."""

from jobs import messages
from surveys.forms import compiling
from surveys.importing import uploads
from surveys.submissions.exports import formats


def send_again() -> int:
    """Send a message for each import, export and form that waits; return how many were sent.

    A second message about running work ends at once (``jobs.counted``). A message that no worker
    takes within a minute expires, when the next sweep sends another.
    """
    count = 0
    for module in (compiling, uploads, formats):
        for pk in module.waiting():
            if not messages.send(module.TASK, pk, expires=messages.SWEEP):
                return count
            count += 1
    return count
