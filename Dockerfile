# One image for every program: an argument is a command of manage.py (see docs/install/containers.md).
FROM debian:13-slim AS build
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        ca-certificates make nodejs npm python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/keep-its-word
COPY . .
# packages, front ends, words, static files; the embedded servers are not started for it
RUN make .venv/.run front-ends words \
    && DATABASE_URL=postgresql://nobody@127.0.0.1/none BROKER_URL=redis://127.0.0.1:1/0 \
        .venv/bin/python manage.py prepare_static \
    && find . -name node_modules -type d -prune -exec rm -rf {} +

FROM debian:13-slim
RUN apt-get update -qq \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        ca-certificates python3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/keep-its-word --create-home keep-its-word
COPY --from=build --chown=root:root /opt/keep-its-word /opt/keep-its-word
WORKDIR /opt/keep-its-word
RUN chown -R keep-its-word var && install -d -o keep-its-word /var/lib/keep-its-word/media /var/backups/keep-its-word
USER keep-its-word
ENV LIVE=1 HOST=0.0.0.0 PORT=8000 MEDIA_ROOT=/var/lib/keep-its-word/media \
    BACKUP_FOLDER=/var/backups/keep-its-word PYTHONDONTWRITEBYTECODE=1
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD [".venv/bin/python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz')"]
ENTRYPOINT [".venv/bin/python", "manage.py"]
CMD ["program", "web"]
