#!/bin/sh
# The image's own asks as a user that its entry point has made, with the arguments that it is given.
set -eu
[ "$*" = "--connect --innodb_initialized" ]
MYSQL_PWD=$(cat "$MARIADB_PASSWORD_FILE")
export MYSQL_PWD
exec mariadb --no-defaults --socket=/run/mysqld/mysqld.sock --user="$MARIADB_USER" --execute="SELECT 1"
