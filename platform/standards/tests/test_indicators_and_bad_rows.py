"""Indicators are added on pages; a standard that a channel cannot say is named on a page."""

from datetime import date

import pytest
from django.core.cache import cache
from django.urls import reverse

from standards.models import Indicator, IndicatorKind, Standard
from standards.row_by_row import left_out, made_of_each
from standards.tests.factories import provider, standard
from standards.tests.test_editing import copy, editor_of, english

__all__ = ["copy", "english"]

pytestmark = pytest.mark.django_db

NEW = {
    "code": "CA-P9",
    "kind": IndicatorKind.PERCEPTION,
    "provider_kinds": ["commune", "police"],
    "name_km": "ការស្វាគមន៍",
    "name_en": "Welcome",
    "measured_as_km": "មធ្យមភាគ",
    "measured_as_en": "mean of the votes",
}


def test_an_indicator_that_people_vote_on_is_added_and_stands_last(english):
    editor_of(english)
    answer = english.post(reverse("standards:add_indicator"), NEW)
    assert answer.status_code == 302
    added = Indicator.objects.get(code="CA-P9")
    assert (added.kind, added.provider_kinds) == ("perception", ["commune", "police"])
    assert Indicator.objects.last() == added
    page = english.get(reverse("standards:edit_indicators")).content.decode()
    assert "Welcome" in page
    assert "Add an indicator" in page
    words = english.get(reverse("standards:edit_indicator", args=["CA-P9"])).content.decode()
    assert 'name="kind"' not in words, "what it is found out by stays"


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": IndicatorKind.COMPLIANCE},  # how one is computed from cases is the method
        {"code": "welcome"},
        {"code": "ca-p9"},
        {"provider_kinds": []},
        {"provider_kinds": ["bank"]},
        {"name_km": ""},
    ],
)
def test_what_no_form_or_method_knows_is_refused_and_nothing_typed_is_lost(english, changes):
    editor_of(english)
    answer = english.post(reverse("standards:add_indicator"), NEW | changes)
    assert answer.status_code == 422
    assert "mean of the votes" in answer.content.decode()
    assert not Indicator.objects.filter(code__iexact="CA-P9").exists()


def test_the_code_of_another_indicator_is_refused(english):
    editor_of(english)
    english.post(reverse("standards:add_indicator"), NEW)
    assert english.post(reverse("standards:add_indicator"), NEW).status_code == 422


def test_a_standard_that_cannot_be_said_is_named_with_what_to_do(english, copy):
    editor_of(english)
    where = reverse("standards:edit_services")

    def fails(row):
        raise ValueError(row)

    made_of_each([copy], fails, channel="hotline")
    made_of_each([copy], fails, channel="app")
    page = english.get(where).content.decode()
    assert "people do not see this standard everywhere" in page
    assert "app, the hotline" in page
    assert reverse("standards:edit_service", args=[copy.service.code]) in page
    made_of_each([copy], str, channel="app")
    assert left_out(Standard) == {copy.pk: ["hotline"]}
    made_of_each([copy], str, channel="hotline")
    assert "everywhere" not in english.get(where).content.decode()
    cache.clear()
    assert left_out(Standard) == {}


@pytest.mark.parametrize("typed", ["ស្តៅ", "ស្ដៅ", "sdau", "SDAU"])
def test_an_office_is_found_however_its_name_is_spelled(english, copy, typed):
    """Coeng ta and coeng da look alike."""
    editor_of(english)
    names = {"name_km": "មណ្ឌលសុខភាពស្តៅ", "name_en": "Sdau health centre"}
    office = provider("hc-1", "health_centre", "01", **names)
    other = provider("hc-2", "health_centre", "01", name_km="បឹងកេងកង", name_en="Boeng Keng")
    for at in (office, other):
        standard(copy.service, provider=at, fee=500, valid_from=date(2025, 1, 1))
    page = english.get(reverse("standards:edit_service", args=[copy.service.code]), {"q": typed})
    assert [row.provider for row in page.context["posted"]] == [office]
    none = english.get(reverse("standards:edit_service", args=[copy.service.code]), {"q": "ពោធិ៍"})
    assert list(none.context["posted"]) == []
