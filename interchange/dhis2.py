"""DHIS2's API: released figures as data value sets.

https://docs.dhis2.org/en/develop/using-the-api/dhis-core-version-master/data.html

Places and data elements are named by their codes: a commune by its official code, a data element by
``INDICATOR.KIND.MET`` and ``INDICATOR.KIND.JUDGED`` (all services together; both are rounded to
multiples of three, so no share is sent that people would take for exact). Sent again, a value
replaces itself. A figure that was withdrawn or is no longer printed is deleted there.
"""

import base64
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from interchange.remote import Remote, RemoteError
from scorecards.reading import scores

LEVELS = ("commune", "district", "province")
BATCH = 5000
CODES = {
    "dataElementIdScheme": "CODE",
    "orgUnitIdScheme": "CODE",
    "dataSetIdScheme": "CODE",
    "idScheme": "CODE",
}

Key = tuple[str, str]
"""Code of a data element, code of a place."""


class Dhis2:
    """One DHIS2; the secret is a personal access token (``d2pat_…``) or name:password."""

    def __init__(self, address: str, data_set: str, secret: str) -> None:
        self.data_set = data_set
        if secret.startswith("d2pat_"):
            header = f"ApiToken {secret}"
        else:
            header = "Basic " + base64.b64encode(secret.encode()).decode()
        self.remote = Remote(address, {"Authorization": header})

    def push(self, period: str, values: dict[Key, int], before: Iterable[Key]) -> int:
        """Send a quarter's values and delete those that are gone; return how many were sent."""
        gone = sorted(set(before) - values.keys())
        self._send("DELETE", period, dict.fromkeys(gone, 0))
        self._send("CREATE_AND_UPDATE", period, values)
        return len(values)

    def _send(self, strategy: str, period: str, values: dict[Key, int]) -> None:
        rows = [
            {"dataElement": element, "orgUnit": place, "value": str(value)}
            for (element, place), value in sorted(values.items())
        ]
        for start in range(0, len(rows), BATCH):
            batch = [{**row, "period": quarter(period)} for row in rows[start : start + BATCH]]
            answer = self.remote.json(
                "POST",
                "api/dataValueSets",
                accept=(409,),  # values in conflict are named in the answer
                params={**CODES, "importStrategy": strategy},
                json={"dataSet": self.data_set, "dataValues": batch},
            )
            _refuse_conflicts(answer)


def _refuse_conflicts(answer: dict[str, Any]) -> None:
    """Raise RemoteError with DHIS2's own sentence where it took only a part."""
    # until 2.37 the summary itself, since then inside "response"
    summary = answer.get("response", answer)
    conflicts = summary.get("conflicts") or []
    ignored = summary.get("importCount", {}).get("ignored", 0)
    if conflicts or ignored or "ERROR" in {answer.get("status"), summary.get("status")}:
        first = conflicts[0] if conflicts else {}
        text = first.get("value") or summary.get("description") or answer.get("message")
        why = str(text or "")[:200]
        raise RemoteError(
            _("DHIS2 did not take %(count)s values: %(why)s")
            % {"count": ignored or len(conflicts), "why": why}
        )


def quarter(period: str) -> str:
    """Return a quarter as DHIS2 writes it: 2026Q3."""
    return period.replace("-", "")


def released(period: str) -> dict[Key, int]:
    """Return the released numbers of a quarter, as anybody may read them."""
    rows = scores.everything(None, period)
    wanted = rows[
        (rows["service"] == "")
        & (rows["provider_id"] == 0)
        & ~rows["self_assessment"].astype(bool)
        & rows["level"].isin(LEVELS)
        & rows["status"].isin(["full", "pale"])
        & rows["rounded"].astype(bool)
    ]
    numbers: dict[Key, int] = {}
    for row in wanted.dropna(subset=["numerator", "denominator"]).to_dict("records"):
        name, place = f"{row['indicator']}.{row['provider_kind']}", str(row["place_code"])
        numbers[f"{name}.MET", place] = int(row["numerator"])
        numbers[f"{name}.JUDGED", place] = int(row["denominator"])
    return numbers
