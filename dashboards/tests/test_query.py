from urllib.parse import parse_qsl

from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboards.query import SORTS, Choices, Query, read_query

CHOICES = Choices(
    periods={"2026-Q3": "Quarter 3", "2026-Q2": "Quarter 2"},
    kinds={"commune": "Commune hall", "police": "Police post"},
    services={"commune": {"birth": "Birth"}, "police": {"id-card": "Identity card"}},
    indicators={"commune": {"CA-C1": "Fee", "CA-C2": "Time"}, "police": {"CA-C1": "Fee"}},
    provinces={"01": "Banteay Meanchey", "12": "Phnom Penh"},
)


# How fast examples are drawn says how busy the machine is, not how the question is read.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.builds(
        Query,
        period=st.sampled_from(["2026-Q3", "2026-Q2"]),
        kind=st.just("commune"),
        service=st.sampled_from(["", "birth"]),
        indicator=st.sampled_from(["CA-C1", "CA-C2"]),
        province=st.sampled_from(["", "01", "12"]),
        commune=st.sampled_from(["", "010201"]),
        sort=st.sampled_from([*SORTS, *(f"-{s}" for s in SORTS)]),
        page=st.integers(1, 99),
    )
)
def test_a_question_comes_back_from_its_address_unchanged(query):
    assert read_query(dict(parse_qsl(query.encoded())), CHOICES) == (query, ())


def test_an_empty_address_asks_the_newest_period_and_the_first_indicator():
    query, complaints = read_query({}, CHOICES)
    assert query == Query("2026-Q3", "commune", "", "CA-C1")
    assert complaints == ()


def test_each_part_not_understood_is_named_and_the_rest_is_kept():
    given = {
        "period": "1999", "kind": "police", "service": "birth", "indicator": "CA-C2",
        "province": "01", "commune": "12", "sort": "colour", "page": "-3",
    }  # fmt: skip
    with translation.override("en"):
        query, complaints = read_query(given, CHOICES)
    assert query == Query("2026-Q3", "police", "", "CA-C1", "01")
    assert len(complaints) == 6
    assert any("“birth” is not a service" in c and "all" in c for c in complaints)


def test_khmer_digits_are_digits():
    query, complaints = read_query({"page": "២", "period": "២០២៦-Q2"}, CHOICES)
    assert (query.page, query.period, complaints) == (2, "2026-Q2", ())


def test_a_changed_question_starts_on_its_first_page():
    assert Query(page=7).turned(province="01").page == 1
    assert Query(province="01").turned(page=3) == Query(province="01", page=3)


def test_with_nothing_scored_there_is_nothing_to_choose_and_no_error():
    query, _ = read_query({"period": "2026"}, Choices())
    assert query.period == ""
    assert Choices().is_empty
