"""The clock: it only sends the names of due tasks, so it needs neither Django nor our tasks.

A second application besides `config.celery`, because loading every page and model took beat three
seconds of processor at each start, while the first page was waiting for the same one.
"""

from celery import Celery

app = Celery("clock", fixups=[], set_as_current=False)
app.config_from_object("config.settings", namespace="CELERY")
