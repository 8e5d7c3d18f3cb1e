"""A database of each released schema, filled, is brought up to date by the real program, disturbed or not.

The kept databases are in test/released/NNNN: the rows as SQLite's own dump, and the test key that signed their log.
With TANSHU_TEST_POSTGRES (test/postgres.sh) they are put into PostgreSQL by the very statements that
`tanshu migrate --dry-run` prints, otherwise SQLite reads the dump.
"""
import hashlib
import json
import lzma
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time

from tanshu_case import (SOURCE, TANSHU, Server, Session, case, done, must, new_database, place, stored_rows, tanshu)

SERVER = os.environ.get("TANSHU_TEST_POSTGRES")
RELEASED = os.path.join(SOURCE, "test/released")
ENTERPRISE = "91130200TE00000106"  # who has a year's account, a rating, two reports and a loan in the kept database
NEWEST = len([name for name in os.listdir(os.path.join(SOURCE, "src/store/migrations")) if name.endswith(".sql")])


def psql(database, text, stdin=None):
    done_ = subprocess.run([os.path.join(os.environ["TANSHU_POSTGRES_BIN"], "psql"), "-X", "-q", "-A", "-t", "-v",
                            "ON_ERROR_STOP=1", f"{SERVER} dbname={database}", *(["-c", text] if text else [])],
                           input=stdin, capture_output=True, text=True, check=False)
    if done_.returncode != 0:
        raise RuntimeError(done_.stderr[:2000])
    return done_.stdout


def released_file(version, path):
    """The kept database as a SQLite file."""
    with lzma.open(os.path.join(RELEASED, f"{version:04d}/store.sql.xz"), "rt", encoding="utf-8") as file:
        dump = file.read()
    with sqlite3.connect(path) as store:
        store.executescript(dump)
    store.close()


def directory(name, version):
    """A data directory around the kept database, as the program of that release left it."""
    data = place(name)
    for folder in ("keys", "spool", "models", "tables", "flows"):
        os.makedirs(os.path.join(data, folder))
    for key in ("log.key", "log.pub"):
        shutil.copy(os.path.join(RELEASED, f"{version:04d}", key), os.path.join(data, "keys"))
    shutil.copytree(os.path.join(RELEASED, f"{version:04d}", "log"), os.path.join(data, "log"))
    os.chmod(os.path.join(data, "keys/log.key"), 0o600)
    released_file(version, os.path.join(data, "tanshu.db"))
    with open(os.path.join(data, "tanshu.conf"), "w", encoding="utf-8") as file:
        if SERVER:
            file.write(f"store = postgres:{SERVER} dbname={to_postgres(data, version)}\n")
    return data


def cell(value, boolean):
    """A value in the text form of COPY."""
    if value is None:
        return "\\N"
    if boolean:
        return "t" if value else "f"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    if isinstance(value, float):
        return repr(value)
    return re.sub(r"[\\\t\n\r]", lambda m: {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}[m.group()], str(value))


def to_postgres(data, version):
    """The rows of the SQLite file in a PostgreSQL database of the same step; its name."""
    database = new_database(SERVER)
    for step in range(1, version + 1):
        psql(database, None, stdin=STEPS[step])
    with sqlite3.connect(os.path.join(data, "tanshu.db")) as store:
        for (table,) in store.execute("select name from sqlite_schema where type = 'table'").fetchall():
            columns = [row[1] for row in store.execute(f"pragma table_info({table})")]
            booleans = set(psql(database, "select column_name from information_schema.columns where table_name = "
                                f"'{table}' and data_type = 'boolean'").split())
            lines = ["\t".join(cell(value, column in booleans) for value, column in zip(row, columns))
                     for row in store.execute(f"select {', '.join(columns)} from {table}")]
            psql(database, None, stdin=f"copy {table} ({', '.join(columns)}) from stdin;\n" +
                 "".join(line + "\n" for line in lines) + "\\.\n")
    store.close()
    os.remove(os.path.join(data, "tanshu.db"))
    return database


def fingerprint(data):
    """Every table but the list of steps, with a digest of its rows as the database tells them from outside."""
    if SERVER:
        names = [row[0] for row in stored_rows(data, "select tablename from pg_tables where schemaname = 'public'")]
    else:
        names = [row[0] for row in stored_rows(data, "select name from sqlite_schema where type = 'table'")]
    return {name: hashlib.sha256(repr(sorted(map(repr, stored_rows(data, f"select * from {name}")))).encode()).hexdigest()
            for name in set(names) - {"store_migration"}}


def unchanged(before, data):
    """Whether the rows of before are what they were; a step may have made tables besides. The steps so far change no row."""
    after = fingerprint(data)
    return len(before) > 20 and all(after.get(name) == rows for name, rows in before.items())


def steps_of(data):
    return [int(row[0]) for row in stored_rows(data, "select version from store_migration order by version")]


def file_digest(data):
    with open(os.path.join(data, "tanshu.db"), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


# ---- what each step is, told by the program itself -----------------------------------------------
STEPS = {}
if SERVER:
    empty, asked = new_database(SERVER), place("asked")
    os.makedirs(asked)
    with open(os.path.join(asked, "tanshu.conf"), "w", encoding="utf-8") as conf:
        conf.write(f"store = postgres:{SERVER} dbname={empty}\n")
    told = must("migrate", "--dry-run", data=asked)
    for head, text in re.findall(r"^(-- PostgreSQL, .*\n)((?:(?!-- ).*\n)*)", told, re.M):
        if re.search(r": step (\d+) of", head):
            STEPS[int(re.search(r": step (\d+) of", head).group(1))] = text
    case("the statements of all steps can be read before there is any table", sorted(STEPS) ==
         list(range(1, NEWEST + 1)), told[:2000])
    said = tanshu("migrate", data=asked)
    case("a database that holds no step is made by init, not by migrate", said.returncode == 1 and
         "tanshu init" in said.stderr, said.stdout + said.stderr)

kept = sorted(int(name) for name in os.listdir(RELEASED) if name.isdigit())
case("a filled database of the first released schema is kept", kept and kept[0] == 1, kept)
for version in kept:
    data = directory(f"released-{version}", version)
    before = fingerprint(data)
    # ---- refusals, and what to do ----
    old = tanshu("org", "list", data=data)
    if version < NEWEST:
        case(f"step {version}: a command on the older database says what to do", old.returncode == 1 and
             f"step {version}" in old.stderr and f"needs {NEWEST}" in old.stderr and "tanshu migrate" in old.stderr,
             old.stderr)
        said = subprocess.run([TANSHU, "serve", "--data", data, "--port", "0"], capture_output=True, text=True,
                              timeout=60, check=False)
        case(f"step {version}: serve does not start on it and changes nothing", said.returncode == 1 and
             "tanshu migrate" in said.stderr and steps_of(data) == list(range(1, version + 1)), said.stderr)
    # ---- what would be done ----
    image = file_digest(data) if not SERVER else fingerprint(data)
    dry = tanshu("migrate", "--dry-run", data=data)
    case(f"step {version}: a dry run names database, steps and statements", dry.returncode == 0 and
         ("PostgreSQL, scenario_" in dry.stdout if SERVER else f"SQLite, {data}/tanshu.db" in dry.stdout) and
         (version >= 2 or "create index notice_by_read on notice (org_id, read_at);" in dry.stdout) and
         ("revoke update, delete, truncate on" in dry.stdout) == bool(SERVER), dry.stdout + dry.stderr)
    case(f"step {version}: and changes nothing", steps_of(data) == list(range(1, version + 1)) and
         (fingerprint(data) if SERVER else file_digest(data)) == image)
    # ---- a backup of the older database, restored by the newer program ----
    if not SERVER:
        backup = place(f"backup-{version}")
        made = tanshu("backup", backup, data=data)
        case(f"step {version}: the older database is backed up as it is", made.returncode == 0, made.stderr)
        restored = place(f"restored-{version}")
        made = tanshu("restore", backup, data=restored)
        case(f"step {version}: the backup is restored and brought up to date",
             made.returncode == 0 and steps_of(restored) == list(range(1, NEWEST + 1)), made.stderr)
    # ---- the migration, and what people see afterwards ----
    done_ = tanshu("migrate", data=data)
    case(f"step {version}: migrated, step by step", done_.returncode == 0 and
         all(f"Step {step} is kept." in done_.stderr for step in range(version + 1, NEWEST + 1)), done_.stderr)
    case(f"step {version}: the list of steps is whole", steps_of(data) == list(range(1, NEWEST + 1)))
    case(f"step {version}: every row is as it was", unchanged(before, data))
    again = tanshu("migrate", data=data)
    case(f"step {version}: a second time there is nothing to do", again.returncode == 0 and "newest" in again.stdout,
         again.stdout)
    sound = tanshu("fsck", data=data)
    case(f"step {version}: database and log are sound", sound.returncode == 0, sound.stdout + sound.stderr)
    account = json.loads(must("account", "--org", ENTERPRISE, "--year", "2025", "--format", "json", data=data))
    rows = account if isinstance(account, list) else account.get("rows", account)
    case(f"step {version}: the account has its figures", len(rows) > 10 and '"scope"' in json.dumps(account),
         json.dumps(account)[:600])
    rated = tanshu("rate", "--org", ENTERPRISE, "--year", "2025", data=data)
    case(f"step {version}: a rating can be made", rated.returncode == 0, rated.stderr)
    server = Server(data)
    session = Session(server)
    session.sign_in("manager-10")
    case(f"step {version}: people sign in with their passwords", session.get("/enterprise").status == 200)
    server.stop()
    undisturbed = steps_of(data)

    # ---- killed at random moments, and two at once ----
    killed = 0
    data = directory(f"killed-{version}", version)
    for attempt in range(12):
        run = subprocess.Popen([TANSHU, "migrate", "--data", data], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        time.sleep(0.002 * attempt)
        if run.poll() is None:
            run.send_signal(signal.SIGKILL)
            killed += 1
        run.wait()
    case(f"step {version}: at least one migration was killed", killed > 0)
    done_ = tanshu("migrate", data=data)
    case(f"step {version}: killed again and again it ends as an undisturbed one", done_.returncode == 0 and
         steps_of(data) == undisturbed and unchanged(before, data) and
         tanshu("fsck", data=data).returncode == 0, done_.stderr)
    data = directory(f"twice-{version}", version)
    runs = [subprocess.Popen([TANSHU, "migrate", "--data", data], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True) for _ in range(4)]
    told = [run.communicate() + (run.returncode,) for run in runs]
    case(f"step {version}: four migrations at once end as one", all(code == 0 for _, _, code in told) and
         steps_of(data) == undisturbed and tanshu("fsck", data=data).returncode == 0, told)

# ---- a newer database, and an edited step ---------------------------------------------------------
data = directory("newer", 1)
must("migrate", data=data)
if not SERVER:
    server = Server(data)
    busy = tanshu("migrate", data=data)
    case("on SQLite serve is stopped first", busy.returncode == 1 and "Stop it first" in busy.stderr, busy.stderr)
    server.stop()


def write(text):
    """As somebody would who has the database's password."""
    if SERVER:
        with open(os.path.join(data, "tanshu.conf"), encoding="utf-8") as file:
            psql(re.search(r"dbname=(\S+)", file.read()).group(1), text)
    else:
        with sqlite3.connect(os.path.join(data, "tanshu.db")) as store:
            store.execute(text)
        store.close()


write(f"insert into store_migration values ({NEWEST + 1}, 'of a later version', 1)")
for command in (("org", "list"), ("migrate",), ("migrate", "--dry-run")):
    newer = tanshu(*command, data=data)
    case(f"a newer database is refused by tanshu {' '.join(command)}", newer.returncode == 1 and
         f"step {NEWEST + 1}" in newer.stderr and f"knows {NEWEST}" in newer.stderr and
         "Install the newer program" in newer.stderr, newer.stderr)
write(f"delete from store_migration where version > {NEWEST}")
write("update store_migration set digest = 'edited' where version = 1")
edited = tanshu("migrate", data=data)
case("a step with another digest is refused, with both digests", edited.returncode == 3 and "0001-first" in edited.stderr
     and "'edited'" not in edited.stderr and "edited" in edited.stderr and "e08baeb28dcf9f7e" in edited.stderr,
     edited.stderr)

# ---- two users of PostgreSQL: one owns the tables, the other works --------------------------------
if SERVER:
    name = new_database(SERVER)
    psql("postgres", f"create role owner_{name} login; create role serve_{name} login;"
         f"alter database {name} owner to owner_{name}")
    host = re.search(r"host=(\S+)", SERVER).group(1)
    owner, serve = (f"postgres:host={host} user={who}_{name} dbname={name}" for who in ("owner", "serve"))
    data = place("two-users")
    begun = tanshu("init", "--store", serve, data=data)
    case("who does not own the database can't make the tables", begun.returncode == 1 and "--owner" in begun.stderr,
         begun.stderr)
    begun = tanshu("init", "--store", serve, "--owner", owner, data=data)
    asked_for = f'create role "{name}_writer" nologin; grant "{name}_writer" to "owner_{name}"'
    case("an owner who can't make roles is told what a superuser has to do", begun.returncode == 1 and
         asked_for in begun.stderr, begun.stderr)
    psql("postgres", asked_for)
    begun = tanshu("init", "--store", serve, "--owner", owner, data=data)
    case("a user without the role is told so", begun.returncode == 3 and f"{name}_writer" in begun.stderr, begun.stderr)
    psql("postgres", f'grant "{name}_writer" to serve_{name}')
    must("init", "--store", serve, "--owner", owner, data=data)
    must("org", "add", "--kind", "bank", "--name", "示例银行", "--code", "91140100MA0TB002X7", "--division", "140100",
         data=data)
    case("with both the installation works", "示例银行" in must("org", "list", data=data))
    refused = []
    for text in ("update posting set amount = 0", "delete from audit", "update log_entry set commitment = ''",
                 "truncate datum", "drop table posting", "delete from store_migration"):
        for user in ("set role none", f'set role "{name}_writer"'):
            result = subprocess.run([os.path.join(os.environ["TANSHU_POSTGRES_BIN"], "psql"), "-X", "-q",
                                     f"host={host} user=serve_{name} dbname={name}", "-c", f"{user}; {text}"],
                                    capture_output=True, text=True, check=False)
            if result.returncode == 0 or not re.search("permission denied|must be owner", result.stderr):
                refused.append((text, result.stderr))
    case("the user of serve can't change what only grows, whatever SQL it sends", not refused, refused)
    case("migrate as that user changes nothing and says whose work it is",
         "--store" in tanshu("migrate", data=data).stderr)
    case("and as the owner it works", tanshu("migrate", "--store", owner, data=data).returncode == 0)
done()
