"""A full disk: nothing half-written, a message that says so, and work as before once there is room.

full_disk.c makes the writes of the real program fail with ENOSPC while a flag file exists. $TANSHU_FULL_DISK_SHIM is
that library; `df` plays no part, so any user can run this.
"""
import os
import re
import sqlite3
import time

from tanshu_case import (Server, Session, add_enterprise, case, done, must, new_data, place, tanshu, write)

flag = place("the-disk-is-full")
full = {"TANSHU_FULL_DISK": flag, "LD_PRELOAD": os.environ["TANSHU_FULL_DISK_SHIM"],
        "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
data = new_data()
code = add_enterprise(data, 1)


def table(month):
    rows = [f"{month},burnt,diesel,10,t", f"{month},electricity_purchased,,100,MWh"]
    return ("period,input,key,value,unit\n" + "\n".join(rows) + "\n").encode()


def count(what):
    with sqlite3.connect(f"file:{data}/tanshu.db?mode=ro", uri=True) as db:
        return db.execute(f"select count(*) from {what}").fetchone()[0]


def says_full(text):
    return "the disk is full" in text or re.search("disk of .* is full", text) is not None


server = Server(data, env=full)
session = Session(server)
session.sign_in("manager-1")
token = session.csrf("/enterprise/data")


def upload(month):
    return session.post("/enterprise/data/upload", {"csrf": token, "year": month[:4], "tier": "declared"},
                        [("file", f"{month}.csv", table(month))], follow=False)


case("with room an upload is taken", upload("2024-01").status == 303)
before = {what: count(what) for what in ("submission", "datum", "model_run", "posting")}
write(flag, "")
refused = upload("2024-02")
case("on a full disk it is refused as the machine's failure", refused.status in (500, 503, 507), refused.status)
case("and the page says that the disk is full", says_full(refused.words), refused.words[:500])
case("pages that only read still come", session.get("/enterprise/data").status == 200)
again = upload("2024-03")
case("a second try is refused the same way", again.status in (500, 503, 507), again.status)
os.unlink(flag)
after = {what: count(what) for what in before}
case("nothing of the refused uploads was written", before == after, (before, after))
case("with room again the same upload is taken, without a restart", upload("2024-02").status == 303)
spool = os.path.join(data, "spool")
for _ in range(50):  # the file goes when the request is over, just after its answer
    if os.listdir(spool) == []:
        break
    time.sleep(0.1)
case("the spool is empty", os.listdir(spool) == [], os.listdir(spool))
case("the server ends in order", server.stop() == 0, server.said())
case("the directory is sound", tanshu("fsck", data=data).returncode == 0)

write(flag, "")
before = {what: count(what) for what in before}
late = tanshu("import", "--org", code, "--as", "manager-1", write(place("late.csv"), table("2024-05")), data=data,
              env=full)
case("import on the command line fails as the machine's failure", late.returncode == 3, late.stderr)
case("and says why", says_full(late.stderr), late.stderr)
case("and leaves nothing", before == {what: count(what) for what in before})
kept = tanshu("backup", place("backup"), data=data, env=full)
case("a backup that finds no room fails", kept.returncode != 0, kept.stdout)
case("and says why", says_full(kept.stderr), kept.stderr)
case("what it left can't be taken for a backup", tanshu("restore", place("backup"), data=place("no")).returncode != 0)
made = tanshu("init", data=place("new"), env=full)
case("init fails and says why", made.returncode != 0 and says_full(made.stderr), made.stderr)
must("rate", "--org", code, "--year", "2024", data=data)
report = tanshu("report", "--org", code, "--year", "2024", "--output", place("r.pdf"), data=data, env=full)
case("a report is not issued by halves", report.returncode != 0 and says_full(report.stderr)
     and not os.path.exists(place("r.pdf")), report.stderr)
os.unlink(flag)
case("and is issued when there is room", tanshu("report", "--org", code, "--year", "2024", "--output", place("r.pdf"),
                                                data=data).returncode == 0)
case("the directory is sound at the end", tanshu("fsck", data=data).returncode == 0)
done()
