"""The web application, served by granian."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from surveys.hotline import content  # noqa: E402  models can be imported from here on

# A new worker imports its views and loads the hotline's content before the first request.
get_resolver().url_patterns  # noqa: B018  reading it imports them
content.warm_up()

if settings.LIVE:  # also for those who start the web on its own, without `manage.py serve`
    from config.running.preparing import refuse_demo

    refuse_demo()

# Objects loaded until here stay. Otherwise each full garbage collection walks through 254,000 of
# them while a request waits: 160 ms on two cores.
gc.collect()
gc.freeze()
