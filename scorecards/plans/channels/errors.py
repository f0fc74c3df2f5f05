"""Errors of handing a message to a channel."""


class ChannelError(Exception):
    """Sending did not work now; try again later."""


class UnclearError(ChannelError):
    """The connection broke after the message was handed over: it may have been taken."""


class CannotTellError(ChannelError):
    """This channel cannot tell which messages it accepted."""


class RefusedError(ChannelError):
    """This address will never take a message."""
