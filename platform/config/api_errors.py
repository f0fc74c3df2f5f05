"""The refusals that every operation of the REST API may answer with, in its OpenAPI document."""

from typing import Any

Json = dict[str, Any]

_SENTENCES_OF_FIELD: Json = {
    "anyOf": [
        {"type": "array", "items": {"type": "string"}},
        {"type": "array", "items": {"type": "object"}, "description": "rows of a list, in order"},
        {"type": "object", "description": "row or field inside it to sentences"},
    ]
}
_BY_FIELD: Json = {
    "type": "object",
    "additionalProperties": _SENTENCES_OF_FIELD,
    "description": "field or parameter to sentences",
}
_DETAIL: Json = {
    "type": "object",
    "properties": {"detail": {"type": "string"}},
    "required": ["detail"],
}
_SENTENCES = {
    "400": ("A field, a parameter or the body cannot be read.", {"oneOf": [_BY_FIELD, _DETAIL]}),
    "401": ("The token is wrong or was revoked.", _DETAIL),
    "403": ("You may not do this here, or did not sign in.", _DETAIL),
    "404": ("There is no such thing, or you may not see it.", _DETAIL),
    "405": ("The address does not take this method.", _DETAIL),
    "406": ("The format asked for is not given.", _DETAIL),
    "409": ("It is already recorded with another content. Nothing was changed.", _BY_FIELD),
    "415": ("The body is not JSON or a form.", _DETAIL),
}
_EVERYWHERE = ("400", "401", "403", "404", "406")


def document_refusals(result: Json, generator: Any, request: Any, public: bool) -> Json:
    """Add the refusals to every operation; a hook of drf-spectacular."""
    for operations in result.get("paths", {}).values():
        for method, operation in operations.items():
            if method not in {"get", "post", "put", "patch", "delete"}:
                continue
            answers = operation["responses"]
            wanted = {*_EVERYWHERE, *(["415"] if method != "get" else [])}
            if "409" in answers:
                wanted.add("409")
            for status in sorted(wanted):
                if status == "409" or status not in answers:
                    answers[status] = _response(status)
    return result


def _response(status: str) -> Json:
    sentence, schema = _SENTENCES[status]
    return {"description": sentence, "content": {"application/json": {"schema": schema}}}
