"""Errors of handing a message to a channel."""


class ChannelError(Exception):
    """It did not work now; try again later."""


class RefusedError(ChannelError):
    """This address will never take a message."""
