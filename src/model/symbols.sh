#!/bin/sh
# The symbols that libtanshu_model.so exports, as a linker's version script: every function that the public header
# declares, and what the base headers below it offer. usage: symbols.sh HEADER
set -eu
echo 'TANSHU_MODEL_0 {'
echo 'global:'
sed -e 's|/\*.*\*/||' "$1" | sed -n 's/^[a-z].*[ *]\(model_[a-z_]*\)(.*/    \1;/p; s/^\(model_[a-z_]*\)(.*/    \1;/p' | sort -u
cat <<'END'
    arena_*;
    date_*;
    digest_*;
    error_*;
    str_*;
    base_check_failed;
local:
    *;
};
END
