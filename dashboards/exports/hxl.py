"""Write released rows as CSV with a row of HXL hashtags, which humanitarian tools read.

The Humanitarian Exchange Language 1.1: the first row names the columns for people, the second
holds a hashtag with attributes for each column, values follow. https://hxlstandard.org
"""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

LEVEL_TAGS: Final = {"province": "#adm1", "district": "#adm2", "commune": "#adm3"}
FIXED_TAGS: Final = {
    "period": "#date+quarter",
    "provider_kind": "#service+type+code",
    "service": "#service+code",
    "indicator": "#indicator+code",
}
"""The question of the file: the same value in every row."""
PLACE_TAGS: Final = {"code": "+code", "name_km": "+name+i_km", "name_latin": "+name+i_en"}
FIGURE_TAGS: Final = {
    "met": "#indicator+met+num",
    "judged": "#indicator+judged+num",
    "share": "#indicator+share+num",
    "low": "#indicator+share+min+num",
    "high": "#indicator+share+max+num",
    "standing": "#status+compared",
    "arrow": "#status+change",
}


def hxl_csv(level: str, fixed: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Write one row for each place of ``level``; a value that is not released is empty."""
    tags = {name: LEVEL_TAGS[level] + attributes for name, attributes in PLACE_TAGS.items()}
    tags |= FIXED_TAGS | FIGURE_TAGS
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(tags)
    writer.writerow(tags.values())
    for row in rows:
        values = {**fixed, **row}
        writer.writerow(["" if values[name] is None else values[name] for name in tags])
    return out.getvalue()
