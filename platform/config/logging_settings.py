"""Settings of logging; config.settings takes them over."""

import os

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "discreet": {"()": "config.logs.Discreet", "format": "%(levelname)s %(name)s %(message)s"},
        "json": {"()": "config.logs.DiscreetJson"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            # LOG_FORMAT=json: a line of JSON each, for programs that collect logs
            "formatter": "json" if os.environ.get("LOG_FORMAT") == "json" else "discreet",
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        # a worker says at INFO that it is connected and ready (PROGRAM_LOG_LEVEL, see programs.py)
        "celery": {
            "handlers": ["console"],
            "level": os.environ.get("PROGRAM_LOG_LEVEL", "INFO"),
            "propagate": False,
        },
        # each message received and each task done: many lines without news
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        # a line for each request and task, with its hour: see config/request_ids.py
        "django_structlog": {"level": "CRITICAL"},
    },
}
