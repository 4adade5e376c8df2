"""The limits of what is handled whole or at once: what a client hears at each, and that it is counted."""

import contextlib
import http.client
import json
import re
import threading
import unittest

from harness import McpSession, SseSession, Stack, call, request, wait_for
from scripted_server import Reply, ScriptedServer, stream


def slow(ms, id):
    return call("tools/call", {"name": "slow", "arguments": {"ms": ms}}, id)


class Limits(unittest.TestCase):
    short = True

    def start(self, *args, upstreams=None):
        stack = Stack("limits")
        self.addCleanup(stack.__exit__, None, None, None)
        self.demo = stack.demo_server()
        self.router = stack.router({"demo": self.demo.url, **(upstreams or {})}, "--server.threads=1", *args)
        return self.router.mcp("demo")

    def counted(self, name):
        port = next(a.split("=")[1] for a in self.router.argv if a.startswith("--admin.port="))
        text = request("GET", f"http://127.0.0.1:{port}/actuator/prometheus").text
        return int(re.search(rf"^mcp_router_{name}_total (\d+)", text, re.M)[1])

    def test_requests_of_a_live_session(self):
        self.start("--mcp.session.max-requests=2")
        session = SseSession(self.router.sse("demo"))
        for id in (11, 12):
            session.send(slow(60_000, id))
        refused = session.call("ping", id=13)
        self.assertEqual((refused["error"]["code"], self.counted("requests_refused")), (-32603, 1))
        self.assertIn("too many requests", refused["error"]["message"])
        for id in (11, 12):
            session.notify("notifications/cancelled", {"requestId": id})
        session.close()

    def occupy(self, session):
        """A call that holds its connection until the router ends."""
        def run():
            with contextlib.suppress(OSError, http.client.HTTPException):
                while "overload" in session.post(slow(60_000, 5), timeout=60).text:
                    pass  # somebody else had the last connection
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self.addCleanup(thread.join, 10)

    def overloaded(self, session):
        answer = session.call("ping").message()
        if "result" in answer:
            return False
        self.assertEqual([answer["error"]["data"][key] for key in ("reason", "retrySafe")], ["overload", True])
        return True

    def test_connections_to_an_instance(self):
        stack = Stack("limits-pool")
        demo = stack.demo_server()
        config = stack.dir / "application.yml"

        def write(most):
            config.write_text(json.dumps({"mcp": {"router": {
                "services": [{"name": "demo", "url": demo.url}],
                "upstream": {"pool": {"max-connections": most, "max-waiting": 0}}}}}))
        write(2)
        self.router = stack.router(None, "--server.threads=1", "--drain.timeout=1s", config=config)
        sessions = [McpSession(self.router.mcp("demo")) for _ in range(3)]
        for session in sessions[:2]:
            self.occupy(session)
        self.addCleanup(stack.__exit__, None, None, None)  # first: it ends the calls
        wait_for(lambda: self.overloaded(sessions[2]), what="the bound on connections")
        self.assertGreaterEqual(self.counted("overload"), 1)
        write(16)
        wait_for(lambda: not self.overloaded(sessions[2]), what="the larger pool")

    def test_answers_that_are_taken_whole(self):
        server = ScriptedServer()
        self.addCleanup(server.close)
        self.start("--mcp.router.limits.answer=4KiB", upstreams={"scripted": server.url})
        session = McpSession(self.router.mcp("scripted"))
        large = {"jsonrpc": "2.0", "id": 1, "result": {"text": "x" * 5_000}}
        answer_of = {"application/json": stream(large), "text/event-stream": Reply(json.dumps(large))}
        for number, (accept, reply) in enumerate(answer_of.items(), 1):
            server.answers["tools/list"] = reply
            self.assertEqual(session.post(call("tools/list")).message(), large)  # passed through, whatever its size
            refused = session.post(call("tools/list"), {"Accept": accept}).message()
            self.assertEqual((refused["id"], refused["error"]["data"]["reason"]), (1, "too-large"))
            self.assertEqual(self.counted("answers_too_large"), number)
        # Message by message.
        old = SseSession(self.router.sse("scripted"))
        refused = old.call("tools/list", id=1)
        self.assertEqual(refused["error"]["data"]["reason"], "too-large")
        self.assertEqual(self.counted("answers_too_large"), 3)
        old.close()

    def test_listings_with_hidden_tools(self):
        server = ScriptedServer()
        self.addCleanup(server.close)
        stack = Stack("limits-hidden")
        self.addCleanup(stack.__exit__, None, None, None)
        config = stack.dir / "application.yml"
        config.write_text(json.dumps({"mcp": {"router": {"limits": {"answer": "4KiB"}, "services": [
            {"name": "scripted", "url": server.url, "eras": ["handshake"], "tools": [{"name": "secret", "enabled": False}]}]}}}))
        self.router = stack.router(config=config)
        session = McpSession(self.router.mcp("scripted"))
        large = {"jsonrpc": "2.0", "id": 1, "result": {"tools": [{"name": "secret", "description": "x" * 5_000}]}}
        for reply in (Reply(json.dumps(large)), stream(large)):
            server.answers["tools/list"] = reply
            refused = session.post(call("tools/list"))
            self.assertNotIn("secret", refused.text)
            self.assertEqual(refused.message()["error"]["data"]["reason"], "too-large")

    def test_the_answer_to_initialize(self):
        server = ScriptedServer({"tools": {}, "experimental": {"x": "y" * 3_000}})
        self.addCleanup(server.close)
        self.start("--mcp.router.limits.initialize=2KiB", upstreams={"scripted": server.url})
        refused = McpSession(self.router.mcp("scripted")).initialized
        self.assertEqual(refused["error"]["data"]["reason"], "too-large")
        self.assertIn("result", McpSession(self.router.mcp("demo")).initialized)


if __name__ == "__main__":
    unittest.main()
