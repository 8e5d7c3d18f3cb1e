#!/bin/sh
# Starts PostgreSQL in a directory of its own, reachable by a socket only, runs the given program with
# TANSHU_TEST_POSTGRES saying how to reach it ("host=… user=…") and the empty databases rooms, today, cases, copy_0 to copy_2, migrate_0 to migrate_2, and removes everything again.
# TANSHU_POSTGRES_RESTART is the command that ends the server without warning and starts it again.
# usage: postgres.sh PROGRAM [ARGUMENT...]      As root it does so as the user "postgres" or, without one, "nobody".
set -eu
bin=${POSTGRES_BIN:-}
for place in /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin; do
    [ -n "$bin" ] || { [ -x "$place/initdb" ] && bin=$place; }
done
[ -n "$bin" ] || { echo "postgres.sh: PostgreSQL is not installed; run './dev deps test'" >&2; exit 1; }

home=$(mktemp -d "${TMPDIR:-/tmp}/tanshu-postgres-XXXXXX")
as=
if [ "$(id -u)" = 0 ]; then
    user=nobody
    if id postgres >/dev/null 2>&1; then user=postgres; fi
    chown "$user" "$home"
    as="runuser -u $user --"
fi
stop() {
    status=$?
    trap - EXIT
    $as "$bin/pg_ctl" -D "$home/data" -m immediate -w stop >/dev/null 2>&1 || :
    rm -rf "$home"
    exit $status
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

from=$PWD
cd "$home"
$as "$bin/initdb" -D "$home/data" -U tanshu -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$home/log" 2>&1 ||
    { cat "$home/log" >&2; exit 1; }
$as "$bin/pg_ctl" -D "$home/data" -l "$home/data/server.log" -w -t 60 \
    -o "-c listen_addresses='' -c unix_socket_directories='$home' -c fsync=off" start >"$home/log" 2>&1 ||
    { cat "$home/log" "$home/data/server.log" >&2; exit 1; }
cd "$from"
for name in rooms today cases copy_0 copy_1 copy_2 migrate_0 migrate_1 migrate_2; do
    $as "$bin/createdb" -h "$home" -U tanshu "$name"
done
TANSHU_TEST_POSTGRES="host=$home user=tanshu" TANSHU_POSTGRES_BIN=$bin \
    TANSHU_POSTGRES_RESTART="$as $bin/pg_ctl -D $home/data -l $home/data/server.log -m immediate -w restart" "$@"
