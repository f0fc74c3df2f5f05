"""The web application, served by granian."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

if settings.LIVE:  # also for those who start the web on its own, without `manage.py serve`
    from config.running.preparing import refuse_demo

    refuse_demo()
