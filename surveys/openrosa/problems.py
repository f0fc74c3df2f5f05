"""Refusals in ODK Central's form: a code with a fraction, a sentence, and details."""

from typing import Any

from django.http import JsonResponse


class ApiError(Exception):
    """An answer other than success, with Central's code (its whole part is the HTTP status)."""

    def __init__(self, code: float, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.details = code, message, details

    @property
    def status(self) -> int:
        return int(self.code)

    def response(self) -> JsonResponse:
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.details is not None:
            body["details"] = self.details
        return JsonResponse(body, status=self.status)


def not_found() -> ApiError:
    return ApiError(404.1, "Could not find the resource you were looking for.")


def forbidden() -> ApiError:
    return ApiError(403.1, "The authenticated actor does not have rights to perform that action.")


def unauthenticated() -> ApiError:
    return ApiError(401.2, "Could not authenticate with the provided credentials.")


def missing(field: str) -> ApiError:
    return ApiError(
        400.2,
        f"Required parameters missing. Expected ({field}), got (undefined).",
        {"expected": [field], "got": {}},
    )


def unexpected(field: str, value: Any, reason: str) -> ApiError:
    return ApiError(
        400.8,
        f"Unexpected {field} value {value}; {reason}",
        {"field": field, "value": value, "reason": reason},
    )


def conflict(fields: list[str], values: list[Any]) -> ApiError:
    return ApiError(
        409.3,
        "A resource already exists with "
        f"{','.join(fields)} value(s) of {','.join(map(str, values))}.",
        {"fields": fields, "values": values, "table": "resources"},
    )
