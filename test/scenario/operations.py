"""What whoever runs the server relies on: health, readiness, metrics, the access log.

Prometheus' text format is read here by its own description (prometheus.io, "Exposition formats").
"""
import json
import os
import re
import sqlite3
import subprocess
import time

from tanshu_case import Server, Session, add_enterprise, case, done, must, new_data

TOKEN = "only-for-the-collector"
SAMPLE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-z_]+)="([^"]*)"')


def read(text):
    """{(name, labels): value}; every sample must follow the HELP and TYPE of its family."""
    samples, types, helped, problems = {}, {}, set(), []
    for line in text.splitlines():
        if line.startswith("# HELP "):
            helped.add(line.split(" ", 3)[2])
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            types[name] = kind
        else:
            match = SAMPLE.match(line)
            if not match:
                problems.append(line)
                continue
            name, labels, value = match.groups()
            family = re.sub("_(bucket|sum|count)$", "", name) if name not in types else name
            if family not in types or family not in helped:
                problems.append(line)
            key = name, tuple(sorted(LABEL.findall(labels or "")))
            if key in samples:
                problems.append("twice: " + line)
            samples[key] = float(value)
    return samples, types, problems


def value(samples, name, **labels):
    return samples.get((name, tuple(sorted(labels.items()))), 0)


def metrics(session):
    return session.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})


data = new_data()
add_enterprise(data, 7100)
server = Server(data)
session = Session(server)
case("without a token set, nobody reads the metrics", metrics(session).status == 404)
case("health needs no session and sets no cookie",
     (lambda a: a.status == 200 and "set-cookie" not in a.headers)(Session.request(session, "GET", "/healthz")))
case("the server is ready", session.get("/readyz").status == 200)
server.stop()

must("set", "metrics_token", TOKEN, data=data)
server = Server(data)
session = Session(server)
case("a wrong token is refused",
     session.get("/metrics", headers={"Authorization": f"Bearer {TOKEN[:-1]}x"}).status == 404)
before, types, problems = read(metrics(session).text)
case("what is printed is Prometheus' text format", not problems, "\n".join(problems))
case("its content type says so", "version=0.0.4" in metrics(session).headers["content-type"])
for _ in range(7):
    session.get("/verify")
session.get("/no/such/page")
verify = {"method": "GET", "route": "/verify"}
for _ in range(100):  # an answer is counted when its last byte is gone, which may be after it was read here
    after, types, _ = read(metrics(session).text)
    looks = (value(after, "tanshu_http_requests_total", code="2xx", **verify)
             - value(before, "tanshu_http_requests_total", code="2xx", **verify))
    unknown = value(after, "tanshu_http_requests_total", code="4xx", method="", route="")
    if looks >= 7 and unknown >= 1:
        break
    time.sleep(0.05)
case("seven looks at a page are seven more requests", looks == 7, str(after))
case("an unknown path is counted without its name", unknown == 1, str(unknown))
bounds = sorted((float(dict(labels)["le"]), number) for (name, labels), number in after.items()
                if name.endswith("_bucket") and dict(labels)["route"] == "/verify")
case("the buckets of the histogram are cumulative and end with its count",
     [n for _, n in bounds] == sorted(n for _, n in bounds) and len(bounds) == 10
     and bounds[-1][1] == value(after, "tanshu_http_request_duration_seconds_count", **verify), str(bounds))
case("counters end in _total, as the conventions ask",
     all(name.endswith("_total") for name, kind in types.items() if kind == "counter"), str(types))
with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as file:
    pages = int(file.read().rsplit(")", 1)[1].split()[21])
memory = value(after, "process_resident_memory_bytes")
case("the memory is what the system says, by and large", 0.5 < memory / (pages * os.sysconf("SC_PAGE_SIZE")) < 2,
     f"{memory} {pages}")
server.stop()

# ---- the access log ----
server = Server(data, arguments=("--log", "json"), quiet=False)
session = Session(server)
answer = session.get("/verify?a=secret")
session.get("/x%22%0a%5c")
server.stop()
lines = [line for line in server.said().splitlines() if line.startswith("{")]
rows = [json.loads(line) for line in lines]
mine = [row for row in rows if row["request_id"] == answer.headers["x-request-id"]]
case("each request is one JSON object, found by its X-Request-Id", len(mine) == 1 and mine[0]["path"] == "/verify"
     and mine[0]["status"] == 200 and mine[0]["method"] == "GET" and mine[0]["bytes"] == len(answer.body), str(rows))
case("what was asked after the question mark is not logged", "secret" not in server.said())
case("a hostile path is one line of JSON too", len(rows) >= 3 and all("path" in row for row in rows))

# ---- the database takes too long ----
must("set", "database_seconds_max", "1", data=data)
must("set", "slow_query_ms", "300", data=data)
server = Server(data, arguments=("--log", "json"), quiet=False)
session = Session(server)
session.get("/language/en")
session.sign_in("manager-7100")
token = session.csrf("/enterprise")
store = os.environ.get("TANSHU_TEST_POSTGRES")
if store:
    with open(f"{data}/tanshu.conf", encoding="utf-8") as file:
        name = re.search(r"^store = .*dbname=(\S+)", file.read(), re.M).group(1)
    keeper = subprocess.Popen([os.path.join(os.environ["TANSHU_POSTGRES_BIN"], "psql"), "-X", "-q", f"{store} dbname={name}"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    keeper.stdin.write("begin; lock table login_session; select 'kept';\n")
    keeper.stdin.flush()
    while "kept" not in keeper.stdout.readline():
        pass
else:
    keeper = sqlite3.connect(os.path.join(data, "tanshu.db"), isolation_level=None)
    keeper.execute("begin immediate")
began = time.monotonic()
late = session.post("/sign-out", {"csrf": token}, follow=False)
took = time.monotonic() - began
case("a request for which the database takes too long ends with 503 and says so", late.status == 503 and
     "1 seconds that one request may take" in late.words, f"{late.status} {late.words[:500]}")
case("in about its time", took < 8, took)
if store:
    keeper.communicate("rollback;\n")
else:
    keeper.execute("rollback")
    keeper.close()
case("and afterwards everything works", session.get("/enterprise").status == 200)
server.stop()
rows = [json.loads(line) for line in server.said().splitlines() if line.startswith("{")]
slow = [row for row in rows if "slow_statement" in row]
if store:
    case("the statement that waited is named in the log, by its request, without values",
         any(row["request_id"] == late.headers["x-request-id"] and row["slow_statement"].startswith("registry_")
             and row["failed"] and row["ms"] >= 300 and set(row) == {"time", "request_id", "slow_statement", "ms", "failed"}
             for row in slow), slow)
must("set", "database_seconds_max", "30", data=data)
must("set", "slow_query_ms", "500", data=data)

# ---- the database goes away ----
store = os.environ.get("TANSHU_TEST_POSTGRES")
if store:
    server = Server(data)
    session = Session(server)
    case("ready while PostgreSQL answers", session.get("/readyz").status == 200)
    with open(f"{data}/tanshu.conf", encoding="utf-8") as file:
        name = re.search(r"^store = .*dbname=(\S+)", file.read(), re.M).group(1)
    sql = lambda text: subprocess.run([os.path.join(os.environ["TANSHU_POSTGRES_BIN"], "psql"), "-X", "-q", "-o",
                                       os.devnull, "-c", text,
                                       f"{store} dbname=postgres"], check=True)
    sql(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")
    sql(f"alter database {name} rename to {name}_away")
    gone = session.get("/readyz")
    case("not ready while the database is away, and it says why", gone.status == 503 and "STORE_CONNECT" in gone.text,
         f"{gone.status} {gone.text}")
    case("but the process is healthy", session.get("/healthz").status == 200)
    case("a page says that it can't be served now", session.get("/sign-in").status in (200, 503))
    sql(f"alter database {name}_away rename to {name}")
    back = [session.get("/readyz").status for _ in range(3)]
    case("ready again without a restart", back[-1] == 200, str(back))
    server.stop()
done()
