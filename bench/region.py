"""A region's night: an invented region is loaded, all its accounts are computed again, then those of one in a hundred.

usage: region.py TANSHU SOURCE [ENTERPRISES...]     './dev bench region' calls it; BENCH_REGION="1000 10000" names the sizes
On PostgreSQL: test/postgres.sh python3 bench/region.py …
"""
import http.client
import json
import math
import os
import re
import subprocess
import sys
import threading
import time

os.environ["TANSHU"], os.environ["TANSHU_SOURCE"] = sys.argv[1], sys.argv[2]
sys.path.insert(0, os.path.join(sys.argv[2], "test/scenario"))
from tanshu_case import Session, new_data  # noqa: E402  (what the scenarios know of data directories and sign-in)

TANSHU = sys.argv[1]
SIZES = [int(n) for n in sys.argv[3:] or os.environ.get("BENCH_REGION", "250 1000").split()]
MONTHS = 36
REGION = ["--months", str(MONTHS), "--last", "2025-12"]


def run(*arguments):
    """A command: what it says, wall seconds, processor seconds, most memory in MB."""
    begin = time.perf_counter()
    child = subprocess.Popen([TANSHU, *map(str, arguments), "--format", "json"], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
    told = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"bench: {arguments[0]} ended with {status}")
    return json.loads(told), time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def line(what, measured, rows, unit):
    _, wall, cpu, memory = measured
    print(f"{what:44s} {wall:9.2f} s  {cpu:9.2f} s of a processor  {rows / wall:10.0f} {unit}/s  {memory:6.0f} MB",
          flush=True)
    return cpu


def memory_mb(pid, field):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(text.split()[1]) / 1024 for text in file if text.startswith(field))


def ask(port, cookie, seconds, waits, stop=None):
    """The overview, again and again: how long each took, in ms."""
    until = time.perf_counter() + seconds
    link = http.client.HTTPConnection("127.0.0.1", port)
    while time.perf_counter() < until and not (stop and stop.is_set()):
        begin = time.perf_counter()
        link.request("GET", "/enterprise", headers={"Cookie": cookie})
        answer = link.getresponse()
        answer.read()
        if answer.status != 200:
            sys.exit(f"bench: /enterprise answers {answer.status}")
        waits.append(1000 * (time.perf_counter() - begin))


def p99(waits):
    return sorted(waits)[math.ceil(0.99 * len(waits)) - 1]


def serve(data, password):
    """Memory at rest, and the waits of requests at rest and while the whole night runs."""
    server = subprocess.Popen([TANSHU, "serve", "--data", data, "--port", "0", "--quiet"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    try:
        port = int(re.search(r":(\d+)\s*$", server.stdout.readline().strip()).group(1))
        here = type("Here", (), {"port": port})
        session = Session(here, "zh")
        session.get("/sign-in")
        session.sign_in("sim1-000001.manager", password)
        cookie = "; ".join(f"{k}={v}" for k, v in session.cookies.items())
        rest, busy, stop = [], [], threading.Event()
        print(f"serve at rest: {memory_mb(server.pid, 'VmRSS'):.0f} MB")
        ask(port, cookie, 1, [])
        ask(port, cookie, 8, rest)
        asking = threading.Thread(target=ask, args=(port, cookie, 3600, busy, stop))
        asking.start()
        night = run("refresh", "--data", data, "--all")
        stop.set()
        asking.join()
        print(f"requests: p99 {p99(rest):.1f} ms at rest ({len(rest)}), {p99(busy):.1f} ms during the night of "
              f"{night[1]:.1f} s ({len(busy)}): {p99(busy) / p99(rest):.1f} times; serve then {memory_mb(server.pid, 'VmHWM'):.0f} MB at most")
    finally:
        server.terminate()
        server.wait()


costs = {}
for size in SIZES:
    print(f"-- {size} enterprises, {MONTHS} months; load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    data = new_data(f"data{size}")
    loading = run("simulate", "--data", new_data(f"load{size}"), "--enterprises", size, *REGION, "--data-only")
    told = loading[0]
    cost = {"load": line("load (values)", loading, told["rows"], "rows")}
    whole = run("simulate", "--data", data, "--enterprises", size, *REGION)
    cost["first"] = line("load, first accounts, posted, rated", whole, whole[0]["runs"], "runs")
    night = run("refresh", "--data", data, "--all")
    cost["night"] = line("full night, nothing changed", night, told["rows"], "rows")
    changed = max(1, size // 100)
    run("simulate", "--data", data, "--enterprises", size, *REGION, "--correct", changed)
    some = run("refresh", "--data", data)
    if some[0]["changed"] != changed or night[0]["changed"] != size or some[0]["failed"] or night[0]["failed"]:
        sys.exit(f"bench: the wrong enterprises were computed: {some[0]}, {night[0]}")
    cost["incremental"] = line(f"incremental, {changed} of {size} changed", some, some[0]["changed"], "enterprises")
    costs[size] = cost
    if size == SIZES[-1]:
        serve(data, whole[0]["password"])
for less, more in zip(SIZES, SIZES[1:]):
    print(f"-- growth from {less} to {more}, as an exponent of processor time (wanted: at most 1.05): " + ", ".join(
        f"{what} {math.log(costs[more][what] / costs[less][what]) / math.log(more / less):.2f}" for what in costs[less]))
