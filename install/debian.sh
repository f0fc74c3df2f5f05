#!/usr/bin/env bash
# Install the platform on one machine with Debian 12 or 13, with Debian's own servers.
#
#   install/debian.sh NAME        NAME: what people type, as keep.example
#
# Can be repeated: what is there stays, keys are never made anew. Variables: BROKER=rabbitmq (default)
# or valkey; UNITS=0 where systemd does not run (containers, tests).
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:?"Say the name people type: install/debian.sh keep.example"}
broker=${BROKER:-rabbitmq}
units=${UNITS:-1}
here=$PWD
home=/opt/keep-its-word
data=/var/lib/keep-its-word
environment=/etc/keep-its-word/environment
[ "$(id -u)" = 0 ] || { echo "Run this as root."; exit 1; }
[ -f manage.py ] || { echo "Run this from a complete copy of the platform."; exit 1; }

step() { echo; echo "== $*"; }
key() { python3 -c "import secrets; print(secrets.token_urlsafe(48))"; }
as_postgres() { (cd / && runuser -u postgres -- psql -qAt -v ON_ERROR_STOP=1 "$@"); }

step "Debian's packages"
cache=redis-server
apt-cache show valkey-server >/dev/null 2>&1 && cache=valkey-server
packages=(python3 python3-venv make rsync openssl nginx postgresql "$cache")
[ "$broker" = rabbitmq ] && packages+=(rabbitmq-server)
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${packages[@]}"

step "User and folders"
id keep-its-word >/dev/null 2>&1 ||
    useradd --system --home-dir "$data" --shell /usr/sbin/nologin keep-its-word
install -d -o keep-its-word -g keep-its-word -m 0750 "$data" "$data/media" /var/backups/keep-its-word
install -d -m 0755 /etc/keep-its-word
if [ "$here" != "$home" ]; then
    rsync -a --delete --exclude .venv --exclude var --exclude .git --exclude node_modules "$here/" "$home/"
fi
install -d -o keep-its-word -g keep-its-word -m 0750 "$home/var"

step "Packages of Python, front ends, words"
cd "$home"
make .venv/.run front-ends words
chown -R keep-its-word:keep-its-word var

step "PostgreSQL"
[ "$units" = 1 ] && systemctl start postgresql || service postgresql start
if [ ! -f "$environment" ]; then
    password=$(key)
    as_postgres -c "DO \$\$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'keep_its_word')
        THEN CREATE ROLE keep_its_word LOGIN CREATEDB; END IF; END \$\$"
    as_postgres -c "ALTER ROLE keep_its_word PASSWORD '$password'"
fi
if [ -z "$(as_postgres -c "SELECT 1 FROM pg_database WHERE datname = 'keep_its_word'")" ]; then
    as_postgres -c "CREATE DATABASE keep_its_word OWNER keep_its_word TEMPLATE template0
        ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
fi
# trusted extensions only; the owner of the database makes them when it is migrated

step "Broker"
if [ "$broker" = rabbitmq ]; then
    [ "$units" = 1 ] && systemctl start rabbitmq-server || service rabbitmq-server start
    if [ ! -f "$environment" ]; then
        broker_password=$(python3 -c "import secrets; print(secrets.token_hex(24))")
        rabbitmqctl -q list_vhosts | grep -qx keep-its-word || rabbitmqctl -q add_vhost keep-its-word
        rabbitmqctl -q add_user keep-its-word "$broker_password" 2>/dev/null ||
            rabbitmqctl -q change_password keep-its-word "$broker_password"
        rabbitmqctl -q set_permissions -p keep-its-word keep-its-word '.*' '.*' '.*'
        rabbitmqctl -q delete_user guest 2>/dev/null || true
        broker_url="amqp://keep-its-word:$broker_password@127.0.0.1:5672/keep-its-word"
    fi
else
    broker_url=redis://127.0.0.1:6379/0
fi
[ "$units" = 1 ] && systemctl start "$cache" || service "$cache" start

step "Settings and keys"
if [ ! -f "$environment" ]; then
    (umask 077; cat >"$environment.new" <<END
LIVE=1
ALLOWED_HOSTS=$name
PUBLIC_URL=https://$name
DATABASE_URL=postgresql://keep_its_word:$password@127.0.0.1:5432/keep_its_word
BROKER_URL=$broker_url
CACHE_URL=redis://127.0.0.1:6379/8
MEDIA_ROOT=$data/media
BACKUP_FOLDER=/var/backups/keep-its-word
BACKUP_RECIPIENTS=
METRICS_TOKEN=$(key)
SECRET_KEY=$(key)
CONTACT_KEY=$(key)
ROUNDING_SECRET=$(key)
END
    )
    chown root:keep-its-word "$environment.new"
    chmod 0640 "$environment.new"
    mv "$environment.new" "$environment"
    echo "Written: $environment. It holds every key: it is never made again."
else
    echo "$environment stays as it is."
fi

step "Database and first data"
manage() { (set -a; . "$environment"; set +a
    runuser -u keep-its-word -- "$home/.venv/bin/python" manage.py "$@"); }
manage migrate --verbosity 0
for loader in load_country load_roles load_forms; do manage $loader; done
manage prepare_static

step "nginx"
sed "s/keep\.example/$name/g" install/nginx.conf >/etc/nginx/sites-available/keep-its-word
if [ ! -f /etc/keep-its-word/tls/fullchain.pem ]; then
    install -d -m 0750 /etc/keep-its-word/tls
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$name" \
        -keyout /etc/keep-its-word/tls/privkey.pem -out /etc/keep-its-word/tls/fullchain.pem 2>/dev/null
    echo "A certificate signed by nobody, for 30 days: replace it (docs/install/one-machine.md)."
fi
ln -sf ../sites-available/keep-its-word /etc/nginx/sites-enabled/keep-its-word
nginx -t -q

step "Units"
install -m 0644 install/systemd/* /etc/systemd/system/
if [ "$units" = 1 ]; then
    systemctl daemon-reload
    systemctl enable --now keep-its-word.target keep-its-word-backup.timer
    systemctl reload-or-restart nginx
fi
cat <<END

Installed. Now:
  1. make the first account:  $home/install/manage createsuperuser
  2. on another machine:      python manage.py backup_key FILE, and its line into $environment
  3. see whether all is well: curl -s http://127.0.0.1:8000/healthz
END
