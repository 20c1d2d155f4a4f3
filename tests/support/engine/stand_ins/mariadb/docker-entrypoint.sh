#!/bin/bash
# As in the real images: sets the database up in an empty folder, with no port open meanwhile.
set -e
if [ "${1#-}" != "$1" ]; then
    set -- mariadbd "$@"
fi
if [ "$1" = mysqld ]; then
    set -- mariadbd "${@:2}"
fi
if [ "$1" = mariadbd ] && [ "$(id -u)" = 0 ]; then
    chown mysql /var/lib/mysql /run/mysqld
    exec gosu mysql "$0" "$@"
fi
if [ "$1" = mariadbd ] && [ ! -d /var/lib/mysql/mysql ]; then
    root=${MARIADB_ROOT_PASSWORD:-$MYSQL_ROOT_PASSWORD}
    database=${MARIADB_DATABASE:-$MYSQL_DATABASE}
    user=${MARIADB_USER:-$MYSQL_USER}
    password=${MARIADB_PASSWORD:-$MYSQL_PASSWORD}
    any=${MARIADB_ALLOW_EMPTY_ROOT_PASSWORD:-$MYSQL_ALLOW_EMPTY_PASSWORD}${MARIADB_RANDOM_ROOT_PASSWORD:-$MYSQL_RANDOM_ROOT_PASSWORD}
    if [ -z "$root$any" ]; then
        echo "Database is uninitialized and password option is not specified" >&2
        exit 1
    fi
    mariadb-install-db --skip-test-db --auth-root-authentication-method=normal > /dev/null
    mariadbd --skip-networking &
    until mariadb --user=root --execute="SELECT 1" > /dev/null 2>&1; do sleep 0.2; done
    {
        if [ -n "$database" ]; then echo "CREATE DATABASE \`$database\`;"; fi
        if [ -n "$user" ]; then
            echo "CREATE USER '$user'@'%' IDENTIFIED BY '$password';"
            echo "CREATE USER '$user'@'localhost' IDENTIFIED BY '$password';"
            if [ -n "$database" ]; then
                echo "GRANT ALL ON \`$database\`.* TO '$user'@'%';"
                echo "GRANT ALL ON \`$database\`.* TO '$user'@'localhost';"
            fi
        fi
        echo "CREATE USER 'root'@'%' IDENTIFIED BY '$root'; GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;"
    } | mariadb --user=root
    for script in /docker-entrypoint-initdb.d/*.sql; do
        if [ -f "$script" ]; then mariadb --user=root ${database:+"$database"} < "$script"; fi
    done
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY '$root';" | mariadb --user=root
    mariadb-admin --user=root --password="$root" shutdown
    wait
fi
if [ "$1" = mariadbd ]; then
    set -- "$@" --bind-address=0.0.0.0
fi
exec "$@"
