"""``$metadata``: the types of everything that the OData feed of a form returns, as CSDL 4.0."""

from xml.sax.saxutils import quoteattr

from surveys.openrosa.central.odata_names import Named, Path, identifier

_EDM = {
    "int": "Edm.Int64",
    "integer": "Edm.Int64",
    "decimal": "Edm.Decimal",
    "date": "Edm.Date",
    "dateTime": "Edm.DateTimeOffset",
    "geopoint": "Edm.GeographyPoint",
    "geotrace": "Edm.GeographyLineString",
    "geoshape": "Edm.GeographyPolygon",
}
SYSTEM = {
    "submissionDate": "Edm.DateTimeOffset",
    "updatedAt": "Edm.DateTimeOffset",
    "deletedAt": "Edm.DateTimeOffset",
    "submitterId": "Edm.String",
    "submitterName": "Edm.String",
    "attachmentsPresent": "Edm.Int64",
    "attachmentsExpected": "Edm.Int64",
    "status": "org.opendatakit.submission.Status",
    "reviewState": "org.opendatakit.submission.ReviewState",
    "deviceId": "Edm.String",
    "edits": "Edm.Int64",
    "formVersion": "Edm.String",
}
"""The fields of ``__system``."""
_STATUS = ("notDecrypted", "missingEncryptedFormData")
_REVIEW = ("hasIssues", "edited", "rejected", "approved")
_EDM_SCHEMA = "http://docs.oasis-open.org/odata/ns/edm"


def metadata(form_id: str, main: Named) -> str:
    """Return the metadata document of a form's tables."""
    space = f"org.opendatakit.user.{identifier(form_id)}"
    types = "".join(_types(one, space) for one in main.all())
    sets = "".join(_entity_set(one, space) for one in main.all())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">'
        f"<edmx:DataServices>{_system_schema()}"
        f'<Schema xmlns="{_EDM_SCHEMA}" Namespace={quoteattr(space)}>{types}'
        f"<EntityContainer Name={quoteattr(identifier(form_id))}>{sets}</EntityContainer>"
        "</Schema></edmx:DataServices></edmx:Edmx>"
    )


def _system_schema() -> str:
    properties = "".join(_property(name, kind) for name, kind in SYSTEM.items())
    enums = _enum("Status", _STATUS) + _enum("ReviewState", _REVIEW)
    return (
        f'<Schema xmlns="{_EDM_SCHEMA}" Namespace="org.opendatakit.submission">'
        f'<ComplexType Name="metadata">{properties}</ComplexType>{enums}</Schema>'
    )


def _enum(name: str, members: tuple[str, ...]) -> str:
    inside = "".join(f'<Member Name="{member}"/>' for member in members)
    return f'<EnumType Name="{name}">{inside}</EnumType>'


def _types(one: Named, space: str) -> str:
    """Return the entity type of a table, and a complex type for each of its groups."""
    inside: dict[Path, list[str]] = {(): [], **{group: [] for group in one.groups()}}
    for group in one.groups():
        inside[group[:-1]].append(_property(group[-1], f"{space}.{_group_name(one, group)}"))
    for column, path in zip(one.table.columns, one.columns, strict=True):
        inside[path[:-1]].append(_property(path[-1], _EDM.get(column.type, "Edm.String")))
    for path, child in one.repeats:
        kind = quoteattr(f"Collection({space}.{child.name})")
        inside[path[:-1]].append(f"<NavigationProperty Name={quoteattr(path[-1])} Type={kind}/>")
    groups = "".join(
        f"<ComplexType Name={quoteattr(_group_name(one, group))}>{''.join(parts)}</ComplexType>"
        for group, parts in inside.items()
        if group
    )
    entity = (
        f"<EntityType Name={quoteattr(one.name)}>"
        '<Key><PropertyRef Name="__id"/></Key><Property Name="__id" Type="Edm.String"'
        f' Nullable="false"/>{_own_properties(one)}{"".join(inside[()])}</EntityType>'
    )
    return entity + groups


def _own_properties(one: Named) -> str:
    if not one.path:
        return _property("__system", "org.opendatakit.submission.metadata")
    return _property(one.parent_id_name, "Edm.String")


def _group_name(one: Named, group: Path) -> str:
    return ".".join((*one.path, *group))


def _entity_set(one: Named, space: str) -> str:
    bindings = "".join(
        f"<NavigationPropertyBinding Path={quoteattr('/'.join(path))}"
        f" Target={quoteattr(child.name)}/>"
        for path, child in one.repeats
    )
    kind = quoteattr(f"{space}.{one.name}")
    return f"<EntitySet Name={quoteattr(one.name)} EntityType={kind}>{bindings}</EntitySet>"


def _property(name: str, kind: str) -> str:
    return f"<Property Name={quoteattr(name)} Type={quoteattr(kind)}/>"
