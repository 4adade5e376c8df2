"""Streamable HTTP at /mcp/{service}: the answers that the router defines itself, byte-true passing, and who sees what."""

import concurrent.futures
import json
import unittest

from harness import BOTH, McpSession, Stack, call, request, stateless, wait_for

INIT = call("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}, id=0)
JSON = {"Content-Type": "application/json", "Accept": BOTH}


class DefinedAnswers(unittest.TestCase):
    short = True

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack("answers")
        cls.addClassCleanup(cls.stack.__exit__, None, None, None)
        cls.demo = cls.stack.demo_server(None, "demo", "--get-stream")
        cls.old = cls.stack.demo_server(None, "old", "--era", "handshake")
        cls.new = cls.stack.demo_server(None, "new", "--era", "stateless")
        cls.router = cls.stack.router({"demo": cls.demo.url, "old": cls.old.url, "new": cls.new.url},
                                      "--server.limits.body=64KiB", "--server.limits.head=8KiB")
        cls.url = cls.router.mcp("demo")

    def refused(self, answer, status, code=None):
        self.assertEqual(answer.status, status, answer)
        if code is not None:
            self.assertEqual(json.loads(answer.body)["error"]["code"], code, answer)
        return answer

    def post(self, body, headers=None, url=None):
        return request("POST", url or self.url, body, headers if headers is not None else JSON)

    def test_accept(self):
        for accept, status in [("text/html", 406), ("application/json;q=0, text/html", 406), ("*/*", 200), (None, 200),
                               ("application/json", 200), ("text/event-stream", 200), ("TEXT/event-stream, Application/JSON", 200)]:
            headers = {"Content-Type": "application/json", **({"Accept": accept} if accept else {})}
            with self.subTest(accept=accept):
                self.assertEqual(self.post(INIT, headers).status, status)

    def test_answers_in_the_form_that_is_accepted(self):
        """The instance streams what has progress and answers the rest in JSON; a client may understand only one of them."""
        session = McpSession(self.url)
        progress = call("tools/call", {"name": "progress", "arguments": {"steps": 2}, "_meta": {"progressToken": 1}}, 4)
        echo = call("tools/call", {"name": "echo", "arguments": {"text": "x"}}, 5)
        for accept in ("application/json", "text/event-stream"):
            for body in (progress, echo):
                with self.subTest(accept=accept, tool=body["params"]["name"]):
                    answer = session.post(body, {"Accept": accept})
                    self.assertEqual(answer.status, 200)
                    self.assertTrue(answer.header("content-type").startswith(accept), answer.headers)
                    self.assertEqual(answer.message()["id"], body["id"])
                    self.assertIn("result", answer.message())
        self.assertTrue(self.post(INIT, {**JSON, "Accept": "text/event-stream"}).header("content-type").startswith("text/event-stream"))

    def test_content_type(self):
        for given, status in [("text/plain", 415), ("application/xml", 415), ("application/json; charset=utf-8", 200),
                              ("application/json;charset=latin1", 415)]:
            with self.subTest(given=given):
                self.assertEqual(self.post(INIT, {"Content-Type": given, "Accept": BOTH}).status, status)

    def test_bodies(self):
        session = {"Mcp-Session-Id": McpSession(self.url).session, **JSON}
        for body, code in [("{", -32700), ("", -32700), ("nonsense", -32700), ("{} {}", -32700), ("[]", -32600), ("{}", -32600),
                           ('{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600),
                           ('{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600),
                           ('{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600),
                           ('{"jsonrpc":"2.0","id":[1],"method":"ping"}', -32600),
                           ('{"jsonrpc":"2.0","id":1,"method":""}', -32600),
                           ('{"jsonrpc":"2.0","id":1,"method":"ping","method":"ping"}', -32600),
                           ('{"jsonrpc":"2.0","id":1,"id":1,"method":"ping"}', -32600),
                           ('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","name":"fail"}}', -32600),
                           ('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","n\\u0061me":"fail"}}', -32600)]:
            with self.subTest(body=body):
                self.refused(self.post(body, session), 400, code)

    def test_sessions(self):
        listing = call("tools/list")
        self.refused(self.post(listing), 400, -32000)
        self.refused(self.post(listing, {**JSON, "Mcp-Session-Id": "0" * 32}), 404, -32001)
        self.refused(self.post(listing, {**JSON, "Mcp-Session-Id": "a b"}), 400)
        self.refused(request("GET", self.url, None, {"Accept": "text/event-stream"}), 400, -32000)
        self.refused(request("GET", self.url, None, {"Accept": "text/event-stream", "Mcp-Session-Id": "x"}), 404, -32001)
        self.refused(request("DELETE", self.url), 400, -32000)
        session = McpSession(self.url)
        # Another service does not know the session, and asking for an id creates none.
        self.refused(self.post(listing, {**JSON, "Mcp-Session-Id": session.session}, self.router.mcp("old")), 404, -32001)
        self.assertEqual(session.delete().status, 204)
        self.refused(session.call("tools/list"), 404, -32001)
        self.assertEqual(session.delete().status, 404)

    def test_versions(self):
        session = McpSession(self.url)
        listing = call("tools/list")
        for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]:
            with self.subTest(version=version):
                self.assertEqual(session.post(listing, {"MCP-Protocol-Version": version}).status, 200)
        answer = self.refused(session.post(listing, {"MCP-Protocol-Version": "1999-01-01"}), 400, -32022)
        self.assertIn("2026-07-28", json.loads(answer.body)["error"]["data"]["supported"])
        for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "1999-01-01"]:
            with self.subTest(initialize=version):
                self.assertIn("result", McpSession(self.url, version=version).initialized)

    def test_batches(self):
        pair = [call("ping", id=1), call("ping", id=2)]
        old = McpSession(self.url, version="2025-03-26")
        self.assertEqual(old.version, "2025-03-26")
        answer = old.post(pair)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(sorted(m["id"] for m in answer.messages()), [1, 2])
        self.refused(McpSession(self.url).post(pair), 400, -32600)
        self.refused(self.post([INIT, call("ping")]), 400, -32600)

    def test_streams(self):
        session = McpSession(self.url)
        first = session.stream()
        self.assertEqual(first.status, 200)
        self.assertEqual(session.stream().status, 409)
        first.close()
        # The router hears of the closing a moment later.
        def again():
            stream = session.stream()
            if stream.status == 200:
                return stream
            stream.close()
            return None
        second = wait_for(again, what="a stream after the first was closed")
        self.assertEqual(session.delete().status, 204)
        second.wait_end()
        second.close()
        self.refused(request("GET", self.url, None, {"Accept": "application/json", "Mcp-Session-Id": "x"}), 406)

    def test_origin_and_host(self):
        for headers, status in [({"Origin": "http://evil.example"}, 403), ({"Origin": "null"}, 403),
                                ({"Origin": f"http://localhost:{self.router.port}"}, 200), ({"Origin": "http://127.0.0.1:5173"}, 200),
                                ({"Origin": "http://localhost.evil.example"}, 403), ({"Host": "evil.example"}, 403),
                                ({"Host": f"localhost:{self.router.port}"}, 200), ({"Host": "127.0.0.1"}, 200)]:
            with self.subTest(headers=headers):
                self.assertEqual(self.post(INIT, {**JSON, **headers}).status, status)
        for twice in ("Origin", "Host"):
            value = "http://localhost" if twice == "Origin" else "localhost"
            with self.subTest(twice=twice):
                self.assertEqual(self.post(INIT, [*JSON.items(), (twice, value), (twice, value)]).status, 403)

    def test_cors(self):
        origin = "http://localhost:5173"
        answer = self.post(INIT, {**JSON, "Origin": origin})
        self.assertEqual(answer.header("access-control-allow-origin"), origin)
        self.assertIn("Mcp-Session-Id", answer.header("access-control-expose-headers"))
        preflight = request("OPTIONS", self.url, None, {"Origin": origin, "Access-Control-Request-Method": "POST",
                                                        "Access-Control-Request-Headers": "mcp-session-id"})
        self.assertEqual(preflight.status, 204)
        self.assertEqual(preflight.header("access-control-allow-headers"), "mcp-session-id")
        self.assertIsNone(self.post(INIT).header("access-control-allow-origin"))

    def test_sizes(self):
        session = McpSession(self.url)
        self.assertEqual(session.tool("echo", {"text": "x" * 60_000}).status, 200)
        self.assertEqual(session.tool("echo", {"text": "x" * 70_000}).status, 413)
        self.assertEqual(session.post(call("ping"), {"X-Long": "x" * 9_000}).status, 431)

    def test_verbs_and_paths(self):
        for verb in ("PUT", "PATCH", "HEAD"):
            with self.subTest(verb=verb):
                answer = request(verb, self.url)
                self.assertEqual(answer.status, 405)
                self.assertIn("POST", answer.header("allow"))
        for path in ("/", "/mcp/nothing", "/mcp/demo/x", "/elsewhere", "/mcp/%zz", "/sse/nothing"):
            with self.subTest(path=path):
                answer = request("POST" if "sse" not in path else "GET", self.router.base + path, INIT if "sse" not in path else None, JSON)
                self.assertEqual(answer.status, 404)
                self.assertNotIn("demo", answer.text)  # names nobody
        # Several services: /mcp means none of them.
        self.refused(self.post(INIT, url=self.router.mcp()), 404)
        self.assertEqual(self.post(INIT, url=self.router.mcp() + "?serviceName=demo").status, 200)
        self.assertEqual(self.post(INIT, url=self.router.mcp("%64emo")).status, 200)

    def test_unknown_method_is_the_services_to_refuse(self):
        answer = McpSession(self.url).call("no/such/method")
        self.assertEqual(answer.message()["error"]["code"], -32601)

    def test_stateless_headers(self):
        good = stateless(self.url, "tools/call", {"name": "echo", "arguments": {"text": "hi"}})
        self.assertEqual(good.status, 200, good)
        for headers, code in [({"Mcp-Method": None}, -32020), ({"Mcp-Method": "tools/list"}, -32020), ({"Mcp-Name": None}, -32020),
                              ({"Mcp-Name": "fail"}, -32020), ({"MCP-Protocol-Version": None}, -32020),
                              ({"MCP-Protocol-Version": "2025-11-25"}, -32020), ({"MCP-Protocol-Version": "2031-01-01"}, -32022)]:
            with self.subTest(headers=headers):
                self.refused(stateless(self.url, "tools/call", {"name": "echo", "arguments": {"text": "hi"}}, headers=headers), 400, code)
        # A session id means nothing in this era, even a wrong one.
        self.assertEqual(stateless(self.url, "tools/list", headers={"Mcp-Session-Id": "nonsense"}).status, 200)
        self.assertEqual(request("GET", self.url, None, {"Accept": "text/event-stream", "MCP-Protocol-Version": "2026-07-28"}).status, 405)
        self.assertEqual(request("DELETE", self.url, None, {"MCP-Protocol-Version": "2026-07-28"}).status, 405)

    def test_eras_that_a_service_does_not_speak(self):
        self.refused(stateless(self.router.mcp("old"), "server/discover"), 404, -32601)
        answer = self.refused(self.post(INIT, url=self.router.mcp("new")), 400, -32022)
        self.assertEqual(json.loads(answer.body)["error"]["data"]["supported"], ["2026-07-28"])
        self.assertEqual(stateless(self.router.mcp("new"), "server/discover").status, 200)
        self.assertIn("result", McpSession(self.router.mcp("old")).initialized)

    def test_health(self):
        for path in ("/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness"):
            answer = request("GET", self.router.base + path)
            self.assertEqual((answer.status, json.loads(answer.body)), (200, {"status": "UP"}), path)
        self.assertIn("version", request("GET", self.router.base + "/actuator/info").text)


class Isolation(unittest.TestCase):
    """Two clients with equal ids and tokens never see each other's messages, a thousand calls in parallel."""
    short = True

    def test_equal_ids_and_tokens(self):
        with Stack("isolation") as stack:
            demo = stack.demo_server()
            sse = stack.demo_server(None, "sse", path="/sse")
            router = stack.router({"demo": demo.url, "old": sse.url}, "--server.threads=2")
            urls = [router.mcp("demo"), router.mcp("demo"), router.mcp("old"), router.mcp("old")]
            sessions = [McpSession(url) for url in urls]

            def one(number):
                session = sessions[number % len(sessions)]
                who = f"{number % len(sessions)}-{number}"
                identity = number // len(sessions)  # the same ids in every session
                if number % 3 == 0:
                    answer = session.tool("progress", {"steps": 3}, meta={"progressToken": identity}, id=identity, timeout=60)
                    tokens = {m["params"]["progressToken"] for m in answer.messages() if m.get("method") == "notifications/progress"}
                    return answer.message()["id"] == identity and tokens <= {identity}
                answer = session.tool("echo", {"text": who}, id=identity, timeout=60).message()
                return answer["id"] == identity and answer["result"]["content"][0]["text"] == who

            with concurrent.futures.ThreadPoolExecutor(64) as pool:
                results = list(pool.map(one, range(1000)))
            self.assertEqual(results.count(True), 1000)


class Untouched(unittest.TestCase):
    short = True

    def test_bytes(self):
        with Stack("bytes") as stack:
            demo = stack.demo_server()
            router = stack.router({"demo": demo.url})
            for url in (demo.url, router.mcp("demo")):
                session = McpSession(url)
                text = 'ünï 😀 \\" \u2028 {"a":1}'
                for id in (7, 12345678901234567890123, "seven", ""):
                    answer = session.tool("echo", {"text": text}, id=id).message()
                    self.assertEqual(answer["id"], id)
                    self.assertEqual(answer["result"]["content"][0]["text"], text)
            # Key order, white space, unknown fields and large numbers are the sender's.
            body = ('{ "params" : {"arguments":{"text":"x","big":123456789012345678901234567890},"name":"echo","zzz":[1.50,{}]},'
                    '"future":true, "id":  "a" , "method":"tools/call","jsonrpc":"2.0"}')
            session = McpSession(router.mcp("demo"))
            self.assertEqual(session.post(body).message()["result"]["content"][0]["text"], "x")


if __name__ == "__main__":
    unittest.main()
