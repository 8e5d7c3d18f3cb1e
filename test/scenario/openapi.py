"""doc/openapi.yaml and the program agree: every path answers as described, and no route of the API is missing there.

The file is JSON, which is YAML too; so the standard library can read it.
"""
import glob
import json
import os
import re

from tanshu_case import SOURCE, Server, Session, add_enterprise, case, demo_rows, done, must, new_data, place, write

with open(os.path.join(SOURCE, "doc/openapi.yaml"), encoding="utf-8") as file:
    described = json.load(file)
schemas = described["components"]["schemas"]
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}


def problems(value, schema, where="answer"):
    """What of a value does not fit its schema."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rsplit("/", 1)[1]]
    kind = schema["type"]
    if not isinstance(value, TYPES[kind]) or (kind in ("integer", "number") and isinstance(value, bool)):
        return [f"{where}: expected {kind}, found {value!r}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} is not one of {schema['enum']}"]
    if kind == "object":
        found = [f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value]
        found += [f"{where}: {name} is not described" for name in value if name not in schema["properties"]]
        for name in value.keys() & schema["properties"].keys():
            found += problems(value[name], schema["properties"][name], f"{where}.{name}")
        return found
    if kind == "array":
        return [p for i, item in enumerate(value) for p in problems(item, schema["items"], f"{where}[{i}]")]
    return []


def fits(name, answer, method, path):
    responses = described["paths"][path][method]["responses"]
    if not case(f"{name}: {answer.status} is documented", str(answer.status) in responses,
                f"{answer.status} not in {list(responses)}\n{answer.text[:300]}"):
        return
    kind = answer.headers["content-type"].split(";")[0]
    content = responses[str(answer.status)]["content"]
    case(f"{name}: answers {kind}", kind in content, answer.text[:300])
    found = problems(json.loads(answer.text), content[kind]["schema"])
    case(f"{name}: fits its schema", not found, "\n".join(found))


routes = set()
for source in glob.glob(os.path.join(SOURCE, "src/web/**/*.c"), recursive=True):
    with open(source, encoding="utf-8") as file:
        routes |= {(m.lower(), p) for m, p in re.findall(r'\{"(GET|POST)", "(/api/[^"]*)"', file.read())}
paths = {(method, path) for path, item in described["paths"].items() for method in item}
case("every route of the API is described, and nothing else", routes == paths, f"{routes ^ paths}")
case("it is OpenAPI 3.0", described["openapi"].startswith("3.0."))

data = new_data()
code = add_enterprise(data, 1)
must("import", "--org", code, "--year", "2024", "--as", "manager-1",
     write(place("steel.csv"), demo_rows("steel", "2024")), data=data)
must("approve", "--org", code, "--year", "2024", "--as", "approver-1", data=data)
server = Server(data)
nobody, manager = Session(server), Session(server)
manager.sign_in("manager-1")

for path, item in described["paths"].items():
    for method, operation in item.items():
        if method == "get":
            query = "?year=2024" if operation.get("parameters") else ""
            fits(f"{method} {path} as nobody", nobody.get(path), method, path)
            fits(f"{method} {path} signed in", manager.get(path + query), method, path)
            case(f"{method} {path}: needs a session exactly when it says so",
                 (nobody.get(path).status == 401) == ("security" in operation))

verify = "/api/v1/verify"
pdf = {"Content-Type": "application/pdf"}
fits("verify without a file", nobody.request("POST", verify, b"", pdf), "post", verify)
fits("verify of no report", nobody.request("POST", verify, b"%PDF-1.4 nothing", pdf), "post", verify)
case("what is no report is answered with no and a reason",
     json.loads(nobody.request("POST", verify, b"%PDF-1.4 nothing", pdf).text)["answer"] == "no")
fits("verify with an unreadable trust root", nobody.request("POST", verify + "?key=x", b"%PDF-1.4", pdf), "post", verify)

account = json.loads(manager.get("/api/v1/account?year=2024").text)
case("the total is the sum of the months, to the gram",
     round(account["total"]["full_tco2e"] * 1e6) == round(sum(p["full_tco2e"] for p in account["periods"]) * 1e6),
     str(account["total"]))
case("twelve months are posted", len(account["periods"]) == 12)
facts = {f["name"]: f for f in json.loads(manager.get("/api/v1/facts?year=2024").text)["facts"]}
case("the fact sheet says what the statement says",
     abs(facts["emission.full"]["value"] - account["total"]["full_tco2e"]) < 1e-6, str(facts.get("emission.full")))
server.stop()
done()
