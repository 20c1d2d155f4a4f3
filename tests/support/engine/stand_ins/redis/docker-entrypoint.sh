#!/bin/sh
# As in the real image: arguments that are no command are the server's, which runs as its own user.
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then
    set -- redis-server "$@"
fi
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
    chown redis .
    exec gosu redis "$0" "$@"
fi
exec "$@"
