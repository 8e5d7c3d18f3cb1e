#!/bin/sh
# What issue and design want measured, each beside a rival in the same run. Nothing here is a test: no time is judged.
# usage: run.sh BUILD [model|store|meter|report|units|region|http]...       './dev bench' calls it with a release build
set -eu
build=$1
shift
source=${TANSHU_SOURCE:?}
[ $# -gt 0 ] || set -- model store meter report units region http
tanshu=$build/src/cli/tanshu
work=$(mktemp -d "${TMPDIR:-/tmp}/tanshu-bench-XXXXXX")
server= nginx=
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || :
  [ -z "$nginx" ] || kill "$nginx" 2>/dev/null || :
  wait 2>/dev/null || :
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

title() { printf '\n== %s\n' "$1"; }

units() { # the real power units: import, compile, run and print, in one process
  python3 - "$source" "$work/units.csv" <<'END'
import csv, sys
source, to = sys.argv[1:]
fuels = {r["code"]: r["id"] for r in csv.DictReader(open(f"{source}/tables/factors/egrid-fuels.csv", encoding="utf-8"))}
with open(to, "w", encoding="utf-8") as out:
    print("entity,period,input,key,value,unit", file=out)
    for i, u in enumerate(csv.DictReader(open(f"{source}/examples/egrid2021-units/egrid2021_unit_half.csv",
                                               encoding="utf-8-sig"))):
        if u["htian"] and u["fuelu1"] in fuels:
            print(f"{u['orispl']}/{i},2021,heat_input,{fuels[u['fuelu1']]},{u['htian']},MMBtu", file=out)
END
  python3 - "$tanshu" "$source/models/ghg/heat-input.model" "$work/units.csv" <<'END'
import subprocess, sys, time
tanshu, model, table = sys.argv[1:]
def run(path):
    begin = time.perf_counter()
    subprocess.run([tanshu, "model", "run", model, "--input", path, "--format", "csv"], check=True,
                   stdout=subprocess.DEVNULL)
    return time.perf_counter() - begin
lines = open(table, encoding="utf-8").read().splitlines()
one = table + ".one"
open(one, "w", encoding="utf-8").write("\n".join(lines[:2]) + "\n")
run(table)
whole, start = min(run(table) for _ in range(5)), min(run(one) for _ in range(5))
rows = len(lines) - 1
print(f"{rows} units in {1000 * whole:.0f} ms, of which {1000 * start:.0f} ms are the start with all tables;"
      f" {rows / whole:.0f} rows/s, {rows / max(whole - start, 1e-9):.0f} rows/s without the start")
END
}

model() { # beside C, NumPy, pandas and SQLite; Debian's packages belong to Debian's Python
  python=/usr/bin/python3
  [ -x "$python" ] || python=python3
  "$python" "$source/bench/model_rivals.py" "$build/bench/model_bench" "$source" "$work" ${BENCH_ENTERPRISES:-}
}

wrk_of() { # NAME URL [COOKIE] : requests per second and p99 in ms, into a file of that name
  if [ $# -gt 2 ]; then
    wrk -t 2 -c 16 -d "${BENCH_SECONDS:-8}s" --latency -H "Cookie: $3" "$2" >"$work/$1.out"
  else
    wrk -t 2 -c 16 -d "${BENCH_SECONDS:-8}s" --latency "$2" >"$work/$1.out"
  fi
  awk -v name="$1" '/Requests\/sec/ {rate = $2} $1 == "99%" {p99 = $2} /Non-2xx/ {bad = $NF}
    END {printf "%-28s %10.0f requests/s   p99 %s%s\n", name, rate, p99, bad ? "   NOT 2xx: " bad : ""}' "$work/$1.out"
}
rate() { awk '/Requests\/sec/ {print $2}' "$work/$1.out"; }
ratio() { awk -v a="$(rate "$1")" -v b="$(rate "$2")" 'BEGIN {printf "  nginx serves the same bytes %.1f times as often\n", b / a}'; }

http() { # pages beside nginx that serves their bytes as files
  "$tanshu" init --data "$work/data" >/dev/null
  "$tanshu" demo --data "$work/data" >/dev/null 2>&1
  "$tanshu" serve --data "$work/data" --port 0 --quiet >"$work/serve.out" 2>"$work/serve.err" &
  server=$!
  for _ in $(seq 100); do grep -q 'http://' "$work/serve.out" && break; sleep 0.1; done
  port=$(sed -n 's/.*:\([0-9][0-9]*\) *$/\1/p' "$work/serve.out")
  python3 - "$port" "$work" <<'END'
import os, sys
sys.path.insert(0, os.path.join(os.environ["TANSHU_SOURCE"], "test/scenario"))
from tanshu_case import Session
import re
class Here: port = int(sys.argv[1])
session = Session(Here, "zh")
page = session.get("/sign-in").text
password = re.search(r'name="password" value="([^"]+)"', page).group(1)
session.sign_in("steel.manager", password)
root = sys.argv[2] + "/www"
os.makedirs(root)
for name, path in (("overview", "/enterprise"), ("verify", "/verify")):
    answer = session.get(path)
    assert answer.status == 200, (path, answer.status)
    open(f"{root}/{name}.html", "wb").write(answer.body)
    print(f"{path}: {len(answer.body)} bytes")
open(sys.argv[2] + "/cookie", "w").write("; ".join(f"{k}={v}" for k, v in session.cookies.items()))
END
  rival=$((port == 65535 ? 65534 : port + 1))
  as_root=
  [ "$(id -u)" != 0 ] || as_root="user root;"
  cat >"$work/nginx.conf" <<END
$as_root worker_processes 2; pid $work/nginx.pid; error_log $work/nginx.err; daemon off;
events { worker_connections 256; }
http { access_log off; types { text/html html; } default_type text/html; keepalive_requests 1000000;
  client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  server { listen 127.0.0.1:$rival; root $work/www; } }
END
  PATH=$PATH:/usr/sbin:/sbin nginx -c "$work/nginx.conf" 2>/dev/null &
  nginx=$!
  sleep 1
  wrk_of overview "http://127.0.0.1:$port/enterprise" "$(cat "$work/cookie")"
  wrk_of overview-nginx "http://127.0.0.1:$rival/overview.html"
  ratio overview overview-nginx
  wrk_of verify "http://127.0.0.1:$port/verify"
  wrk_of verify-nginx "http://127.0.0.1:$rival/verify.html"
  ratio verify verify-nginx
}

for what in "$@"; do
  title "$what"
  case $what in
    model) model ;;
    store) "$build/src/store/store_bench" ;;
    meter) "$build/src/meter/meter_bench" "$source/examples/uci-steel-meter/steel_meter_2018_feb_dec.csv" ;;
    report) "$build/src/report/report_bench" ;;
    units) units ;;
    region) python3 "$source/bench/region.py" "$tanshu" "$source" ;;
    http) http ;;
    *) echo "bench: there is no $what; say model, store, meter, report, units, region or http" >&2; exit 2 ;;
  esac
done
