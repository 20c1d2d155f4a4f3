#!/bin/sh
set -e
: "${VISITS_DB:=/var/lib/visits/visits.db}"
export VISITS_DB
mkdir -p "$(dirname "$VISITS_DB")"
if [ "$1" = visits ]; then
    echo "visits are kept in $VISITS_DB"
fi
exec "$@"
