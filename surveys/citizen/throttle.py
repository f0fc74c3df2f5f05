"""Limits of messages per address: wide, because villages share one; for minutes only.

The guessing of codes is narrow, and it counts wrong codes alone. Of reports that only the keeper
may read nothing is kept, not even a count: theirs is in the memory of the process.
"""

from typing import Final

from throttling.limits import ForgetfulLimit, Limit

SENDING: Final = Limit("citizen:sending", most=300, minutes=60)
WRONG_CODES: Final = Limit("citizen:wrong-codes", most=20, minutes=15)
REPORTS: Final = ForgetfulLimit("citizen:reports", most=120, minutes=60)
