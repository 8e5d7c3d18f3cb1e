#!/bin/sh
# Every shipped model checks clean and passes its own examples; every shipped method refuses to load once a
# conversion is dropped or carbon and CO2 are swapped. Argument: the program model_tool. Run in the source folder.
set -u
tool=$1
export TANSHU_ROOT=.
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failures=0
fail() {
    echo "$1"
    failures=$((failures + 1))
}

examples=0
for file in models/*/*.model; do
    "$tool" check "$file" >"$work/out" 2>&1 || { cat "$work/out"; fail "$file does not check"; }
    "$tool" test "$file" >"$work/out" 2>&1 || { cat "$work/out"; fail "$file: an example fails"; }
    count=$(grep -c '^ok' "$work/out")
    [ "$count" -gt 0 ] || fail "$file has no example"
    examples=$((examples + count))
done

# Each line is a sed command that makes a method wrong in its dimensions or substances.
cat >"$work/mutations" <<'END'
s|= 44/12 (t CO2)/(t C)|= 44/12|
s|= 44/12 (t CO2)/(t C)|= 44/12 (t C)/(t CO2)|
s| \* c_to_co2||
s|(t C)|(t CO2)|
s|: t C =|: t CO2 =|
s|: t CO2 =|: t C =|
s| \* co2e||
s| \* gwp("CH4")||
s|gwp("CO2")|gwp("CH4")|
s| : t CO2e =| : t CO2 =|
END
mutants=0
for file in models/ghg/*.model; do
    while read -r mutation; do
        sed "$mutation" "$file" >"$work/mutant.model"
        cmp -s "$file" "$work/mutant.model" && continue
        mutants=$((mutants + 1))
        "$tool" check "$work/mutant.model" >/dev/null 2>&1 && fail "$file still loads after $mutation"
    done <"$work/mutations"
done
echo "$examples examples, $mutants mutants, $failures failures"
[ "$mutants" -ge 40 ] || fail "only $mutants mutants were made"
[ "$failures" -eq 0 ]
