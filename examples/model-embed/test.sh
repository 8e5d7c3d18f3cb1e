#!/bin/sh
# The engine as others get it: installed into an empty tree, found by pkg-config, used by embed.c,
# as a shared and as a static library; and nothing is exported that the headers do not promise.
# usage: test.sh BUILD SOURCE CC [FLAGS]
set -eu
build=$1 source=$2 cc=$3 flags=${4:-}
work=$(mktemp -d "${TMPDIR:-/tmp}/tanshu-embed-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
DESTDIR="$work/tree" meson install -C "$build" --no-rebuild --tags model,devel >"$work/install.log" 2>&1 ||
  { cat "$work/install.log" >&2; exit 1; }
pc=$(find "$work/tree" -name tanshu_model.pc)
[ -n "$pc" ] || { echo "no tanshu_model.pc was installed" >&2; exit 1; }
export PKG_CONFIG_PATH="${pc%/*}"
prefix=$work/tree$(sed -n 's/^prefix=//p' "$pc")
config() { pkg-config --define-variable=prefix="$prefix" "$@" tanshu_model; }
lib=$(config --variable=libdir)
cat >"$work/expected" <<'END'
1000 t coal: 1747.088 t CO2e, standard deviation 99.660, 1.7471 t CO2e for each t
2000 t coal: 3494.177 t CO2e, standard deviation 199.320, 1.7471 t CO2e for each t
3000 t coal: 5241.265 t CO2e, standard deviation 298.981, 1.7471 t CO2e for each t
4000 t coal: 6988.353 t CO2e, standard deviation 398.641, 1.7471 t CO2e for each t
END
# 19.57 GJ/t x 0.02618 tC/GJ x 0.93 x 44/12 = 1.747088; half widths 5 % (coal) and 10 % (calorific value of the row):
# 1747.088 x sqrt(0.05^2 + 0.10^2) / 1.959964 = 99.660.

# shellcheck disable=SC2046,SC2086
$cc $flags -Wall -Wextra -Werror "$source/examples/model-embed/embed.c" $(config --cflags --libs) -lpthread -o "$work/shared"
LD_LIBRARY_PATH="$lib" "$work/shared" "$source" >"$work/out"
diff -u "$work/expected" "$work/out"
# shellcheck disable=SC2046,SC2086
$cc $flags -Wall -Wextra -Werror "$source/examples/model-embed/embed.c" $(config --cflags) "$lib/libtanshu_model.a" \
  $(config --static --libs-only-l | sed 's/-ltanshu_model//') -lm -lpthread -o "$work/static"
"$work/static" "$source" >"$work/out"
diff -u "$work/expected" "$work/out"

# Each header compiles alone; what the face declares is exported, and only what the list names.
for header in "$prefix"/include/tanshu/*.h "$prefix"/include/tanshu/base/*.h; do
  printf '#include "%s"\n' "$header" >"$work/one.c"
  # shellcheck disable=SC2046,SC2086
  $cc -std=gnu17 -Wall -Wextra -Werror $(config --cflags) -c "$work/one.c" -o "$work/one.o"
done
nm -D --defined-only "$lib/libtanshu_model.so" | awk '$2 ~ /[TDRB]/ {sub(/@.*/, "", $3); print $3}' | sort >"$work/exported"
sed -n 's/.*[ *]\(model_[a-z_]*\)(.*/\1/p' "$prefix/include/tanshu/tanshu_model.h" | sort -u >"$work/declared"
missing=$(comm -23 "$work/declared" "$work/exported" | grep -v -x -F 'model_info.keys' || true)
[ -z "$missing" ] || { echo "declared, not exported: $missing" >&2; exit 1; }
extra=$(comm -13 "$work/declared" "$work/exported" | grep -v -E '^(arena|date|digest|error|str|base)_' || true)
[ -z "$extra" ] || { echo "exported, not declared: $extra" >&2; exit 1; }
echo "shared and static library: $(wc -l <"$work/exported") symbols"
