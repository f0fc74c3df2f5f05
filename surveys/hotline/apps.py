from django.apps import AppConfig


class HotlineConfig(AppConfig):
    """The same by telephone."""

    name = "surveys.hotline"
    label = "hotline"

    def ready(self) -> None:
        """Lend the recordings and the number to whoever wants to be heard."""
        from surveys import voice
        from surveys.hotline import aloud

        voice.offer(aloud.recordings)
        voice.offer_number(aloud.number)
