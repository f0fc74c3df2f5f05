#!/usr/bin/env python3
"""Django's command line for this project."""

import os
import sys
from pathlib import Path

# `platform/` is an import root, never a package: a package of that name would
# shadow Python's own `platform` module (docs/decisions/0004-platform-is-a-folder.md).
sys.path.insert(0, str(Path(__file__).resolve().parent / "platform"))


def main() -> None:
    """Have the servers up, then hand the command line to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config import servers

    try:
        servers.ensure()
    except servers.ServersError as error:
        sys.exit(str(error))

    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        _ = settings.INSTALLED_APPS
    except (ImproperlyConfigured, servers.ServersError) as error:
        sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
