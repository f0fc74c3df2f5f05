from django.apps import AppConfig


class RoundsConfig(AppConfig):
    """Rounds of social accountability: sessions, meetings, self-assessments, inputs."""

    name = "surveys.rounds"
    label = "rounds"

    def ready(self) -> None:
        """Offer the spreadsheets of rounds and sessions to the importer."""
        from surveys.importing.sheets import Sheet, offer_sheet
        from surveys.rounds import sheets
        from surveys.rounds.services.past import PastScore
        from surveys.rounds.services.plan import PlannedRound
        from surveys.rounds.services.sessions import ReportedSession

        offer_sheet(Sheet("rounds", sheets.ROUNDS, sheets.record_round_rows, PlannedRound))
        offer_sheet(Sheet("sessions", sheets.SESSIONS, sheets.record_session_rows, ReportedSession))
        offer_sheet(Sheet("scorecards", sheets.PAST_SCORES, sheets.record_past_rows, PastScore))

        from accounts.worklist import add_counter
        from surveys.rounds import counts

        add_counter(counts.counts)
