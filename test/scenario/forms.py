"""A form that is refused comes back with what was typed, what is wrong and the right status; a judge's list is a look."""
import re

from tanshu_case import Server, Session, case, done, forms, links, must, new_data

YEAR = 2025


def signed_in(login):
    session = Session(server)
    session.sign_in(login, "tanshu-demo")
    return session


def typed(answer, action, field):
    return next((f["fields"].get(field, "") for f in forms(answer) if f["action"].startswith(action)), None)


data = new_data()
must("demo", data=data, timeout=600)
server = Server(data)
manager, approver, cement, authority = (signed_in(l) for l in ("steel.manager", "steel.approver", "cement.manager", "authority"))

page = f"/enterprise/account?year={YEAR}"
method = next(f for f in forms(manager.get(page)) if f["action"] == "/enterprise/account/method")
other = next(m for m in method["choices"]["model"] if m != method["fields"]["model"])
answer = manager.post(method["action"], {"year": YEAR, "model": other, "reason": " "}, page=page)
case("a method without a reason is refused on its page", answer.status == 422 and "State a reason" in answer.words, answer.words)
case("and the method that was picked stays picked", typed(answer, method["action"], "model") == other)
case("so does the year", typed(answer, method["action"], "year") == str(YEAR))

drafts = approver.get("/enterprise/account/drafts")
run = next(l for l in links(drafts) if re.fullmatch(r"/enterprise/account/run/[0-9a-z]+", l))
token = approver.csrf(run)
case("the approver reverses", approver.post(run + "/reverse", {"reason": "once", "csrf": token}).status == 200)
answer = approver.post(run + "/reverse", {"reason": "twice said", "csrf": token})
case("a second time is refused, not as a form with faults", answer.status in (403, 409), f"{answer.status} {answer.words}")
answer = manager.post(run + "/reverse", {"reason": "mine"}, page="/enterprise/people")
case("who may not reverse gets 403", answer.status == 403, f"{answer.status} {answer.words}")

answer = approver.post("/enterprise/account/approve", {"year": 1999, "csrf": token})
case("approving a year without drafts does not say that something was approved",
     "nothing was approved" in answer.words and "count now" not in answer.words, answer.words[:400])

first = next(l for l in links(approver.get("/enterprise/authorisations")) if re.search(r"/authorisations/[0-9a-z]+$", l))
answer = approver.post(first, {"to": "withdrawn", "csrf": token})
case("an approver can't withdraw a letter: 403", answer.status == 403, f"{answer.status} {answer.words}")

before = cement.get("/enterprise/looks").text.count("/expert/findings")
shown = authority.get("/expert/findings?show=open")
case("the authority sees the findings that are open", "Taihang" in shown.words, shown.words)
after = cement.get("/enterprise/looks").text.count("/expert/findings")
case("each enterprise whose findings stood there reads of the look", after == before + 1, f"{before} {after}")

judge, ceramics = signed_in("verifier"), signed_in("ceramics.manager")
found = next(l for l in links(judge.get("/expert?show=open")) if re.fullmatch(r"/expert/findings/[0-9a-z]+/[0-9a-z]+", l))
own = "/enterprise/findings/" + found.split("/")[-1]
ceramics.post("/enterprise/attachments", {"kind": "weighbridge", "period": f"{YEAR}-01", "item": ""}, [("file", "slip.txt", b"12 t")])
slip = next(f for f in forms(ceramics.get(own)) if f["action"] == own)
chosen = next(i for i in slip["choices"]["attachment"] if i)
ceramics.post(own, {"transition": slip["fields"]["transition"], "step": slip["fields"]["step"], "note": "see the slip", "attachment": chosen}, page=own)
shown = judge.get(found)
document = next((l for l in links(shown) if l.startswith(found + "/document/")), "")
case("who judges an answer opens the document that came with it", "slip.txt" in shown.words and
     judge.get(document).text == "12 t", shown.words)
looks = ceramics.get("/enterprise/looks").text
case("and the enterprise reads that it was opened", document != "" and document in looks, looks[-500:])
case("what was not attached to it is not there", judge.get(found + "/document/" + found.split("/")[-1]).status == 404)
named = {l for shelf in ("", "?show=open", "?show=closed") for l in links(judge.get("/expert" + shelf))
         if re.fullmatch(r"/expert/findings/[0-9a-z]+/[0-9a-z]+", l)}
raw = {m for l in named for m in re.findall(r"\b[a-z_]+\[[a-z_0-9]+\]", judge.get(l).words)}
case("a judge reads inputs by their names on the form, not by those of a model", len(named) > 0 and not raw, raw)
told = judge.get("/notices")
case("a notice in English names the organisation in English", "Gaoping Ceramics (example) has answered" in told.words, told.words)
case("an answer is told to who may judge it", "has answered a finding" in told.words and found in links(told), told.words)
done()
