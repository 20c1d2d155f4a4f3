#!/bin/sh
set -e

if [ ! -f .env ]; then
    cp .env.example .env
fi
php bin/migrate.php
chown www-data:www-data var/guestbook.sqlite

exec "$@"
