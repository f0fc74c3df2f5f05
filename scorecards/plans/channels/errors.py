"""What can go wrong when a message is handed to a channel."""


class ChannelError(Exception):
    """It did not work now; try again later."""


class RefusedError(ChannelError):
    """This address will never take a message."""
