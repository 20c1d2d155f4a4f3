#!/bin/sh
# As in the real image: what is no command of the system is one of docker's.
set -e
if [ "${1#-}" != "$1" ] || docker help "$1" > /dev/null 2>&1; then
    set -- docker "$@"
fi
exec "$@"
