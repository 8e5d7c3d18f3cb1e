"""Two servers on one PostgreSQL that loses connections and is restarted without warning while people upload.

What was acknowledged is there on both servers, what was not was refused with a reason, both go on by themselves, and
the log that both of them sign is one. Run by test/postgres.sh. $TANSHU_FAULT_ROUNDS makes it longer.
"""
import json
import os
import random
import shlex
import shutil
import subprocess
import threading
import time

from tanshu_case import (TANSHU, Gone, Server, Session, add_enterprise, case, done, must, new_database, place, tanshu)

SERVER = os.environ["TANSHU_TEST_POSTGRES"]
PSQL = os.path.join(os.environ["TANSHU_POSTGRES_BIN"], "psql")
ROUNDS = int(os.environ.get("TANSHU_FAULT_ROUNDS", "12"))
PEOPLE = 4
random.seed(20261120)

# ---- two beginnings at once ----
name = new_database(SERVER)
where = f"postgres:{SERVER} dbname={name}"
starts = [subprocess.Popen([TANSHU, "init", "--data", place(f"first-{i}"), "--store", where], text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE) for i in range(4)]
said = [start.communicate() + (start.returncode,) for start in starts]
won = [i for i, (_, _, code) in enumerate(said) if code == 0]
case("of four installations begun at once on one database, one gets it", len(won) == 1, str(said))
case("the others are told whose it is",
     all("holds the log of the key" in err for i, (_, err, _) in enumerate(said) if i not in won), str(said))
if len(won) != 1:
    done()
data = place(f"first-{won[0]}")

# ---- two servers, one database ----
for serial in range(1, PEOPLE + 1):
    add_enterprise(data, serial, industry="3441")
other = place("second")
os.makedirs(other)
shutil.copy(os.path.join(data, "tanshu.conf"), other)
shutil.copytree(os.path.join(data, "keys"), os.path.join(other, "keys"))
os.symlink(os.path.join(data, "log"), os.path.join(other, "log"))  # tiles and checkpoint are one folder
servers = [Server(data), Server(other)]
case("two servers with the same key serve one database", all(server.port for server in servers),
     "".join(server.said() for server in servers))

acknowledged, refused, elsewhere, problems = [{} for _ in range(PEOPLE)], [], [], []
sent = [0] * PEOPLE
stop, ready = threading.Event(), threading.Barrier(PEOPLE + 1)


def session_on(server, who):
    session = Session(server)
    session.sign_in(f"manager-{who + 1}")
    return session


def table(who):
    number = sent[who]
    sent[who] += 1
    month = f"{2000 + number // 12}-{number % 12 + 1:02d}"
    return (f"period,input,key,value,unit\n{month},electricity_purchased,,{1000 + number},MWh\n").encode(), month


def browse(who):
    """Uploads through both servers in turn; a refusal must be a clear one, and the next try may work."""
    sessions = {server: session_on(server, who) for server in servers}
    token = {server: sessions[server].csrf("/enterprise/data") for server in servers}
    ready.wait()
    while not stop.is_set():
        server = servers[sent[who] % 2]
        try:
            content, month = table(who)
            answer = sessions[server].post("/enterprise/data/upload",
                                           {"csrf": token[server], "year": month[:4], "tier": "declared"},
                                           [("file", f"{month}.csv", content)], follow=False)
        except Gone as problem:
            problems.append(f"no answer at all: {problem}")
            return
        if answer.status == 303 and answer.headers["location"].startswith("/enterprise/data/"):
            acknowledged[who][answer.headers["location"].split("?")[0]] = content
        elif answer.status == 303:
            elsewhere.append(answer.headers["location"])
            return
        else:
            refused.append((answer.status, answer.words))  # the session goes on when the database is back


def disturb(number):
    """Cuts all connections, or ends the server as a power cut does."""
    if number % 4 == 3:
        subprocess.run(shlex.split(os.environ["TANSHU_POSTGRES_RESTART"]), check=True, stdout=subprocess.DEVNULL)
    else:
        subprocess.run([PSQL, "-X", "-q", "-t", "-o", os.devnull, f"{SERVER} dbname=postgres", "-c",
                        f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"], check=True)


threads = [threading.Thread(target=browse, args=(who,)) for who in range(PEOPLE)]
for thread in threads:
    thread.start()
ready.wait()
for number in range(ROUNDS):
    time.sleep(random.uniform(0.3, 1.0))
    disturb(number)
time.sleep(1)
stop.set()
for thread in threads:
    thread.join(60)

count = sum(map(len, acknowledged))
print(f"# {sum(sent)} uploads, {count} acknowledged, {len(refused)} refused", flush=True)
case("nobody was left without an answer", not problems, "\n".join(problems))
case("nobody was signed out by a fault of the database", not elsewhere, str(elsewhere))
case("uploads went through between the faults", count >= ROUNDS, (count, sum(sent)))
case("a refusal is a 503 that says what happened",
     all(status == 503 and ("PostgreSQL" in words or "in use" in words) for status, words in refused), str(refused[:5]))
missing = []
for server in servers:
    for who in range(PEOPLE):
        session = session_on(server, who)
        for path, content in acknowledged[who].items():
            answer = session.get(path + "/bytes")
            if answer.status != 200 or answer.body != content:
                missing.append(f"{path}: {answer.status}")
case("everything acknowledged is there on both servers, byte for byte", not missing, "\n".join(missing[:10]))
case("both servers end in order", [server.stop() for server in servers] == [0, 0],
     "".join(server.said() for server in servers))
for _ in range(60):  # what was accepted last gets its place when the lease is free
    if tanshu("log", "sequence", data=data).returncode == 0 and \
            json.loads(must("log", "show", "--format", "json", data=data))["size"] >= count:
        break
    time.sleep(0.5)
for folder in (data, other):
    sound = tanshu("fsck", data=folder)
    case(f"database and log are sound ({os.path.basename(folder)})", sound.returncode == 0, sound.stdout + sound.stderr)
log = json.loads(must("log", "show", "--format", "json", data=data))
case("the log grew, and it is one log", log["size"] >= count, json.dumps(log)[:300])
done()
