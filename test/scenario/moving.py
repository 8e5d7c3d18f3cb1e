"""An installation moves between SQLite and PostgreSQL and back; backups of both are restored into both.

Run by test/postgres.sh. What a person sees, and every row, is the same before and after.
"""
import os
import re
import signal
import subprocess
import time

from tanshu_case import (TANSHU, add_enterprise, case, demo_rows, done, must, new_database, place, tanshu, write)

SERVER = os.environ["TANSHU_TEST_POSTGRES"]


def fresh():
    return f"postgres:{SERVER} dbname={new_database(SERVER)}"


def digest(said):
    found = re.search(r"(\d+) tables, (\d+) rows, digest ([0-9a-f]{64})", said)
    return found.groups() if found else None


data = place("files")
must("init", data=data)
code = add_enterprise(data, 4411)
table = write(place("steel.csv"), demo_rows("steel", 2024))
must("import", "--org", code, "--as", "manager-4411", table, data=data)
must("approve", "--org", code, "--as", "approver-4411", data=data)
account = must("account", "--org", code, "--year", "2024", "--format", "json", data=data)
case("the account before the move has figures", '"scope"' in account, account)

# ---- SQLite to PostgreSQL ----
there = fresh()
copied = tanshu("copy", "--from", f"sqlite:{data}", "--to", there)
case("a data directory is copied into PostgreSQL", copied.returncode == 0, copied.stderr)
whole = digest(copied.stdout)
case("and both sides were compared", whole is not None, copied.stdout)
must("set", "store", there, data=data)
os.rename(f"{data}/tanshu.db", f"{data}/old.db")
case("the account is the same figure by figure",
     must("account", "--org", code, "--year", "2024", "--format", "json", data=data) == account)
sound = tanshu("fsck", data=data)
case("database and log are sound there", sound.returncode == 0, sound.stdout + sound.stderr)

again = tanshu("copy", "--from", f"sqlite:{data}/old.db", "--to", there)
case("a database with rows is never copied into", again.returncode == 1 and "Name an empty database" in again.stderr,
     again.stderr)
taken = tanshu("init", "--store", there, data=place("taken"))
case("nor begun anew", taken.returncode == 1 and "holds the log of the key" in taken.stderr, taken.stderr)
case("and a refused init leaves no data directory", not os.path.exists(place("taken", "tanshu.conf")))

# ---- kill -9 at any moment, then the same command again ----
killed = 0
for attempt in range(6):
    target = fresh()
    run = subprocess.Popen([TANSHU, "copy", "--from", f"sqlite:{data}/old.db", "--to", target],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.02 + 0.05 * attempt)
    if run.poll() is None:
        run.send_signal(signal.SIGKILL)
        killed += 1
    run.wait()
    result = tanshu("copy", "--from", f"sqlite:{data}/old.db", "--to", target)
    if run.returncode == 0:
        case(f"attempt {attempt}: finished before it could be killed, and full", result.returncode == 1, result.stderr)
    elif result.returncode == 1 and "Name an empty database" in result.stderr:
        # Killed behind its last commit: the copy is whole, which the way back shows.
        file = f"sqlite:{place(f'whole-{attempt}.db')}"
        case(f"attempt {attempt}: killed when all was copied, it is whole",
             digest(tanshu("copy", "--from", target, "--to", file).stdout) == whole, result.stderr)
    else:
        case(f"attempt {attempt}: a killed copy ends as one that was not disturbed",
             result.returncode == 0 and digest(result.stdout) == whole, result.stdout + result.stderr)
case("at least one copy was killed on its way", killed > 0)

# ---- back, and backups ----
back = place("back.db")
returned = tanshu("copy", "--from", there, "--to", f"sqlite:{back}")
case("back in SQLite every row is as before", digest(returned.stdout) == whole, returned.stdout + returned.stderr)

backup = place("backup")
made = tanshu("backup", backup, data=data)
case("an installation on PostgreSQL is backed up", made.returncode == 0, made.stderr)
for name, options in (("sqlite", []), ("postgres", ["--store", fresh()])):
    restored = place("restored-" + name)
    result = tanshu("restore", backup, *options, data=restored)
    case(f"the backup is restored into {name}", result.returncode == 0, result.stderr)
    case(f"with the same account ({name})",
         must("account", "--org", code, "--year", "2024", "--format", "json", data=restored) == account)
    add_enterprise(restored, 5500 + len(name), people=())
orgs = must("org", "list", "--format", "csv", data=data)
case("what is done in a restored copy is not done in the original", len(orgs.strip().splitlines()) == 2, orgs)

lost = tanshu("org", "list", data=data, env={"PGOPTIONS": "-c nonsense=1"})
case("a server that can't be reached is named with what to do", lost.returncode == 3 and "PostgreSQL" in lost.stderr,
     lost.stderr)
done()
