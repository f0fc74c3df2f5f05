from surveys.management.commands._importing import ImportCommand
from surveys.models import ImportBatch


class Command(ImportCommand):
    """Imports a spreadsheet of votes; see docs/cases.md for its columns."""

    help = "Import a CSV or XLSX file of votes; the last line printed is JSON with the counts."
    kind = ImportBatch.Kind.VOTES
