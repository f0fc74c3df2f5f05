"""Days of validity that cannot be right are refused however the row is written."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Membership, Programme
from places.models import Kind, Level, Place
from standards.models import Holiday, Provider, Service, Standard


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1066, 10, 14), date(2569, 3, 1)])
@pytest.mark.parametrize("field", ["valid_from", "valid_to"])
@pytest.mark.parametrize("model", [Place, Provider, Standard])
def test_a_row_valid_from_or_to_an_impossible_day_is_refused(
    model: type, field: str, day: date
) -> None:
    with pytest.raises(ValidationError) as refused:
        model(**{field: day}).clean_fields()
    assert field in refused.value.message_dict


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31)])
@pytest.mark.parametrize(
    ("model", "field"),
    [
        (Holiday, "date"),
        *((m, f) for m in (Membership, Programme) for f in ("starts_on", "ends_on")),
    ],
)
def test_holidays_roles_and_programmes_have_days_that_can_be(
    model: type, field: str, day: date
) -> None:
    with pytest.raises(ValidationError) as refused:
        model(**{field: day}).clean_fields()
    assert field in refused.value.message_dict


@pytest.mark.django_db
def test_a_future_last_day_is_still_valid_and_a_future_first_day_not_yet() -> None:
    for code, first, last in (
        ("01", None, date(2027, 3, 31)),
        ("02", date(2027, 4, 1), None),
        ("03", None, None),
        ("04", None, date(2026, 11, 29)),
    ):
        place = Place.objects.create(
            code=code, level=Level.PROVINCE, kind=Kind.KHET, name_km=code, name_latin=code,
            valid_from=first, valid_to=last,
        )  # fmt: skip
        Provider.objects.create(
            code=f"p{code}", kind="commune", place=place, name_km=code, name_en=code,
            valid_from=first, valid_to=last,
        )  # fmt: skip

    def valid(on: date) -> list[str]:
        return [p.code for p in Place.objects.valid_on(on)]

    assert valid(date(2026, 11, 30)) == ["01", "03"]
    assert valid(date(2027, 3, 31)) == ["01", "03"]
    assert valid(date(2027, 4, 1)) == ["02", "03"]
    for on in (date(2026, 11, 29), date(2026, 11, 30), date(2027, 4, 1)):
        assert [p.code for p in Provider.objects.valid_on(on)] == [f"p{c}" for c in valid(on)]
        assert [p.code for p in Place.objects.all() if p.is_valid(on)] == valid(on)


def test_a_service_retired_in_the_year_1_is_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        Service(retired_on=date(1, 1, 1)).clean_fields()
    assert "retired_on" in refused.value.message_dict
