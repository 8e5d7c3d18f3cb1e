#!/bin/sh
# Long fuzzing with clang's libFuzzer under AddressSanitizer and UndefinedBehaviorSanitizer.
# usage: run.sh BUILD SOURCE [TARGET|all [SECONDS]]     './dev fuzz' calls it; 60 seconds a target when not said
# What it learns is kept in BUILD/corpus; an input that breaks a target is named and belongs into fuzz/corpus, where
# the plain build replays it in './dev test'.
set -eu
build=$1 source=$2 wanted=${3:-all} seconds=${4:-60}
status=0 ran=0
run() { # run NAME PROGRAM : fuzzes from the kept corpus and the shipped seeds
  name=$1 program=$2
  [ "$wanted" = all ] || [ "$wanted" = "$name" ] || return 0
  ran=$((ran + 1))
  mkdir -p "$build/corpus/$name" "$build/crashes"
  echo "fuzz: $name for $seconds s"
  if ! TANSHU_SOURCE=$source "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
      -artifact_prefix="$build/crashes/$name-" "$build/corpus/$name" "$source/fuzz/corpus/$name" 2>"$build/crashes/$name.log"; then
    echo "fuzz: $name broke; see $build/crashes/$name.log and $build/crashes/$name-*" >&2
    tail -30 "$build/crashes/$name.log" >&2
    status=1
  fi
  grep -E 'stat::number_of_executed_units|stat::average_exec_per_sec|stat::new_units_added' "$build/crashes/$name.log" || :
}
run csv "$build/src/intake/intake_csv_fuzz"
run sheet "$build/src/intake/intake_sheet_fuzz"
run note "$build/src/trust/trust_note_fuzz"
run receipt "$build/src/trust/trust_receipt_fuzz"
run flow "$build/src/flow/flow_fuzz"
run model "$build/fuzz/model_fuzz"
run reference "$build/fuzz/reference_fuzz"
[ "$ran" -gt 0 ] || { echo "fuzz: there is no target $wanted" >&2; exit 2; }
exit $status
