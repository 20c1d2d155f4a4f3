#!/bin/sh
set -e

until pg_isready --quiet --dbname "$DATABASE_URL"; do
  echo "waiting for the database"
  sleep 1
done
bundle exec rake migrate

exec "$@"
