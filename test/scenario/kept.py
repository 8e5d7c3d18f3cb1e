"""Pages that are kept show every change at once. A server that has shown the page before is held against one that
starts fresh on a copy of the data, after each change by another program, by the browser and of a model file."""
import os
import re
import shutil

from tanshu_case import Server, Session, case, done, links, must, new_data, place, write, SOURCE

YEAR = 2025



def page(server, cookies, path="/enterprise"):
    session = Session(server)
    session.cookies = dict(cookies)
    answer = session.get(path)
    # What differs between any two answers: the way back of links and the session's token.
    return answer.status, re.sub(r'name="csrf" value="[^"]*"', "", answer.text)


class Pair:
    def __init__(self, data):
        self.data, self.copies = data, 0
        self.server = Server(data)
        self.cookies = {}
        self.last = {}

    def restart(self):
        case("the server stops", self.server.stop() == 0)
        self.server = Server(self.data)

    def fresh(self, path, cookies):
        self.copies += 1
        copy = place(f"copy-{self.copies}")
        shutil.copytree(self.data, copy)
        server = Server(copy)
        answer = page(server, cookies, path)
        server.stop()
        shutil.rmtree(copy)
        return answer

    def check(self, what, path, cookies, changes=True):
        """The warm server says what a fresh one does, and (changes) not what it said before."""
        status, text = page(self.server, cookies, path)
        again = page(self.server, cookies, path)
        case(f"{what}: asked twice, {path} says the same", status == 200 and again == (status, text), status)
        fresh = self.fresh(path, cookies)
        case(f"{what}: {path} is what a fresh server says", fresh == (status, text), difference(fresh[1], text))
        if path in self.last and changes:
            case(f"{what}: {path} shows it", text != self.last[path])
        self.last[path] = text


def difference(a, b):
    a, b = a.splitlines(), b.splitlines()
    return "\n".join(f"fresh {x}\nkept  {y}" for x, y in zip(a, b) if x != y)


def signed_in(server, login, password="tanshu-demo"):
    session = Session(server)
    session.sign_in(login, password)
    return session


NAMES = {"foundry": "铸造", "cement": "水泥", "chemicals": "化工", "ceramics": "陶瓷", "machinery": "机械", "power": "热电"}

data = new_data()
must("demo", data=data, timeout=600)
pair = Pair(data)
manager = signed_in(pair.server, "steel.manager")
approver = signed_in(pair.server, "steel.approver")
officer = signed_in(pair.server, "bank2.officer")
authority = signed_in(pair.server, "authority")
home, account, rating, offers = (f"/enterprise{rest}?year={YEAR}" for rest in ("", "/account", "/report", "/finance"))
statistics = f"/authority/statistics?year={YEAR}&set=examples"
steel = next(line.split() for line in must("org", "list", data=data).splitlines() if "晋源钢铁" in line)


def enterprise(what, *changed):
    for path in (home, account, rating, offers):
        pair.check(what, path, manager.cookies, path in changed)


enterprise("at first")
enterprise("with nothing changed")
pair.check("at first", statistics, authority.cookies)

# Another program: a figure of a month is corrected, which makes a draft; then the second person posts it.
code = steel[3]
with open(os.path.join(SOURCE, "examples/demo/steel.csv"), encoding="utf-8") as file:
    header, line = file.readline(), next(one for one in file if one.startswith(f"{YEAR}-06,") and ",production" not in one)
parts = line.rstrip("\n").split(",")
parts[3] = str(float(parts[3]) * 1.01)
rows = write(place("more.csv"), header + ",".join(parts) + "\n")
must("import", rows, "--org", code, "--as", "steel.manager", "--replace", data=data)
enterprise("after an import by another program", home)
must("approve", "--org", code, "--as", "steel.approver", "--year", YEAR, data=data)
enterprise("after a posting by another program", home, account)
pair.check("after a posting by another program", statistics, authority.cookies)
must("rate", "--org", code, "--year", YEAR, data=data)
enterprise("after a judgement by another program", home, rating)

# In the browser: a reversal, a request for a letter, the answer to it, a notice that was read.
runs = [link for link in links(manager.get(account)) if re.fullmatch(r"/enterprise/account/run/[0-9a-z]+", link)] \
    or [link for link in links(manager.get("/enterprise/account/drafts")) if "/account/run/" in link]
for run in runs[:2]:
    reversed_ = approver.post(run + "/reverse", {"reason": "wrong scale"}, page=run)
    case("the approver reverses a posting of the last month", reversed_.status == 200, reversed_.words)
enterprise("after a reversal", home, account)
pair.check("after a reversal", statistics, authority.cookies, True)
asked = officer.submit(officer.get(f"/bank/enterprises/{steel[0]}/authorisation"),
                       f"/bank/enterprises/{steel[0]}/authorisation", {"purpose": "before", "scope-label": "1", "step": "send"})
case("a bank asks for a letter", asked.status == 200, asked.words)
enterprise("after a bank asked", home)

# A finding that is answered goes from the work list of the one who answered it.
for login in ("foundry", "cement", "chemicals", "ceramics", "machinery", "power"):
    person = signed_in(pair.server, f"{login}.manager")
    open_ = [link for link in links(person.get("/enterprise")) if re.fullmatch(r"/enterprise/findings/[0-9a-z]+", link)]
    if open_:
        break
case("the demo has an open finding", bool(open_))
pair.check("before the answer", "/enterprise", person.cookies)
answered = person.submit(person.get(open_[0]), open_[0], {"note": "the scale was changed"})
case("it is answered", answered.status == 200, answered.words)
pair.check("after the answer", "/enterprise", person.cookies, False)
where = f"/expert/findings/{next(l.split()[0] for l in must('org', 'list', data=data).splitlines() if NAMES[login] in l)}/" \
    + open_[0].rpartition("/")[2]
judged = authority.submit(authority.get(where), where, {"note": "seen on site", "transition": "accept_explanation"})
case("the authority accepts the answer", judged.status == 200, judged.words)
pair.check("after the decision", "/enterprise", person.cookies)

# A changed model file speaks when the server has read it.
case("the server stops", pair.server.stop() == 0)
for folder, _, names in os.walk(f"{SOURCE}/models"):
    for name in (one for one in names if "steel" in one):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            changed = re.sub(r'(title\s+"[^"]*" zh ")', r"\1改过的", file.read(), count=1)
        case(f"the title of {name} is changed", "改过的" in changed)
        write(f"{data}/models/{name}", changed)
pair.server = Server(data)
pair.check("after a model file changed", account, manager.cookies, True)
case("the changed title stands on the page", "改过的" in page(pair.server, {**manager.cookies, "tanshu_language": "zh"},
                                                       account)[1])
done()
