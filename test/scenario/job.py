"""Work beside the requests: processes share it, none of it is done twice, a kill loses nothing, failures are seen.

A hundred enterprises that have not filed are each to be reminded once. On SQLite a server and a command share the
work, on PostgreSQL two servers and a command. TANSHU_NOW moves the program's clock, leases go by the wall clock.
"""
import calendar
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time

from tanshu_case import (PASSWORD, Server, Session, TANSHU, case, credit_code, demo_rows, done, must, new_data, place,
                         stored_rows, tanshu, write)

POSTGRES = os.environ.get("TANSHU_TEST_POSTGRES")
ENTERPRISES = 100


def at(day):
    """10:00 in China of a day of 2026, as the program's clock."""
    return {"TANSHU_NOW": str(calendar.timegm(time.strptime(f"2026-{day} 02", "%Y-%m-%d %H")) * 1000)}


def count(query):
    return int(stored_rows(data, query)[0][0])


def wait_until(truth, seconds=90):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if truth():
            return True
        time.sleep(0.1)
    return False


def reminders(month):
    """How many reminders of a month each organisation has."""
    rows = stored_rows(data, "select org_id, count(*) from notice where kind = 'reminder' and arg0 = '%s' "
                             "group by org_id" % month)
    return {str(org): int(number) for org, number in rows}


def jobs(state, kind="reminder"):
    return json.loads(must("job", "list", "--state", state, "--kind", kind, "--format", "json", data=data))


def run_sql(statement):
    if not POSTGRES:
        with sqlite3.connect(f"{data}/tanshu.db", timeout=30) as store:
            store.execute(statement)
        return
    stored_rows(data, statement)


def is_locked():
    """Whether somebody holds the one place of a writer in the SQLite file."""
    if POSTGRES:
        return False
    try:
        with sqlite3.connect(f"{data}/tanshu.db", timeout=0, isolation_level=None) as store:
            store.execute("begin immediate")
            store.execute("rollback")
            return False
    except sqlite3.OperationalError:
        return True


def hold(process):
    """Stops a process where it keeps nobody from writing."""
    while process.poll() is None:
        process.send_signal(signal.SIGSTOP)
        if not is_locked():
            return
        process.send_signal(signal.SIGCONT)
        time.sleep(0.003)


def finished_reminders(month):
    return count(f"select count(*) from job where kind = 'reminder' and job_key = '{month}' and state = 'done'")


data = new_data()
for serial in range(1, ENTERPRISES + 1):
    must("org", "add", "--kind", "enterprise", "--name", f"试验企业{serial}", "--name-en", f"Test Works {serial}", "--code",
         credit_code(serial), "--industry", "3120", "--division", "130200", "--founded", "2008-05-01", "--on-register",
         data=data)


def set_lease(seconds):
    write(os.path.join(data, "tables/jobs/kinds.csv"),
          "kind,title_en,title_zh,lease_s,attempts_max,wait_s,wait_s_max\n"
          f"reminder,Remind an enterprise,提醒企业,{seconds},3,0,0\nreminders,Find enterprises,查找企业,{seconds},3,0,0\n")


set_lease(300)
SCHEDULE = os.path.join(data, "tables/jobs/schedule.csv")
write(SCHEDULE, "name,kind,at,title_en,title_zh\n" + "".join(
    f"{name},{kind},off,Off,关\n" for name, kind in (("nightly-accounts", "accounts"), ("deadlines", "deadlines"),
                                                  ("sweep", "sweep"))))

# ---- two servers ----

must("job", "run", data=data, env=at("03-19"))
case("a new installation does not begin with work of the day before", not jobs("done", "reminders"))
directories = [data]
if POSTGRES:  # another machine: the same settings, keys and rules, the log on a shared file system
    other = place("other")
    os.mkdir(other)
    for name in ("keys", "tables"):
        shutil.copytree(os.path.join(data, name), os.path.join(other, name))
    shutil.copy(os.path.join(data, "tanshu.conf"), other)
    os.symlink(os.path.join(data, "log"), os.path.join(other, "log"))
    directories.append(other)
servers = [Server(directory, env=at("03-19"), arguments=("--jobs", "2")) for directory in directories]
case("a server starts on SQLite, several on PostgreSQL", all(server.port for server in servers),
     [server.said() for server in servers])
for server in servers:
    hold(server.process)
beside = subprocess.Popen([TANSHU, "job", "run", "--data", data], env={**os.environ, **at("03-20")}, stdout=subprocess.DEVNULL)
while beside.poll() is None and finished_reminders("2026-02") < 10:
    pass
hold(beside)
by_command = finished_reminders("2026-02")
for server in servers:
    server.process.send_signal(signal.SIGCONT)
wait_until(lambda: finished_reminders("2026-02") > by_command)
beside.send_signal(signal.SIGCONT)
case("the command ends when nothing is left", beside.wait(60) == 0)
finished = wait_until(lambda: finished_reminders("2026-02") == ENTERPRISES)
case("a hundred jobs are done", finished, stored_rows(data, "select state, count(*) from job group by state"))
given = reminders("2026-02")
case("each enterprise is reminded, and once", len(given) == ENTERPRISES and set(given.values()) == {1},
     {org: number for org, number in given.items() if number != 1})
case("no job was begun twice", count("select count(*) from job where attempts <> 1") == 0)
# The second part of an identifier tells the processes apart (base/id.h).
workers = {(int(row[0]) >> 12) & 1023 for row in stored_rows(data, "select holder from job where kind = 'reminder'")}
case("more than one process did them", 10 <= by_command < ENTERPRISES and len(workers) > 1, (by_command, workers))
must("job", "run", "reminders", data=data, env=at("03-20"))
idle = wait_until(lambda: count("select count(*) from job where state in ('waiting', 'running')") == 0)
case("asked again, there is nothing more to do for them", idle and reminders("2026-02") == given
     and finished_reminders("2026-02") == ENTERPRISES)
for server in servers:
    case("the server ends in order, and without complaint", server.stop() == 0 and server.complaints() == "",
         server.said())

# ---- kill -9 in the middle ----

set_lease(3)
struck = 0
for number in range(5):
    server = Server(data, env=at("04-20"))
    while server.process.poll() is None:
        server.process.send_signal(signal.SIGSTOP)  # so that it is in the middle when it is looked at
        running = count("select count(*) from job where job_key = '2026-03' and state = 'running'")
        left = count("select count(*) from job where job_key = '2026-03' and state <> 'done'")
        everything = count("select count(*) from job where job_key = '2026-03'")
        if running > struck and left < everything - 10 * number or everything > 0 and left == 0:
            server.kill()
        else:
            server.process.send_signal(signal.SIGCONT)
            time.sleep(0.003)
    struck = count("select count(*) from job where job_key = '2026-03' and state = 'running'")
server = Server(data, env=at("04-20"))
finished = wait_until(lambda: finished_reminders("2026-03") == ENTERPRISES)
case("all are done in the end", finished, stored_rows(data, "select state, count(*) from job group by state"))
server.stop()
given = reminders("2026-03")
case("each enterprise is reminded once, whatever was killed", len(given) == ENTERPRISES and set(given.values()) == {1},
     {org: number for org, number in given.items() if number != 1})
case("some were begun again after their lease", count("select count(*) from job where job_key = '2026-03' and attempts > 1") > 0)

# ---- what always fails ----

run_sql("alter table notice rename to notice_away")
failed = [tanshu("job", "run", "reminders", data=data, env=at("05-20"))]
for _ in range(3):
    failed.append(tanshu("job", "run", data=data, env=at("05-20")))
dead = jobs("dead")
case("what fails each time ends dead", len(dead) == ENTERPRISES, len(dead))
case("after as many attempts as its kind has, with its error",
     {row["attempts"] for row in dead} == {"3"} and all("notice" in row["error"] for row in dead), dead[:2])
case("and the command says so", failed[0].returncode == 1 and "for good" in failed[0].stdout, failed[0].stdout)
shown = json.loads(must("job", "show", dead[0]["job"], "--format", "json", data=data))
case("one job is shown", shown[0]["state"] == "dead" and shown[0]["key"] == "2026-04", shown)
run_sql("alter table notice_away rename to notice")
must("job", "retry", dead[0]["job"], data=data)
retried = must("job", "run", data=data, env=at("05-20"))
case("retried when the cause is gone, it is done", retried.startswith("1 jobs done") and len(jobs("dead")) == ENTERPRISES - 1,
     retried)
case("and its enterprise is reminded", list(reminders("2026-04").values()) == [1])
must("user", "add", "operator", "--org", must("org", "add", "--kind", "operator", "--name", "运营方", "--code", credit_code(900),
                                              "--division", "130200", data=data).strip(), "--role", "platform_operator",
     "--name", "operator", data=data, stdin=PASSWORD + "\n")
write(os.path.join(data, "tanshu.conf"), open(os.path.join(data, "tanshu.conf"), encoding="utf-8").read()
      + "\nmetrics_token = collector\n")
server = Server(data, env=at("05-20"))
operator = Session(server)
operator.sign_in("operator")
page = operator.get("/operator/jobs")
case("the operator sees the queue, the schedule and what is dead with its error",
     page.status == 200 and "Remind an enterprise" in page.words and "notice" in page.words and "09:00" in page.words, page.words)
case("and how far the work of each time is", f"1 of {ENTERPRISES} organisations · {ENTERPRISES - 1} dead" in page.words
     and f"{ENTERPRISES} of {ENTERPRISES} organisations" in page.words, page.words)
answer = operator.submit(page, "/operator/jobs")
case("a button lets one be tried again", answer.status == 200 and "waits again" in answer.words, answer.words)
case("and it is done", wait_until(lambda: sum(reminders("2026-04").values()) == 2), reminders("2026-04"))
again = operator.submit(page, "/operator/jobs")
case("pressed twice, it is done once", again.status == 409 and sum(reminders("2026-04").values()) == 2, again.status)
chinese = operator.get("/language/zh") and operator.get("/operator/jobs")
case("the page reads in Chinese", "后台作业" in chinese.words and "已失败终止" in chinese.words and "Dead" not in chinese.words,
     chinese.words)
metrics = operator.get("/metrics", headers={"Authorization": "Bearer collector"}).text
case("metrics count the dead", f'tanshu_jobs{{kind="reminder",state="dead"}} {ENTERPRISES - 2}\n' in metrics
     and "# TYPE tanshu_jobs_oldest_waiting_seconds gauge" in metrics, [line for line in metrics.splitlines() if "jobs" in line])
server.stop()
refused = tanshu("job", "retry", dead[0]["job"], data=data)
case("what is not dead can't be retried", refused.returncode == 1 and "done" in refused.stderr, refused.stderr)

# ---- nightly: only what changed ----

code = credit_code(1)
must("user", "add", "manager", "--org", code, "--role", "enterprise_manager", "--name", "manager", data=data,
     stdin=PASSWORD + "\n")
must("import", "--org", code, write(place("steel.csv"), demo_rows("steel", 2025)), data=data, env=at("05-20"))
first = must("job", "run", "nightly-accounts", data=data, env=at("05-20"))
case("the first night looks at everybody", first.startswith(f"{ENTERPRISES + 1} jobs done"), first)
case("and makes the account and judgement of whom has data", count("select count(*) from model_run") >= 12
     and count("select count(*) from rating") >= 1)
second = must("job", "run", "nightly-accounts", data=data, env=at("05-20"))
case("the second night finds nothing that changed", second.startswith("1 jobs done"), second)
must("import", "--org", credit_code(2), write(place("other.csv"), demo_rows("steel", 2024)), data=data,
     env=at("05-20"))
third = must("job", "run", "nightly-accounts", data=data, env=at("05-20"))
case("the third night does the one whose data changed", third.startswith("2 jobs done"), third)
write(os.path.join(data, "tables/own/limits.csv"), "id,value\none,1\n")
runs = count("select count(*) from model_run")
fourth = must("job", "run", "nightly-accounts", data=data, env=at("05-20"))
case("when rules changed everybody is looked at", fourth.startswith(f"{ENTERPRISES + 1} jobs done"), fourth)
case("but the same data under rules that say the same give no new account",
     runs == count("select count(*) from model_run"), runs)
fifth = must("job", "run", "nightly-accounts", data=data, env=at("05-20"))
case("and once only", fifth.startswith("1 jobs done"), fifth)

# ---- deadlines: the demo's findings were to be answered within ten working days, its loan case accepted within two ----

demo = place("demo")
must("init", data=demo)
must("demo", data=demo, timeout=300)


def demo_count(query):
    with sqlite3.connect(f"file:{demo}/tanshu.db?mode=ro", uri=True) as store:
        return store.execute(query).fetchone()[0]


opened = demo_count("select entered_ms from flow_case where flow = 'loan_application'")
days = [day for day in range(1, 12) if time.gmtime(opened / 1000 + 8 * 3600 + day * 86400).tm_wday < 5]
due = time.strftime("%Y-%m-%d", time.gmtime(opened / 1000 + 8 * 3600 + days[1] * 86400))
told, waiting = {}, demo_count("select count(*) from flow_case where flow = 'finding' and state = 'open'")
for name, day in (("opened", 0), ("day before", days[0]), ("day before, again", days[0]), ("over", days[2]), ("later", days[4])):
    ran = must("job", "run", "deadlines", data=demo, env={"TANSHU_NOW": str(opened + day * 86400000)})
    told[name] = (demo_count(f"select count(*) from notice where kind = 'deadline' and link = '/bank/cases' and arg2 = '{due}'"),
                  demo_count("select count(*) from notice where kind = 'deadline' and message like '%overdue%' "
                             "and link = '/enterprise/findings'"))
case("each overdue finding is told of once", waiting > 0 and {findings for _, findings in told.values()} == {waiting},
     (waiting, told))
case("the bank is told on the working day before its step is due, and once more when it is over",
     [bank for bank, _ in told.values()] == [0, 1, 1, 2, 2], told)

write(SCHEDULE, "name,kind,at,title_en,title_zh\nreminders,reminders,25:99,R,提醒\n")
shown = tanshu("job", "schedule", data=data, env=at("05-20"))
case("a schedule that can't be read is said, and the shipped one stays",
     "25:99" in shown.stderr and "line 2" in shown.stderr and "09:00" in shown.stdout, shown.stderr)
done()
