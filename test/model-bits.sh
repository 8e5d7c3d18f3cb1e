#!/bin/sh
# Two builds of the engine give the same bits for every shipped model. Arguments: the two programs (golden_test).
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" --print >"$work/one"
"$2" --print >"$work/other" || exit $?
lines=$(wc -l <"$work/one")
[ "$lines" -gt 500 ] || { echo "only $lines results"; exit 1; }
cmp "$work/one" "$work/other"
echo "$lines results, the same bits"
