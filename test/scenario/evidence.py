"""From a submitted table to a yes on another machine, and how one changed byte turns it into a no.

Also: backup and restore, a tampered checkpoint, a second serve on the same directory.
"""
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time

from tanshu_case import (TANSHU, Server, add_enterprise, case, demo_rows, done, must, new_data, place, tanshu, verifier, write)

YEAR = "2024"
data = new_data()
code = add_enterprise(data, 1)
table = write(place("steel.csv"), demo_rows("steel", YEAR))
org = ("--org", code, "--year", YEAR)

imported = tanshu("import", *org, "--as", "manager-1", table, data=data)
case("a year of an invented mill is accepted whole", imported.returncode == 0 and " 0 refused" in imported.stdout,
     imported.stdout + imported.stderr)
changed = write(place("changed.csv"), open(table, encoding="utf-8").read().replace("burnt,diesel,", "burnt,diesel,9"))
again = tanshu("import", *org, "--as", "manager-1", changed, data=data)
case("rows that differ from what is there are refused, never overwritten or summed",
     again.returncode == 1 and "276 values accepted, 12 refused" in again.stdout, again.stdout + again.stderr[:600])
must("export", "--org", code, place("export-before"), data=data)
case("rows that say the same again add nothing",
     len(open(place("export-before/data.jsonl"), encoding="utf-8").readlines()) == 288)
own = tanshu("approve", *org, "--as", "manager-1", data=data)
case("who sent the data can't approve them", own.returncode == 1, own.stdout + own.stderr)
case("before approval nothing is posted", "emission" not in must("account", *org, data=data))
second = tanshu("approve", *org, "--as", "approver-1", data=data)
case("a second person approves", second.returncode == 0, second.stdout + second.stderr)

# 2024-01, by hand from the table's rows: 3,287.9 MWh-scale electricity is scope 2 on the full basis only.
statement = json.loads(must("account", *org, "--format", "json", data=data))
rows = statement if isinstance(statement, list) else statement.get("rows", [])
case("the statement has scope 1, scope 2, energy and production of twelve months",
     {r["kind"] for r in rows} == {"emission", "energy", "production"} and len({r["period"] for r in rows}) == 12,
     rows[:3])

must("rate", *org, data=data)
pdf = place("report.pdf")
must("report", *org, "--output", pdf, data=data)
elsewhere = place("elsewhere")
os.makedirs(elsewhere)
key = shutil.copy(os.path.join(data, "keys/log.pub"), elsewhere)
report = shutil.copy(pdf, elsewhere)
yes = tanshu("verify", report, "--key", key)
case("verify says yes with nothing but the report and log.pub", yes.returncode == 0 and "YES" in yes.stdout, yes.stdout)
case("and names the date of the checkpoint it rests on", "Checkpoint of: 20" in yes.stdout, yes.stdout)
case("the separate verifier says yes too", verifier("report", report, "--key", key).returncode == 0)

content = open(report, "rb").read()
for name, at in (("the first tenth", len(content) // 10), ("the middle", len(content) // 2),
                 ("the receipt", content.rindex(b'"proof"') + 3), ("the last kilobyte", len(content) - 900)):
    flipped = write(place("flipped.pdf"), content[:at] + bytes([content[at] ^ 1]) + content[at + 1:])
    no = tanshu("verify", flipped, "--key", key)
    case(f"one flipped bit in {name} makes it a no", no.returncode == 1 and "YES" not in no.stdout, no.stdout)
    case(f"... and for the separate verifier", verifier("report", flipped, "--key", key).returncode == 1)
other = new_data("other")
stranger = tanshu("verify", report, "--key", os.path.join(other, "keys/log.pub"))
case("another installation's key does not vouch for it", stranger.returncode == 1 and "YES" not in stranger.stdout,
     stranger.stdout)

# ---- the export ----

export = place("export")
must("export", "--org", code, export, data=data)
good = verifier("export", export, "--key", key)
case("every figure can be computed again from the exported bytes", good.returncode == 0, good.stdout + good.stderr)
held = verifier("export", export, "--key", key, "--report", report)
case("the report rests on the figures of this export", held.returncode == 0, held.stdout + held.stderr)


def tampered(name, change, honest_manifest):
    """A copy of the export with one byte changed; the manifest may be made to fit again."""
    copy = place("tampered")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(export, copy)
    path = os.path.join(copy, name)
    old = open(path, "rb").read()
    new = change(old)
    assert len(new) == len(old) and sum(a != b for a, b in zip(old, new)) == 1, name
    write(path, new)
    if honest_manifest:
        manifest = os.path.join(copy, "manifest.json")
        text = open(manifest, encoding="utf-8").read()
        write(manifest, text.replace(hashlib.sha256(old).hexdigest(), hashlib.sha256(new).hexdigest()))
    return verifier("export", copy, "--key", key)


def digit_after(marker):
    """Changes the first digit 1-8 behind the marker by one."""
    def change(old):
        at = old.index(marker) + len(marker)
        while not 0x31 <= old[at] <= 0x38:
            at += 1
        return old[:at] + bytes([old[at] + 1]) + old[at + 1:]
    return change


factor_table = next(f"tables/{name}" for name in sorted(os.listdir(os.path.join(export, "tables")))
                    if open(os.path.join(export, "tables", name), "rb").read().count(b"washed_coal"))
model = next(f"models/{name}" for name in os.listdir(os.path.join(export, "models"))
             if b"kind    method" in open(os.path.join(export, "models", name), "rb").read())
for name, marker in (("data.jsonl", b'"value":'), (factor_table, b"washed_coal,"), (model, b"44/"),
                     ("postings.jsonl", b'"amount":"'), ("checkpoint", b"tanshu.local/log\n"),
                     ("report.json", b'"value":'), ("runs.jsonl", b'"value":'), ("leaves.jsonl", b'"salt":"')):
    for honest in (False, True):
        answer = tampered(name, digit_after(marker), honest)
        case(f"one changed digit in {name.split('/')[0]} is a no" + (", also with a manifest that fits" if honest else ""),
             answer.returncode == 1 and answer.stdout.startswith("NO"), answer.stdout + answer.stderr)

# ---- backup and restore ----

backup = place("backup")
must("backup", backup, data=data)
restored = place("restored")
again = tanshu("restore", backup, data=restored)
case("a backup is restored", again.returncode == 0, again.stdout + again.stderr)
case("the restored account is the same", must("account", *org, data=restored) == must("account", *org, data=data))
case("the restored directory is sound", tanshu("fsck", data=restored).returncode == 0)
must("report", *org, "--output", place("later.pdf"), data=restored)
case("and goes on signing with the same key", tanshu("verify", place("later.pdf"), "--key", key).returncode == 0)
for command, last in (("backup", "tanshu.db"), ("restore", "tanshu.conf")):
    stopped = place(f"stopped-{command}")
    write(f"{stopped}/keys/log.key", "x")
    said = tanshu("backup", stopped, data=data) if command == "backup" else tanshu("restore", backup, data=stopped)
    case(f"what a stopped {command} left is told apart, with what to do", said.returncode == 1 and
         f"delete {stopped}" in said.stderr, said.stderr)
    write(f"{stopped}/{last}", "x")
    said = tanshu("backup", stopped, data=data) if command == "backup" else tanshu("restore", backup, data=stopped)
    case(f"what a {command} finished is not", said.returncode == 1 and "delete" not in said.stderr and
         "exists already" in said.stderr, said.stderr)
case("a restore never overwrites a directory", tanshu("restore", backup, data=restored).returncode != 0)
stale = place("stale")
shutil.copytree(data, stale)
shutil.copy(os.path.join(restored, "log/checkpoint"), os.path.join(stale, "log/checkpoint"))
behind = tanshu("report", *org, "--output", place("never.pdf"), data=stale)
case("a database behind its published checkpoint signs nothing",
     behind.returncode != 0 and not os.path.exists(place("never.pdf")), behind.stdout + behind.stderr)

# While the backup is under way, another checkpoint is signed: it is held when its database is whole, its files not.
for number in range(300):
    write(os.path.join(data, f"models/notes/{number}.txt"), "a note of the analyst\n")
live = subprocess.Popen([TANSHU, "backup", "--data", data, place("live")], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
while not os.path.exists(place("live/tanshu.db")) and live.poll() is None:
    time.sleep(0.001)
live.send_signal(signal.SIGSTOP)
must("report", *org, "--output", place("meanwhile.pdf"), data=data)
case("a report was signed while the backup was being written", live.poll() is None)
live.send_signal(signal.SIGCONT)
live.communicate(timeout=120)
again = tanshu("restore", place("live"), data=place("live-restored"))
case("a backup written while others sign can be restored", again.returncode == 0, again.stdout + again.stderr)
case("and is sound", tanshu("fsck", data=place("live-restored")).returncode == 0)
shutil.rmtree(os.path.join(data, "models/notes"))

# ---- a tampered checkpoint, a second server ----

checkpoint = os.path.join(data, "log/checkpoint")
sound = open(checkpoint, "rb").read()
write(checkpoint, digit_after(b"tanshu.local/log\n")(sound))
fsck = tanshu("fsck", data=data)
case("fsck finds a checkpoint that was changed", fsck.returncode == 1, fsck.stdout + fsck.stderr)
write(checkpoint, sound)
case("and is content when it is as it was", tanshu("fsck", data=data).returncode == 0)

server = Server(data)
refused = tanshu("serve", "--port", "0", data=data, timeout=20)
case("a second serve on the same directory is refused", refused.returncode != 0 and refused.stderr.strip() != "",
     refused.stderr)
case("SIGTERM ends the first in order", server.stop() == 0, server.said())
done()
