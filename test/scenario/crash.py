"""kill -9 at fifty random moments while people upload and sign up; nothing that was acknowledged is lost.

Each round starts the server anew on the same directory (the port is its own proof that the restart worked), lets
several browsers send tables for different months, and kills the server at a random moment. A submission counts as
acknowledged when the answer of the upload, or the page it leads to, reached the browser. After each restart every
acknowledged submission is still there, byte for byte; at the end the log is sound and every value counts once.
$TANSHU_CRASH_SEED repeats a run, $TANSHU_CRASH_ROUNDS makes it longer.
"""
import json
import os
import random
import threading
import time

from tanshu_case import (Gone, Server, Session, add_enterprise, case, done, must, new_data, place, tanshu)

ROUNDS = int(os.environ.get("TANSHU_CRASH_ROUNDS", "50"))
SEED = int(os.environ.get("TANSHU_CRASH_SEED", "20260701"))
PEOPLE = 3
random.seed(SEED)
print(f"# seed {SEED}, {ROUNDS} kills", flush=True)

data = new_data()
orgs = [add_enterprise(data, serial, industry="3441") for serial in range(1, PEOPLE + 1)]
acknowledged = [{} for _ in range(PEOPLE)]  # path of the submission -> the bytes sent
sent = [0] * PEOPLE
cookies = [None] * PEOPLE
problems = []


def table(who):
    """A month of its own for each table, from 2000-01 on, so that nothing repeats."""
    number = sent[who]
    sent[who] += 1
    month = f"{2000 + number // 12}-{number % 12 + 1:02d}"
    rows = [f"{month},electricity_purchased,,{1000 + number},MWh", f"{month},heat_purchased,,{10 + number},GJ",
            f"{month},burnt,diesel,{5 + number},t"]
    return ("period,input,key,value,unit\n" + "\n".join(rows) + "\n").encode(), month


def browse(server, who, stop):
    """Uploads until the server is gone."""
    try:
        session = Session.__new__(Session)
        session.server, session.cookies = server, dict(cookies[who] or {})
        if cookies[who] is None:
            session.get("/language/en")
            session.sign_in(f"manager-{who + 1}")
            cookies[who] = dict(session.cookies)
        token = session.csrf("/enterprise/data")
        if token == "":
            cookies[who] = None  # the session was made in a write that was never acknowledged
            return
        while not stop.is_set():
            content, month = table(who)
            answer = session.post("/enterprise/data/upload", {"csrf": token, "year": month[:4], "tier": "declared"},
                                  [("file", f"{month}.csv", content)], follow=False)
            if answer.status == 303:
                acknowledged[who][answer.headers["location"].split("?")[0]] = content
            else:
                problems.append(f"upload of {month}: {answer.status} {answer.words[:300]}")
                return
    except Gone:
        pass
    except Exception as problem:  # pylint: disable=broad-except
        problems.append(repr(problem))


def lost(server):
    """Acknowledged submissions of which the restarted server does not have the bytes."""
    missing = []
    for who in range(PEOPLE):
        session = Session.__new__(Session)
        session.server, session.cookies = server, dict(cookies[who] or {})
        # The newest are those at risk; the oldest were looked at in earlier rounds.
        for path, content in list(acknowledged[who].items())[-8:]:
            answer = session.get(path + "/bytes")
            if answer.status != 200 or answer.body != content:
                missing.append(f"{path}: {answer.status}")
    return missing


started = time.monotonic()
restarts, gone = 0, []
for number in range(ROUNDS):
    server = Server(data)
    if server.port is None:
        problems.append(f"round {number}: no start: {server.said()}")
        break
    restarts += 1
    gone += lost(server)
    stop = threading.Event()
    threads = [threading.Thread(target=browse, args=(server, who, stop)) for who in range(PEOPLE)]
    for thread in threads:
        thread.start()
    time.sleep(random.uniform(0.02, 0.9))
    server.kill()
    stop.set()
    for thread in threads:
        thread.join(60)

server = Server(data)
gone += lost(server)
all_there = []
for who in range(PEOPLE):
    session = Session(server)
    session.sign_in(f"manager-{who + 1}")
    for path, content in acknowledged[who].items():
        answer = session.get(path + "/bytes")
        if answer.status != 200 or answer.body != content:
            all_there.append(path)
count = sum(map(len, acknowledged))
print(f"# {restarts} starts, {sum(sent)} uploads begun, {count} acknowledged, {time.monotonic() - started:.0f} s")
case(f"the server starts again after each of {ROUNDS} kills", restarts == ROUNDS and not problems, "\n".join(problems))
case("uploads were acknowledged and others were struck in the middle", count >= ROUNDS // 2 and sum(sent) > count,
     (count, sum(sent)))
case("after each restart every acknowledged submission is there, byte for byte", not gone, "\n".join(gone))
case("and at the end all of them", not all_there, "\n".join(all_there))
case("the last server ends in order", server.stop() == 0, server.said())
# The lease of a server that was killed runs out by itself.
for _ in range(60):
    if tanshu("log", "sequence", data=data).returncode == 0:
        break
    time.sleep(0.5)
fsck = tanshu("fsck", data=data)
case("database, tree, tiles and checkpoints are sound", fsck.returncode == 0, fsck.stdout + fsck.stderr)
for who, code in enumerate(orgs):
    folder = place(f"export-{who}")
    must("export", "--org", code, folder, data=data)
    places, halves = set(), {}
    twice = 0
    for line in open(os.path.join(folder, "data.jsonl"), encoding="utf-8"):
        row = json.loads(line)
        spot = (row["first_day"], row["input"], row["key"])
        twice += spot in places
        places.add(spot)
        halves.setdefault(row["submission"], set()).add(row["input"] + row["key"])
    case(f"enterprise {who + 1}: every value once", twice == 0, twice)
    case(f"enterprise {who + 1}: each submission whole or not there", {len(h) for h in halves.values()} <= {3},
         {k: len(v) for k, v in halves.items() if len(v) != 3})
spool = os.path.join(data, "spool")
case("no upload is left lying in the spool", os.listdir(spool) == [], os.listdir(spool)[:5])
done()
