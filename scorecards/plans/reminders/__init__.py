"""Reminders: what is due to whom, written once into a ledger, sent once, never at night.

``due``        pure arithmetic: which reasons to write hold today
``collect``    writes them into the ledger; a reason that was written before is not written again
``send``       makes one message a person and day of them, claims it, hands it to its channel
``telephone``  messages that a person passes on by telephone
``texts``      the words
"""
