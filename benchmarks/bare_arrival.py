"""The reference of `submissions`: the barest Django view that stores the same row.

No middleware, no token, no namespace, no hash of the payload: one regular expression for
the id and the same INSERT. Served by granian as the platform is.
"""

import os
import re
import sys
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "platform"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.conf import settings  # noqa: E402
from django.core.files.uploadedfile import UploadedFile  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

_ID = re.compile(rb"instanceID>([^<]+)<")
_INSERT = """
INSERT INTO surveys_submission (form_id, version_id, instance_id, xml, sha256, received_at,
    device_id, user_agent, state, observe_error, province_code, commune_code, answers_hash,
    missing_media, call_back)
VALUES ((SELECT min(id) FROM surveys_form), (SELECT min(id) FROM surveys_formversion),
    %s, %s, '', now(), '', '', 'received', '', '', '', '', '{}', false)
ON CONFLICT DO NOTHING RETURNING id
"""


def store(request: HttpRequest) -> HttpResponse:
    """Read the part, store the row, answer 201."""
    xml = cast("UploadedFile[Any]", request.FILES["xml_submission_file"]).read()
    match: Any = _ID.search(xml)
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [match[1].decode(), xml])
        cursor.fetchone()
    return HttpResponse(status=201, headers={"Content-Length": "0"})


urlpatterns = [path("bare", store)]
settings.MIDDLEWARE = []
settings.ROOT_URLCONF = "benchmarks.bare_arrival"
application = get_wsgi_application()
