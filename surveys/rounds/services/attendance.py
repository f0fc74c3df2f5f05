"""Attendance as it is reported: people of a meeting or session, by group."""

from dataclasses import dataclass


@dataclass(slots=True)
class ReportedAttendance:
    """Numbers of people, in all and by group; None is "not counted"."""

    people: int | None = None
    women: int | None = None
    men: int | None = None
    other_sex: int | None = None
    children: int | None = None
    youth: int | None = None
    adults: int | None = None
    elders: int | None = None
    poor_card: int | None = None
    disability: int | None = None
    minority: int | None = None
