"""Quarterly alerts: one message per person about clear changes and commitments not kept.

``content``        what an alert says of a place: crossings that held two quarters, commitments
``prepare``        writes one message a person into the ledger of reminders; ``reminders.send``
                   sends it as any other: by day, once
``subscriptions``  subscribe, pause, stop; signed links for people who are not signed in
``texts``          the words
"""
