from django.apps import AppConfig


class HotlineConfig(AppConfig):
    """The hotline: standards, reports and requests by telephone."""

    name = "surveys.hotline"
    label = "hotline"

    def ready(self) -> None:
        """Register the recordings and the number of the hotline for other packages."""
        from surveys import recordings
        from surveys.hotline import recordings_for_app

        recordings.offer(recordings_for_app.recordings)
        recordings.offer_number(recordings_for_app.number)
        recordings.offer_keys(recordings_for_app.keys)

        from accounts.worklist import add_counter
        from surveys.hotline import counts

        add_counter(counts.counts)

        from sealing import Purpose
        from sealing.columns import holds_sealed
        from surveys.hotline.models import Line, TextMessage

        holds_sealed(Line, "sealed_tokens", Purpose.CONTACT, many=True)
        holds_sealed(TextMessage, "sealed_number", Purpose.CONTACT)
