"""A bank and an enterprise: no letter, no figures; a letter opens what it names and every look is told; a case goes
through two approvals by two people; a withdrawn letter closes everything again."""
import re
import subprocess

from tanshu_case import (PASSWORD, Server, Session, add_person, case, credit_code, done, links, must, new_data, place,
                         stored_rows,
                         tanshu, write, SOURCE)

YEAR = 2025
SCOPES = ("label", "report", "account", "activity", "finance")


def signed_in(server, login):
    session = Session(server)
    session.sign_in(login, PASSWORD)
    return session


def first(pattern, text):
    found = re.search(pattern, text)
    return found.group(1) if found else ""


def prepare(data):
    """A steel works with three posted years, another enterprise, and a bank with four people."""
    steel, other, bank = credit_code(1), credit_code(2), credit_code(3)
    for code, name, industry in ((steel, "Scenario Steel", "3120"), (other, "Scenario Foundry", "3391")):
        must("org", "add", "--kind", "enterprise", "--name", name, "--name-en", name, "--code", code, "--industry",
             industry, "--division", "130200", "--founded", "2008-05-01", "--scale", "large", "--on-register", data=data)
    for role in ("manager", "approver"):
        add_person(data, steel, f"enterprise_{role}", f"steel.{role}")
    must("org", "add", "--kind", "bank", "--name", "Scenario Bank", "--name-en", "Scenario Bank", "--code", bank,
         "--division", "130200", data=data)
    for login, role in (("officer", "officer"), ("reviewer", "reviewer"), ("approver.a", "approver"),
                        ("approver.b", "approver")):
        add_person(data, bank, f"bank_{role}", login)
    with open(f"{SOURCE}/examples/demo/steel.csv", "rb") as file:
        rows = write(place("steel.csv"), file.read())
    must("import", rows, "--org", steel, "--as", "steel.manager", data=data, timeout=600)
    for year in (YEAR - 2, YEAR - 1, YEAR):
        must("approve", "--org", steel, "--as", "steel.approver", "--year", year, data=data, timeout=600)
        must("rate", "--org", steel, "--year", year, data=data)
    return tanshu("account", "--org", steel, "--year", YEAR, data=data).stdout


def nothing_without_a_letter(officer, org):
    page = officer.get(f"/bank/enterprises/{org}")
    case("without a letter the public facts are there", page.status == 200 and "Scenario Steel" in page.words
         and "3120" in page.words, page.words)
    case("and no figure, label or grade", "t CO2e" not in page.words and "Four-colour label, " not in page.words,
         page.words)
    for rest in ("report", "offers", f"postings?year={YEAR}", "case?product=product.transition"):
        answer = officer.get(f"/bank/enterprises/{org}/{rest}")
        case(f"without a letter {rest.partition('?')[0]} is refused with the way out",
             answer.status == 403 and "Ask for authorisation" in answer.words, f"{answer.status} {answer.words}")
    answer = officer.post(f"/bank/enterprises/{org}/report", {"year": YEAR, "lang": "en"}, page="/bank")
    case("nor can a report be issued", answer.status == 403, answer.status)


def ask(officer, org):
    path = f"/bank/enterprises/{org}/authorisation"
    form = officer.get(path)
    none = officer.submit(form, path, {f"scope-{s}": "" for s in SCOPES} | {"step": "preview"})
    case("a request for nothing is refused and says what to do", none.status == 422 and "at least one" in none.words,
         none.words)
    shown = officer.submit(form, path, {"step": "preview"})
    case("the letter is shown before it is sent", "Scenario Bank" in shown.words and "Before the loan" in shown.words,
         shown.words)
    sent = officer.submit(shown, path, {"step": "send"})
    case("the request waits for the enterprise", "Waits for an answer" in sent.words, sent.words)


def newest_letter(manager):
    return sorted({link for link in links(manager.get("/enterprise/authorisations"))
                   if re.fullmatch(r"/enterprise/authorisations/[0-9a-z]{13}", link)})[-1]


def answer_letter(manager, to, path=None):
    path = path or newest_letter(manager)
    return manager.post(path, {"to": to, "read": "1", "note": "another bank"}, page=path)


def unread_letter(manager):
    """The box of the letter's page is the server's business, not only the browser's."""
    path = newest_letter(manager)
    answer = manager.post(path, {"to": "granted"}, page=path)
    case("a letter is not signed by who does not say that it was read", answer.status == 422
         and "say that you have read it" in answer.words,
         f"{answer.status} {answer.words[:600]}")
    case("and stays to be decided", 'value="granted"' in manager.get(path).text)


def two_letters(officer, manager, org):
    """A second, narrower letter that the officer picks: every link goes on under it."""
    first_letter = newest_letter(manager)
    alone = manager.get(first_letter).words
    path = f"/bank/enterprises/{org}/authorisation"
    shown = officer.submit(officer.get(path), path, {"scope-report": "", "scope-finance": "", "step": "preview"})
    officer.submit(shown, path, {"step": "send"})
    answer_letter(manager, "granted")
    letter = newest_letter(manager).rpartition("/")[2]
    postings = officer.get(f"/bank/enterprises/{org}/postings?year={YEAR}&letter={letter}")
    rows = [link for link in links(postings) if re.search(r"/postings/[0-9a-z]{13}", link)]
    case("each posting goes on under the letter that was picked", rows and all(f"letter={letter}" in r for r in rows), rows[:3])
    below = [link for link in links(officer.get(rows[0])) if "/json" in link or "/receipt" in link or link.endswith("postings")]
    case("so do its JSON, its receipt and the way back", below and all(f"letter={letter}" in link for link in below), below)
    case("withdrawing the only letter says that cases end", "open loan cases about you end with this one" in alone, alone)
    both = manager.get(first_letter).words
    case("withdrawing one of two says that they go on", "go on under that one" in both
         and "end with this one" not in both, both)
    answer_letter(manager, "withdrawn")
    case("after which the first is the only one again", "end with this one" in manager.get(first_letter).words)
    return first_letter


def figures_under_the_letter(officer, manager, org, printed):
    page = officer.get(f"/bank/enterprises/{org}")
    case("the letter opens label, grade and account", "Four-colour label, 2025" in page.words
         and "Emission, full basis" in page.words and "Not open to your bank" not in page.words, page.words)
    grams = sum(int(line.split()[-3]) for line in printed.splitlines()
                if re.match(rf"{YEAR}-\d\d\s+emission\s", line) and line.split()[-4] != "compliance")
    case("its total is the sum of the account's lines", f"{round(grams / 1e6):,} t CO2e" in page.words,
         f"{grams}\n{page.words}")
    looks = manager.get("/enterprise/looks")
    case("the enterprise reads who looked", "Scenario Bank" in looks.words and "officer" in looks.words, looks.words)
    explained = [link for link in links(page) if "/explain?" in link]
    answer = officer.get(explained[0])
    case("a figure opens its explanation", answer.status == 200 and len(explained) > 3, answer.status)
    postings = officer.get(f"/bank/enterprises/{org}/postings?year={YEAR}")
    one = [link for link in links(postings) if re.search(r"/postings/[0-9a-z]{13}", link)]
    case("postings open down to their calculation", len(one) > 0 and officer.get(one[0]).status == 200, postings.words)
    form = lambda name: one[0].replace("?", f"/{name}?")
    tree = officer.get(form("json"))
    case("as JSON too, and in no form that there is not", tree.status == 200 and tree.text.startswith("{\"children\"")
         and officer.get(form("nonsense")).status == 404, tree.text[:300])
    answer = officer.get(explained[0] + "&form=json")
    case("and so does a judged figure", answer.status == 200 and answer.text.startswith("{") and
         "form=json" in officer.get(explained[0]).text, answer.text[:300])


def report_under_the_letter(officer, org):
    page = officer.get(f"/bank/enterprises/{org}/report")
    listed = officer.submit(page, f"/bank/enterprises/{org}/report", {"year": str(YEAR), "lang": "en"})
    case("the report is issued for the bank", "Your bank" in listed.words, listed.words)
    pdf = officer.get([link for link in links(listed) if re.search(r"/report/[0-9a-z]{13}", link)][0])
    case("and is a PDF", pdf.status == 200 and pdf.body.startswith(b"%PDF-"), pdf.status)
    return pdf.path


def open_case(officer, org):
    offers = officer.get(f"/bank/enterprises/{org}/offers")
    case("products are matched with price parts and conditions", "Price by parts" in offers.words
         and "Conditions" in offers.words and "Eligible" in offers.words, offers.words)
    form = officer.get([link for link in links(offers) if "/case?product=" in link][0])
    path = f"/bank/enterprises/{org}/case"
    high = officer.submit(form, path, {"amount": "999999999999", "purpose": "A new furnace"})
    case("more than the offer is refused with the limit", high.status == 422 and "at most" in high.words, high.words)
    opened = officer.submit(form, path, {"amount": "1,000,000", "purpose": "A new furnace"})
    case("the case opens", "The case is open." in opened.words, opened.words)
    return opened.path


def step_of(session, path):
    return first(r'name="step" value="(\d+)"', session.get(path).text) or "0"


def move(session, path, transition, note="Looked at the file.", step=None):
    fields = {"transition": transition, "note": note, "step": step or move.step}
    answer = session.post(path, fields, page="/bank")
    found = first(r'name="step" value="(\d+)"', answer.text)
    if found:
        move.step = found
    return answer


def case_through_two_approvals(people, path):
    officer, reviewer, one, two = people
    move.step = step_of(officer, path)
    begun = move.step
    case("the officer accepts", "Investigation" in move(officer, path, "accept").words)
    move.step = step_of(officer, path)
    bare = move(officer, path, "submit_review", note="")
    case("a step without its note says that it is missing", bare.status == 422 and "needs a note" in bare.words,
         bare.words)
    stale = move(officer, path, "submit_review", step=begun) if begun != move.step else None
    case("a step on an old view is refused", stale is not None and stale.status == 409, stale and stale.words)
    move.step = step_of(officer, path)
    move(officer, path, "submit_review")
    move.step = step_of(reviewer, path)
    wrong = move(officer, path, "pass_review")
    case("the officer may not review", wrong.status == 403, wrong.words)
    move(reviewer, path, "pass_review")
    move.step = step_of(one, path)
    first_yes = move(one, path, "approve_first")
    case("the first approver approves and learns that another must follow",
         first_yes.status == 200 and "another person must take this step" in first_yes.words, first_yes.words)
    move.step = step_of(two, path)
    twice = move(one, path, "approve_second")
    case("the same person may not approve twice, and reads why",
         twice.status == 403 and "Another person must take this step" in twice.words, twice.words)
    approved = move(two, path, "approve_second")
    case("another person approves the case", approved.status == 200 and "Approved" in approved.words
         and "approver.b" in approved.words, approved.words)
    return officer.get(path)


def papers_of_the_case(officer, path, data):
    summary = officer.post(f"{path}/summary", {"lang": "en"}, page="/bank")
    case("the summary for the file is a PDF", summary.status == 200 and summary.body.startswith(b"%PDF-"),
         f"{summary.status} {summary.words[:300]}")
    words = subprocess.run(["pdftotext", "-layout", write(place("summary.pdf"), summary.body), "-"],
                           capture_output=True, text=True, check=False).stdout
    missing = [line.strip() for line in words.splitlines() if "Missing: " in line]
    case("each thing that is missing is said once", len(missing) == len(set(missing)) > 0
        , missing)
    case("the course of the case names who acted, under its head",
         re.search(r"Step +Date +Who +Note", words) and re.search(r"Second approval.*approver\.b", words), words[-1500:])
    case("finance is shown under a letter that covers it", "does not cover" not in words, words)
    letters = stored_rows(data, "select d.authorisation_id, a.bank_org_id, d.recipient_org_id from report_document d "
                                "left join authorisation a on a.org_id = d.org_id and "
                                "a.authorisation_id = d.authorisation_id where d.kind = 'summary'")
    case("the summary is tied to the letter it rests on", letters and all(
        int(letter) != 0 and bank == recipient for letter, bank, recipient in letters), letters)
    table = officer.get("/bank/cases/export/csv")
    case("the list of cases leaves as CSV", "Scenario Steel" in table.text and table.body.startswith(b"\xef\xbb\xbf"),
         table.text)
    book = officer.get("/bank/cases/export/xlsx")
    case("and as a workbook", book.status == 200 and book.body.startswith(b"PK"), book.status)


def nothing_after_withdrawal(officer, org, pdf, case_path):
    page = officer.get(f"/bank/enterprises/{org}")
    case("a withdrawn letter is said, and nothing is shown", "withdrew" in page.words and "t CO2e" not in page.words
         and "Carbon grade" not in page.words, page.words)
    for path in (f"/bank/enterprises/{org}/report", f"/bank/enterprises/{org}/offers", pdf,
                 f"/bank/enterprises/{org}/postings?year={YEAR}"):
        answer = officer.get(path)
        case(f"{path.rpartition(org)[2].partition('?')[0]} is closed", answer.status == 403, answer.status)
    shown = officer.get(case_path)
    case("the case keeps its steps but shows no figure of the enterprise",
         shown.status == 200 and "approver.b" in shown.words and "Rate per year" not in shown.words, shown.words)
    case("the portfolio no longer lists it", "Scenario Steel" not in officer.get("/bank/portfolio").words)


def apply(manager, bank):
    """The enterprise applies by itself: no letter is needed for that."""
    offers = manager.get(f"/enterprise/finance?year={YEAR}")
    path = [link for link in links(offers) if "/enterprise/finance/apply" in link][0]
    form = manager.get(path)
    sent = manager.submit(form, "/enterprise/finance/apply", {"bank": bank, "amount": "1000000", "purpose": "A second furnace"})
    return first(r"/enterprise/cases/[0-9a-z]{13}/([0-9a-z]{13})", sent.path + sent.text)


def way(page):
    return re.findall(r'<li class="([a-z]*)">([^<]+)</li>', first(r'<ol class="steps">(.*?)</ol>', page.text))


def case_without_a_letter(officer, manager, bank):
    path = "/bank/cases/" + apply(manager, bank)
    page = officer.get(path)
    case("without a letter the page says which step needs one",
         "Accept for investigation: this step needs a letter of authorisation in force" in page.words, page.words)
    case("and offers what needs none", re.findall(r'name="transition" value="([a-z_]+)"', page.text) ==
         ["return_to_applicant"], page.text)
    case("it is in nobody's work list as that step", path not in links(officer.get("/bank"))
         or "Accept for investigation" not in officer.get("/bank").words)
    move.step = step_of(officer, path)
    forced = move(officer, path, "accept")
    case("the step is refused to whoever sends it all the same, with what to do", forced.status == 403 and
         "needs a letter of authorisation" in forced.words and "Ask the enterprise for one" in forced.words, forced.words)
    case("and the case stays where it was", way(officer.get(path))[0] == ("now", "Applied"))
    back = move(officer, path, "return_to_applicant")
    case("the bank may give the case back", back.status == 200 and "Returned to applicant" in back.words, back.words)
    case("which stands beside the way", way(back)[-1] == ("failed", "Returned to applicant") and len(way(back)) == 7, way(back))


OWN_WAY = '''flow loan_application 2
  title "Own way" zh "自定流程"
  subject loan_case
state desk  "At the desk"  zh "柜台受理" start path
state talk  "Committee"    zh "贷审会"   path
state paid  "Paid out"     zh "已放款"   final path tone good means granted
state no    "Turned away"  zh "未受理"   final tone bad
transition talk_on "To the committee" zh "上会"
  from desk
  to   talk
  role bank_officer
transition pay "Pay out" zh "放款"
  from talk
  to   paid
  role bank_approver
  different_person_than talk_on
  needs letter
transition turn_away "Turn away" zh "不予受理"
  from desk, talk
  to   no
  role bank_officer, bank_approver
  tone refuse
'''


def own_way(server, bank, older):
    """Names that the program has never heard of."""
    officer, approver, manager = (signed_in(server, login) for login in ("officer", "approver.a", "steel.manager"))
    path = "/bank/cases/" + apply(manager, bank)
    page = officer.get(path)
    case("a bank's own flow draws its own way", way(page) == [("now", "At the desk"), ("", "Committee"), ("", "Paid out")],
         way(page))
    case("its buttons look as the file says", re.findall(r'<button class="([^"]+)"[^>]*value="(talk_on|turn_away)"', page.text)
         == [("btn btn-primary", "talk_on"), ("btn btn-danger", "turn_away")], page.text)
    move.step = step_of(officer, path)
    case("a step on it is taken", way(move(officer, path, "talk_on"))[1] == ("now", "Committee"))
    shown = approver.get(path)
    case("what its file binds to a letter is barred", "Pay out: this step needs a letter" in shown.words, shown.words)
    move.step = step_of(approver, path)
    case("and refused", move(approver, path, "pay").status == 403)
    case("a case of the older flow keeps its way", len(way(officer.get(older))) == 6
         and way(officer.get(older))[-1] == ("done", "Approved"), way(officer.get(older)))
    listed = officer.get("/bank/cases")
    case("the list filters by the states of both", "Committee" in listed.words and "Returned to applicant" in listed.words,
         listed.words)


def main():
    data = new_data()
    printed = prepare(data)
    server = Server(data)
    officer, reviewer, one, two = people = [signed_in(server, login)
                                            for login in ("officer", "reviewer", "approver.a", "approver.b")]
    manager = signed_in(server, "steel.manager")
    register = officer.get("/bank/enterprises")
    org = first(r'/bank/enterprises/([0-9a-z]{13})">Scenario Steel', register.text)
    case("the register lists both enterprises", org != "" and "Scenario Foundry" in register.words, register.words)
    case("the enterprise's page is for banks only", manager.get("/bank/enterprises").status == 403)
    nothing_without_a_letter(officer, org)
    ask(officer, org)
    case("asking opens nothing", officer.get(f"/bank/enterprises/{org}/offers").status == 403)
    unread_letter(manager)
    answer_letter(manager, "granted")
    figures_under_the_letter(officer, manager, org, printed)
    pdf = report_under_the_letter(officer, org)
    path = open_case(officer, org)
    case_through_two_approvals(people, path)
    papers_of_the_case(officer, path, data)
    answer_letter(manager, "withdrawn", two_letters(officer, manager, org))
    nothing_after_withdrawal(officer, org, pdf, path)
    bank = next(line.split()[0] for line in must("org", "list", data=data).splitlines() if "Scenario Bank" in line)
    case_without_a_letter(officer, manager, bank)
    case("the server ends when told to", server.stop() == 0)
    write(f"{data}/flows/own-way.flow", OWN_WAY)
    server = Server(data)
    own_way(server, bank, path)
    case("and once more", server.stop() == 0)
    done()


main()
