#!/usr/bin/python3
"""schema/openapi/admin.v1.json against the server: every route the server knows is in the document and the other way round,
every documented status can be brought about, every answer fits its schema, and nothing undocumented is ever answered."""
import http.client
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest

import jsonschema

PROGRAM = sys.argv.pop(1)
DOCUMENT = json.loads((pathlib.Path(__file__).resolve().parents[2] / "schema/openapi/admin.v1.json").read_text())
TOKEN = "a-token-of-the-right-length"
METHODS = ("get", "post", "delete", "put", "patch")


def operations():
    """(name, method, path, operation) of all that is documented."""
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                yield item[method]["operationId"], method.upper(), path, item[method]


def resolve(part):
    while "$ref" in part:
        name = part["$ref"].removeprefix("#/")
        part = DOCUMENT
        for step in name.split("/"):
            part = part[step]
    return part


def validator(schema):
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator.check_schema(whole)
    return jsonschema.Draft202012Validator(whole)


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(self.path)


class Server:
    def __init__(self, folder, failure=None):
        self.socket = os.path.join(folder, f"{failure or 'well'}.sock")
        token = pathlib.Path(folder, "token")
        token.write_text(TOKEN)
        command = [PROGRAM, self.socket, str(token)] + ([failure] if failure else [])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.routes = json.loads(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(20)

    def park(self, process):
        self.process.stdin.write(process.encode() + b"\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline().decode() == process + "\n"

    def ask(self, method, target, body=None, token=TOKEN, **headers):
        connection = Connection(self.socket)
        if token:
            headers["Authorization"] = "Bearer " + token
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        connection.request(method, target, data, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, answer.headers, text


def registration(process, correlation="loan-1", account="acme", **more):
    return {"account": account, "processId": process, "correlationId": correlation, **more}


class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="signwatch-openapi-")
        cls.addClassCleanup(folder.cleanup)
        cls.server = Server(folder.name)
        cls.transient = Server(folder.name, "transient")
        cls.integrity = Server(folder.name, "integrity")
        for server in (cls.server, cls.transient, cls.integrity):
            cls.addClassCleanup(server.stop)
        cls.operations = {name: (method, path, operation) for name, method, path, operation in operations()}

    def call(self, name, wanted, process="1", account="acme", query="", body=None, server=None, **headers):
        """Asks, and holds the answer against the document."""
        method, path, operation = self.operations[name]
        target = path.replace("{account}", account).replace("{processId}", process) + query
        status, fields, text = (server or self.server).ask(method, target, body, **headers)
        self.assertEqual(status, wanted, f"{method} {target}: {text[:300]}")
        self.assertIn(str(status), operation["responses"], f"{name} answers {status}, which is not documented")
        response = resolve(operation["responses"][str(status)])
        self.seen.add((name, str(status)))
        for header in response.get("headers", {}):
            self.assertIn(header, fields)
        if "content" not in response:
            self.assertEqual(text, b"")
            return None
        self.assertEqual(fields["Content-Type"], "application/json")
        answer = json.loads(text)
        validator(response["content"]["application/json"]["schema"]).validate(answer)
        return answer

    def test_the_document_and_the_server_know_the_same_routes(self):
        documented = sorted((name, method, path) for name, method, path, _ in operations())
        self.assertEqual(documented, sorted((r["name"], r["method"], r["path"]) for r in self.server.routes))

    def test_the_document_is_sound(self):
        self.assertEqual(DOCUMENT["openapi"], "3.1.0")
        self.assertEqual(DOCUMENT["info"]["version"], "1")
        for name, schema in DOCUMENT["components"]["schemas"].items():
            jsonschema.Draft202012Validator.check_schema(schema)
            self.assertIn("#/components/schemas/" + name, json.dumps(DOCUMENT["paths"]) + json.dumps(DOCUMENT["components"]))
        for name, _, path, operation in operations():
            declared = {p["name"] for p in DOCUMENT["paths"][path].get("parameters", []) if p["in"] == "path"}
            self.assertEqual(declared, {part[1:-1] for part in path.split("/") if part.startswith("{")}, name)
            for response in map(resolve, operation["responses"].values()):
                for content in response.get("content", {}).values():
                    validator(content["schema"]).validate(content["example"])
            for content in operation.get("requestBody", {}).get("content", {}).values():
                for example in content["examples"].values():
                    validator(content["schema"]).validate(example["value"])

    def test_every_documented_status_can_be_brought_about_and_fits(self):
        self.seen = set()
        self.succeed()
        self.refuse()
        for name, (method, _, _) in self.operations.items():
            body = registration("1") if name == "register" else None
            self.call(name, 401, body=body, token="wrong")
            self.call(name, 400, query="?nonsense=1", body=body)
            self.call(name, 413, body=b" " * (3 << 20))
            self.call(name, 431, body=body, X="x" * 20_000)
            self.call(name, 503, body=body, server=self.transient)
            self.call(name, 500, body=body, server=self.integrity)
        documented = {(name, status) for name, _, _, operation in operations() for status in operation["responses"]}
        self.assertEqual(documented - self.seen, set(), "documented, but never answered")

    def succeed(self):
        terms = {"deadline": "2030-01-01T00:00:00+01:00", "interval": "5m", "labels": {"branch": "Oslo"}}
        self.call("register", 201, body=registration("1", **terms))
        self.assertEqual(self.call("register", 200, body=registration("1", **terms))["outcome"], "unchanged")
        self.assertEqual(self.call("register", 200, body=registration("1"))["outcome"], "changed")
        listed = self.call("register", 200, body=[registration("2", **terms), registration("1", "other"), registration("bad"), 7])
        self.assertEqual([result["status"] for result in listed["results"]], [201, 409, 422, 422])
        self.assertEqual(len(self.call("list", 200)["processes"]), 2)
        snapshot = self.call("list", 200, query="?correlationId=loan-1&account=acme&state=created&limit=1&offset=1")["processes"][0]
        self.assertEqual(self.call("show", 200, process=snapshot["process_id"]), snapshot)
        for name in ("poll_now", "pause", "resume"):
            self.assertEqual(self.call(name, 200)["order"], name)
        self.call("register", 201, body=registration("parked", "p"))
        self.server.park("parked")
        self.assertEqual(self.call("retry", 200, process="parked")["retried"], 1)
        self.call("remove", 204, process="2")

    def refuse(self):
        self.call("register", 409, body=registration("1", "another"))
        self.call("register", 415, body=registration("1"), **{"Content-Type": "text/plain"})
        self.call("register", 422, body=registration("1", account="nobody"))
        self.call("register", 422, body=[registration("1")] * 1001)
        self.call("register", 400, body=b"{")
        self.call("register", 201, body=registration("q", "q", "queued"))
        for name in ("remove", "pause", "resume", "poll_now"):
            self.call(name, 404, process="nobody")
            self.call(name, 404, account="nobody")
            self.call(name, 409, account="queued", process="q")
        self.call("show", 404, process="nobody")
        self.call("retry", 404, process="nobody")
        self.call("retry", 409)


if __name__ == "__main__":
    unittest.main()
