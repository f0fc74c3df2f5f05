"""The scope of a computation: one commune, one province, or the nation."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Scope:
    """A commune ("010203"), a province ("01") or the nation (""), by its code."""

    code: str

    def __post_init__(self) -> None:
        if len(self.code) not in (0, 2, 6) or (self.code and not self.code.isdigit()):
            raise ValueError(f'"{self.code}" is not the code of a commune or province')

    def lookup(self, prefix: str = "") -> dict[str, Any]:
        """Return lookups of a query on observations."""
        if len(self.code) == 6:
            return {f"{prefix}commune_id": self.code}
        return {f"{prefix}province_code": self.code} if self.code else {}

    def sql(self, table: str, commune: str = "commune_code") -> tuple[str, list[str]]:
        """Return a condition on a table with commune and province codes, and its values."""
        if len(self.code) == 6:
            return f"{table}.{commune} = %s", [self.code]
        if not self.code:
            return "true", []
        # An index on communes finds this range: their codes begin with their province's.
        near = f"{table}.province_code = %s AND {table}.{commune} >= %s AND {table}.{commune} < %s"
        return near, [self.code, self.code, f"{int(self.code) + 1:02d}"]
