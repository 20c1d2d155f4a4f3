#!/bin/bash
set -e

release=_build/prod/rel/larder/bin/larder
export SECRET_KEY_BASE="${SECRET_KEY_BASE:-$(openssl rand -hex 32)}"

mkdir -p "${LARDER_DATA:=/var/lib/larder}"
export LARDER_DATA

"$release" eval "Store.Release.migrate()"
exec "$release" "$@"
