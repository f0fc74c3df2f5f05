"""Settings of the API and of its document; config.settings takes them over."""

REST_FRAMEWORK = {
    "DEFAULT_PARSER_CLASSES": [
        "parsing.rest.StorableJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "PAGE_SIZE": 100,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Keep its word",
    "VERSION": "1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.api_errors.document_refusals",
    ],
    # Choices that several models call "kind" or "status".
    "ENUM_NAME_OVERRIDES": {
        "PlaceKind": "places.models.Kind",
        "ProviderKind": "standards.models.ProviderKind",
        "MeetingKind": "surveys.models.meetings.Meeting.Kind",
    },
}
