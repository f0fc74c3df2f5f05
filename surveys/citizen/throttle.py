"""Limits of messages per address: wide, because villages share one; counted for minutes only.

The limit of guessed codes is narrow and counts wrong codes only. For sealed reports nothing is
stored, not even a count: their limit is in the memory of the process.
"""

from typing import Final

from throttling.limits import ForgetfulLimit, Limit

SENDING: Final = Limit("citizen:sending", most=300, minutes=60)
WRONG_CODES: Final = Limit("citizen:wrong-codes", most=20, minutes=15)
REPORTS: Final = ForgetfulLimit("citizen:reports", most=120, minutes=60)
