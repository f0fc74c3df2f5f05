"""Read the names of places, services and indicators in one query."""

import functools
from collections.abc import Callable
from typing import Any

from django.db.models import Func, QuerySet, TextField, Value
from django.utils import timezone

from dashboards.query import Choices
from dashboards.text import formats
from places.models import Place
from replicas import connection_for_reading
from scorecards.indicators import KINDS
from scorecards.periods import Period
from standards.models import Indicator, ProviderKind, Service

Rows = tuple[tuple[str, ...], ...]


def _services() -> QuerySet[Any, Any]:
    services = Service.objects.offered(timezone.localdate()).filter(provider_kind__in=KINDS)
    return services.values_list("provider_kind", "code", "name_km", "name_en")


def _indicators() -> QuerySet[Any, Any]:
    kinds = Func("provider_kinds", Value(" "), function="array_to_string", output_field=TextField())
    return Indicator.objects.values_list(kinds, "code", "name_km", "name_en")


def _provinces() -> QuerySet[Any, Any]:
    return Place.objects.provinces().values_list("code", "name_km", "name_latin")


REGISTERS: dict[Callable[[], QuerySet[Any, Any]], str] = {
    _services: "kind, code, km, en",
    _indicators: "kinds, code, km, en",
    _provinces: "code, km, latin",
}
"""What can be chosen, and the columns of it."""


@functools.cache
def _worded() -> tuple[str, list[Any]]:
    """Return the query for all registers in SQL.

    Every page runs it, and composing it costs most.
    """
    values: list[Any] = []
    parts = []
    for register, columns in REGISTERS.items():
        sql, own = register().query.sql_with_params()
        parts.append(f"ARRAY(SELECT ARRAY[{columns}]::text[] FROM ({sql}) q ({columns}))")  # noqa: S608
        values += own
    return f"SELECT {', '.join(parts)}", values


def read_registers() -> list[Rows]:
    """Return the rows of every register, in order."""
    with connection_for_reading().cursor() as cursor:
        cursor.execute(*_worded())
        return [tuple(map(tuple, rows)) for rows in cursor.fetchone()]


@functools.lru_cache(maxsize=32)
def named_choices(
    language: str, periods: tuple[Period, ...], rows: Rows, measured: Rows, provinces: Rows
) -> Choices:
    """Return the choices in words of ``language``, the one of the moment.

    They are made once for each set of arguments.
    """
    services: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    for kind, code, km, en in rows:
        services[kind][code] = formats.pick(km, en)
    indicators: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    for kinds, code, km, en in measured:
        for kind in set(kinds.split()) & set(KINDS):
            indicators[kind][code] = formats.pick(km, en)
    return Choices(
        periods={p.code: formats.period_name(p.code) for p in periods},
        kinds={kind: str(ProviderKind(kind).label) for kind in KINDS if indicators[kind]},
        services=services,
        indicators=indicators,
        provinces={code: formats.pick(km, latin) for code, km, latin in provinces},
    )
