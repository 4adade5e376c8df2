"""The legacy HTTP+SSE transport at /sse/{service}, and pairings with instances of either transport."""

import json
import unittest

from harness import EventStream, McpSession, SseSession, Stack, call, request, wait_for


class LegacySse(unittest.TestCase):
    short = True

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack("sse")
        cls.addClassCleanup(cls.stack.__exit__, None, None, None)
        cls.demo = cls.stack.demo_server()
        cls.old = cls.stack.demo_server(None, "old", path="/sse")
        cls.router = cls.stack.router({"demo": cls.demo.url, "old": cls.old.url}, "--mcp.router.sse.heartbeat=1s", "--server.threads=2")

    def test_first_event(self):
        for service in ("demo", "old"):
            session = SseSession(self.router.sse(service), open=False)
            self.assertRegex(session.endpoint, rf"^/mcp/{service}/message\?sessionId=[!-~]{{32,}}$")
            session.close()

    def test_prefix_of_a_believed_proxy(self):
        for prefix, expected in [("/mcp-bridge", "/mcp-bridge/mcp/demo/message"), ("/a/b/", "/a/b/mcp/demo/message"),
                                 ("//evil.example", "/mcp/demo/message"), ("/a b", "/mcp/demo/message"), ("javascript:", "/mcp/demo/message")]:
            session = SseSession(self.router.sse("demo"), headers={"X-Forwarded-Prefix": prefix}, open=False)
            self.assertEqual(session.endpoint.split("?")[0], expected, prefix)
            session.close()

    def test_calls(self):
        for service in ("demo", "old"):
            with self.subTest(service=service):
                session = SseSession(self.router.sse(service))
                self.assertIn("result", session.initialized)
                self.assertEqual(session.call("tools/call", {"name": "echo", "arguments": {"text": "hi"}})["result"]["content"][0]["text"], "hi")
                self.assertEqual(session.call("ping", id="a string")["id"], "a string")
                session.call("tools/call", {"name": "progress", "arguments": {"steps": 2}, "_meta": {"progressToken": "tok"}})
                session.close()

    def test_server_discover_is_refused_in_band(self):
        session = SseSession(self.router.sse("demo"), open=False)
        self.assertEqual(session.call("server/discover")["error"]["code"], -32601)
        self.assertEqual(session.call("tools/list")["error"]["code"], -32000)
        session.close()

    def test_posts(self):
        session = SseSession(self.router.sse("demo"))
        accepted = session.post(call("ping", id=77))
        self.assertEqual((accepted.status, json.loads(accepted.body)["status"]), (202, "accepted"))
        self.assertEqual(session.post("{").status, 400)
        base = self.router.base + "/mcp/demo/message"
        headers = {"Content-Type": "application/json"}
        self.assertEqual(request("POST", base, call("ping"), headers).status, 400)
        self.assertEqual(request("POST", base + "?sessionId=" + "0" * 36, call("ping"), headers).status, 404)
        self.assertEqual(request("POST", session.post_url, call("ping"), {"Content-Type": "text/plain"}).status, 415)
        self.assertEqual(request("GET", session.post_url).status, 405)
        # The id of this transport is none for the other.
        identity = session.endpoint.split("=")[1]
        self.assertEqual(request("POST", self.router.mcp("demo"), call("ping"), {**headers, "Mcp-Session-Id": identity}).status, 404)
        session.close()

    def test_end_with_the_stream(self):
        session = SseSession(self.router.sse("demo"))
        session.close()
        wait_for(lambda: session.post(call("ping")).status == 404, what="the end of the session")

    def test_heartbeats_are_comments(self):
        session = SseSession(self.router.sse("demo"))
        beat = session.events.wait(lambda e: "comment" in e, 5, "a heartbeat")
        self.assertRegex(beat["comment"], r"^heartbeat \d{13}$")
        session.close()

    def test_streamable_client_of_an_sse_instance(self):
        session = McpSession(self.router.mcp("old"))
        self.assertTrue(session.session)
        self.assertEqual(session.tool("echo", {"text": "hi"}).message()["result"]["content"][0]["text"], "hi")
        answer = session.tool("progress", {"steps": 3}, meta={"progressToken": "p"})
        progress = [m for m in answer.messages() if m.get("method") == "notifications/progress"]
        self.assertEqual({m["params"]["progressToken"] for m in progress}, {"p"})
        self.assertEqual(len(progress), 3)
        stream = session.stream()
        self.assertEqual((stream.status, session.stream().status), (200, 409))
        self.assertEqual(session.delete().status, 204)
        stream.wait_end()
        self.assertEqual(session.call("tools/list").status, 404)

    def test_other_ways_to_name_the_service(self):
        for url in (self.router.sse() + "?serviceName=demo", self.router.base + "/sse/demo/", self.router.base + "/sse/%64emo"):
            session = SseSession(url)
            self.assertIn("result", session.initialized)
            session.close()
        self.assertEqual(EventStream("GET", self.router.sse()).status, 404)


class OnlyService(unittest.TestCase):
    def test_it_needs_no_name(self):
        with Stack("only") as stack:
            demo = stack.demo_server()
            router = stack.router({"demo": demo.url})
            self.assertIn("result", McpSession(router.mcp()).initialized)
            session = SseSession(router.sse())
            self.assertTrue(session.endpoint.startswith("/mcp/message?sessionId="))
            self.assertIn("result", session.initialized)
            session.close()

    def test_context_path(self):
        with Stack("context") as stack:
            demo = stack.demo_server()
            router = stack.router({"demo": demo.url}, "--server.servlet.context-path=/tools", ready=False)
            self.assertIn("result", McpSession(router.base + "/tools/mcp/demo").initialized)
            self.assertEqual(request("POST", router.mcp("demo"), call("ping")).status, 404)
            session = SseSession(router.base + "/tools/sse/demo")
            self.assertTrue(session.endpoint.startswith("/tools/mcp/demo/message?"))
            session.close()


if __name__ == "__main__":
    unittest.main()
