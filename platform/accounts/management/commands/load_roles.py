"""``manage.py load_roles``: the roles of ``fixtures/roles.json`` into the database; repeatable."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.services import load_roles


class Command(BaseCommand):
    help = "Load roles and what each may do from fixtures/roles.json; can be repeated."

    def handle(self, *args: Any, **options: Any) -> None:
        file = Path(settings.ROOT) / "fixtures" / "roles.json"
        counts = load_roles(json.loads(file.read_text(encoding="utf-8"))["roles"])
        self.stdout.write(json.dumps(counts))
