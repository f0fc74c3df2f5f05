"""All settings; a missing variable explains itself.

Those of logging and of the API are in files beside this one.

With nothing configured the program serves itself: PostgreSQL and Valkey run
under ``var/`` (see ``config.servers``). ``DATABASE_URL`` and ``BROKER_URL``
name servers of your own instead.
"""

import os
from datetime import date
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from kombu import Queue

from config import queues, servers, timetable
from config.api_settings import REST_FRAMEWORK, SPECTACULAR_SETTINGS
from config.logging_settings import LOGGING
from config.media_settings import MEDIA_S3_BUCKET, S3_OPTIONS, STORAGES

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"

LIVE = os.environ.get("LIVE", "") == "1"
"""True where real people are served: demo accounts and a weak secret are refused."""


_MAKE_A_KEY = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'


def _strong(name: str) -> str:
    """Read a secret key from the environment. Raises ImproperlyConfigured for a weak one if live.

    A key is weak below 40 characters or 10 different ones: everything that is signed or
    encrypted could be guessed.
    """
    secret = os.environ.get(name, "")
    if LIVE and secret and (len(secret) < 40 or len(set(secret)) < 10):
        raise ImproperlyConfigured(
            f"LIVE=1 needs a longer {name}: at least 40 random characters. Make one: {_MAKE_A_KEY}"
        )
    return secret


def _secret() -> str:
    if secret := _strong("SECRET_KEY"):
        return secret
    if LIVE:
        raise ImproperlyConfigured(
            f"LIVE=1 needs SECRET_KEY: at least 40 random characters, kept secret. "
            f"Make one: {_MAKE_A_KEY}"
        )
    return servers.local_secret(VAR)


SECRET_KEY = _secret()
DEBUG = False


def _hosts() -> list[str]:
    named = [host.strip() for host in os.environ.get("ALLOWED_HOSTS", "").split(",")]
    if not any(named) and LIVE:
        raise ImproperlyConfigured(
            "LIVE=1 needs ALLOWED_HOSTS: the names people type, separated by commas."
        )
    return [host for host in named if host] or ["*"]


ALLOWED_HOSTS = _hosts()

# Seals citizens' numbers; without one of its own it is derived from SECRET_KEY.
CONTACT_KEY = _strong("CONTACT_KEY")

# Earlier keys, the latest first: they still decrypt, until `manage.py rotate_keys` has encrypted
# everything again; hashes that cannot be made again stay on the oldest (docs/keys.md).
SECRET_KEY_BEFORE = [k for k in os.environ.get("SECRET_KEY_BEFORE", "").split(",") if k]
CONTACT_KEY_BEFORE = [k for k in os.environ.get("CONTACT_KEY_BEFORE", "").split(",") if k]
SECRET_KEY_FALLBACKS = SECRET_KEY_BEFORE


def _rounding_secret() -> str:
    if secret := _strong("ROUNDING_SECRET"):
        if LIVE and secret == SECRET_KEY:
            raise ImproperlyConfigured("ROUNDING_SECRET must not be a copy of SECRET_KEY.")
        return secret
    if LIVE:
        raise ImproperlyConfigured(
            "LIVE=1 needs ROUNDING_SECRET: at least 40 random characters, the same on every "
            f"machine, in no backup that leaves this machine. Make one: {_MAKE_A_KEY}"
        )
    return servers.local_secret(VAR, "rounding-secret")


# It would undo the rounding of figures (docs/decisions/0031-rounded-release.md).
ROUNDING_SECRET = _rounding_secret()
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if o]

# Addresses in form lists, QR codes and what telephone companies sign, as clients reach us; empty:
# those of the request itself (the hotline: http://localhost:8000).
PUBLIC_URL = os.environ.get("PUBLIC_URL", "")


def _proxies() -> int:
    text = os.environ.get("PROXIES", "1" if LIVE else "0")
    if not (text.isascii() and text.isdigit() and int(text) < 10):
        raise ImproperlyConfigured(f"PROXIES is how many proxies stand in front, not “{text}”.")
    return int(text)


# Where people are served, everything goes over TLS, ended by a proxy in front.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = LIVE
SECURE_SSL_REDIRECT = LIVE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if LIVE else None
# The number of our proxies in front (throttling.addresses).
PROXIES = _proxies()
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if LIVE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = LIVE
# Preloading cannot be taken back for months and binds a whole domain: for its owner to decide.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "accounts.web_sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# Bodies that are read whole into memory: forms, JSON, a tablet's batch. Files go to disk.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_NUMBER_FILES = 200

OUR_APPS = [
    "pages",
    "parsing",
    "audit",
    "jobs",
    "throttling",
    "places",
    "accounts",
    "retention",
    "standards",
    "surveys",
    "surveys.openrosa",
    "surveys.tablet",
    "surveys.citizen",
    "surveys.hotline",
    "surveys.rounds",
    "scorecards",
    "scorecards.plans",
    "dashboards",
    "interchange",
    "config",
    "operations",
]

INSTALLED_APPS = [
    "pages",  # before Django's admin, whose frame it replaces
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_structlog",
    *OUR_APPS[1:],
]

MIDDLEWARE = [
    "config.request_ids.RequestIds",
    "operations.metrics.Metrics",
    "django.middleware.security.SecurityMiddleware",
    "config.headers.ContentPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "dashboards.released_files.ReleasedFiles",  # before everything that asks who is signed in
    "config.headers.PrivatePages",
    "parsing.middleware.RefuseUnreadableText",  # before any cookie is read
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.second_factor.ShowSecondFactor",  # a password alone signs nobody in
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.api_parameters.RefuseUnknownParameters",
    "replicas.Replica",  # last: it calls the view
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "accounts.context.frame",
            ],
        },
    }
]

DATABASES = {"default": servers.database()}
# Readers on a streaming replica: public pages of visitors without a session (platform/replicas).
if _replica := os.environ.get("READ_DATABASE_URL"):
    DATABASES["replica"] = servers.database_from(_replica)
    # a replica that does not answer costs a page two seconds, and the next ones nothing
    DATABASES["replica"]["OPTIONS"].setdefault("connect_timeout", "2")
    # the tests' replica is their database
    DATABASES["replica"]["TEST"] = {"MIRROR": "default"}
DATABASE_ROUTERS = ["replicas.Router"]
# What a change of a standard affects, in the layers above standards (standards.effects).
STANDARD_EFFECTS = [
    "surveys.affected.cases",
    "surveys.hotline.affected.recordings",
    "surveys.citizen.affected.posters",
    "surveys.citizen.affected.app",
    "surveys.affected.tablets",
]

# The verdicts on one case, for its page (surveys.case_verdicts).
CASE_VERDICTS = "scorecards.reading.case_verdicts.verdicts"

# The number of the hotline for the foot of every page (surveys.recordings).
TELEPHONE = "surveys.recordings.telephone"

# What citizens experienced with a service in the last year, for its page (standards.experience).
SERVICE_EXPERIENCE = "scorecards.reading.service_experience.released"

# Released compliance next to the votes of an interface meeting (surveys.rounds.compliance).
ROUND_COMPLIANCE = "scorecards.reading.round_compliance.released"

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "accounts:sign_in"
# Far-reaching rights need a second factor (accounts.second_factor). Tests of other things set this
# to False; nothing else does. Demo accounts need none, unless this is set.
SECOND_FACTOR_REQUIRED = True
SECOND_FACTOR_IN_DEMO = LIVE or os.environ.get("SECOND_FACTOR_IN_DEMO", "") == "1"
LOGIN_REDIRECT_URL = "/home/"

LANGUAGE_CODE = "km"
LANGUAGES = [("km", _("Khmer")), ("en", _("English"))]
USE_I18N = True
# Before Django's own catalogues, whose Khmer uses other words for some of the same sentences.
LOCALE_PATHS = [
    folder
    for app in OUR_APPS
    for folder in [
        ROOT / "platform" / app / "locale",
        ROOT / app.replace(".", "/") / "locale",
    ]
    if folder.parent.is_dir()
]
TIME_ZONE = "Asia/Phnom_Penh"
USE_TZ = True


def _day(name: str, usual: str) -> date:
    text = os.environ.get(name, usual)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is a day as 2010-01-31, not “{text}”.") from error


# Plausible days (parsing.days): a day outside is a typing error, and periods are limited by it.
EARLIEST_DAY = _day("EARLIEST_DAY", "2010-01-01")
ANONYMOUS_DAYS_BACK = int(os.environ.get("ANONYMOUS_DAYS_BACK", "1096"))
EARLIEST_VALIDITY = _day("EARLIEST_VALIDITY", "1950-01-01")
LATEST_VALIDITY = _day("LATEST_VALIDITY", "2100-12-31")

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT", VAR / "media"))

# Backups (operations.backups): where, to whose public keys, and which secrets are saved apart.
BACKUP_FOLDER = Path(os.environ.get("BACKUP_FOLDER", VAR / "backups"))
BACKUP_RECIPIENTS = os.environ.get("BACKUP_RECIPIENTS", "")
SAVED_KEYS: list[dict[str, str]] = [
    {"variable": "SECRET_KEY", "file": "secret"},
    {"variable": "CONTACT_KEY"},
    {"variable": "ROUNDING_SECRET", "file": "rounding-secret"},
]

# Reminders of action plans: a mail server, and a bot of Telegram, where they are named.
EMAIL_HOST = os.environ.get("MAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("MAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("MAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("MAIL_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("MAIL_TLS", "1") == "1"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("MAIL_FROM", "plans@localhost")
TELEGRAM_TOKEN = os.environ.get("TELEGRAM_TOKEN", "")
TELEGRAM_API = os.environ.get("TELEGRAM_API", "https://api.telegram.org")

# The joint action plan of a round, for the round's page: rounds do not import plans.
ROUND_PLANS = "scorecards.plans.reading.plan_of_round"

# Reminders of the citizens' app (surveys.citizen.push): hosts of the browsers' push services, a
# leading dot for every host below, and our contact address, which those services are told.
PUSH_SERVICES = [
    host
    for host in os.environ.get(
        "PUSH_SERVICES",
        "fcm.googleapis.com,updates.push.services.mozilla.com,web.push.apple.com,"
        ".notify.windows.com",
    ).split(",")
    if host
]
PUSH_SERVICES_WITHOUT_TLS: list[str] = []  # of tests
VAPID_CONTACT = os.environ.get("VAPID_CONTACT", f"mailto:{DEFAULT_FROM_EMAIL}")

# The app in the Play Store (docs/android.md): its package, the fingerprints of its signing keys.
ANDROID_PACKAGE = os.environ.get("ANDROID_PACKAGE", "")
ANDROID_FINGERPRINTS = [f for f in os.environ.get("ANDROID_FINGERPRINTS", "").split(",") if f]

# Percent of callers with an experience who are asked whether a person may call back.
HOTLINE_CHECK_PERCENT = float(os.environ.get("HOTLINE_CHECK_PERCENT", "5"))

CELERY_BROKER_URL = servers.broker()
CELERY_RESULT_BACKEND = servers.results()
CELERY_RESULT_EXPIRES = 24 * 3600
# JSON and nothing else: a program that can write to the broker must not be able to run code.
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 25 * 60
CELERY_TASK_TIME_LIMIT = 30 * 60
# Asked to stop, a worker finishes short tasks and returns long ones, for the next start.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 6.0
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
_IS_RABBIT = CELERY_BROKER_URL.startswith("amqp")
# A page does not wait for a broker that does not answer: its task is a row, found by a sweep.
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
    "max_retries": 1,
    "interval_start": 0.0,
    "interval_step": 0.1,
    "interval_max": 0.1,
    # A message that the broker did not confirm was not sent, and the sender gets an error.
    **(
        {"confirm_publish": True}
        if _IS_RABBIT
        # Longer than any task: otherwise a task still at work would be handed out again.
        else {
            "visibility_timeout": 2 * CELERY_TASK_TIME_LIMIT,
            "socket_connect_timeout": 2.0,
            "socket_timeout": 5.0,
        }
    ),
}
# Every queue is declared here, and nothing else is: durable, and replicated where RabbitMQ can.
CELERY_TASK_QUEUES = [
    Queue(name, queue_arguments={"x-queue-type": "quorum"} if _IS_RABBIT else {})
    for name in queues.QUEUES
]
CELERY_TASK_DEFAULT_QUEUE = queues.HEAVY
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_ROUTES = {name: {"queue": queue} for name, queue in queues.QUEUE_OF.items()}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A task uses the connection of the one before, with what PostgreSQL has loaded there: hundreds of
# partitions of tables, and the plans of scorecards.storage.prepared_statements.
CELERY_DB_REUSE_MAX = 10_000
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 600_000  # kilobytes; then the child is replaced
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
# Uploaded forms are read and run by a worker, never by a web process (surveys/forms/compiling.py).
FORMS_COMPILED_BY_WORKER = True
CELERY_BEAT_SCHEDULE = timetable.collect(OUR_APPS)
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat.schedule")
CACHES = {
    "default": {
        "BACKEND": "config.cache.Cache",
        "LOCATION": servers.cache_address(),
    }
}

# The token that opens /metrics (operations.metrics); empty: there is no such page.
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")

# Only the identifier of a request is kept, never who asked from where (config.request_ids).
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # a proxy's; an implausible one is dropped
DJANGO_STRUCTLOG_USER_ID_FIELD = None

__all__ = ["LOGGING", "MEDIA_S3_BUCKET", "REST_FRAMEWORK", "S3_OPTIONS", "SPECTACULAR_SETTINGS"]
__all__ += ["STORAGES"]
