"""Small makers of what submission tests need."""

from uuid import uuid4

from accounts.models import Programme, User
from surveys.forms.publishing import prepare, publish, save_draft
from surveys.forms.tablets import make_tablet
from surveys.models import AppUser, Form

SMALL = """
| survey |
| | type | name | label::Khmer (km) | label::English (en) | relevant | constraint | required |
| | start | start |
| | end | end |
| | username | username |
| | integer | age | អាយុ | Age | | . >= 0 and . <= 120 | yes |
| | select_one yes_no | happy | សប្បាយ | Happy? | ${age} > 5 | | |
| | image | photo | រូបថត | Photo | | | |
| | text | note | កំណត់ | Note | | | |
| choices |
| | list_name | name | label::Khmer (km) | label::English (en) |
| | yes_no | yes | បាទ | Yes |
| | yes_no | no | ទេ | No |
| settings |
| | form_title | form_id | version | default_language |
| | Small | small | 1 | Khmer (km) |
"""


def programme(code: str = "test") -> Programme:
    return Programme.objects.create(code=code, name_km="សាកល្បង", name_en="Test")


def published(where: Programme, text: str = SMALL, by: User | None = None) -> Form:
    prepared = prepare(text.encode(), "md")
    draft = save_draft(programme=where, prepared=prepared, by=by)
    publish(form=draft.form, by=by)
    return Form.objects.get(pk=draft.form_id)


def tablet(where: Programme, name: str = "Tablet 1", **more: object) -> tuple[AppUser, str]:
    return make_tablet(programme=where, name=name, by=None, **more)  # type: ignore[arg-type]


def record(
    *,
    instance: str | None = None,
    form: str = "small",
    version: str = "1",
    answers: str = "<age>31</age><happy>yes</happy><photo/><note>ល្អ</note>",
    replaces: str = "",
    orx: bool = True,
) -> bytes:
    instance = instance or f"uuid:{uuid4()}"
    prefix = "orx:" if orx else ""
    deprecated = f"<{prefix}deprecatedID>{replaces}</{prefix}deprecatedID>" if replaces else ""
    return (
        f'<data xmlns:orx="http://openrosa.org/xforms" id="{form}" version="{version}">'
        f"<start>2026-11-20T09:00:00.000+07:00</start><end>2026-11-20T09:20:00.000+07:00</end>"
        f"<username/>{answers}"
        f"<{prefix}meta><{prefix}instanceID>{instance}</{prefix}instanceID>{deprecated}</{prefix}meta>"
        "</data>"
    ).encode()
