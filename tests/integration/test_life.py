"""The program's life: start, drain, reload, ports, limits on sessions, idle sessions, instances that are away."""

import json
import signal
import subprocess
import time
import unittest

from harness import BUILD, EventStream, HarnessError, McpSession, SseSession, Stack, call, free_port, listening, request, wait_for


def write(path, text):
    path.write_text(text)
    return path


class Life(unittest.TestCase):
    short = True

    def test_drain(self):
        """Requests in flight finish, streams end in order, new connections are refused, the exit code is 0."""
        with Stack("drain") as stack:
            demo = stack.demo_server(None, "demo", "--get-stream")
            router = stack.router({"demo": demo.url}, "--drain.announce=0s", "--drain.timeout=10s")
            session = McpSession(router.mcp("demo"))
            stream = session.stream()
            legacy = SseSession(router.sse("demo"))
            slow = EventStream("POST", router.mcp("demo"), session.headers(), call("tools/call", {"name": "progress", "arguments": {"steps": 4, "ms": 150}, "_meta": {"progressToken": 1}}, 9))
            slow.wait_message(lambda m: m.get("method") == "notifications/progress")
            router.signal(signal.SIGTERM)
            stream.wait_end()
            legacy.events.wait_end()
            self.assertIn("result", slow.wait_message(lambda m: m.get("id") == 9))
            wait_for(lambda: not listening(router.port), what="the port closed")
            wait_for(lambda: not router.alive(), 15, "the end of the router")
            self.assertEqual(router.proc.returncode, 0, router.tail())

    def test_announced_drain(self):
        """Readiness goes first; connections are still taken, and every answer says that it is the last on its connection."""
        with Stack("announce") as stack:
            demo = stack.demo_server()
            router = stack.router({"demo": demo.url}, "--drain.announce=3s")
            session = McpSession(router.mcp("demo"))
            router.signal(signal.SIGTERM)
            wait_for(lambda: request("GET", router.base + "/actuator/health/readiness").status == 503, what="readiness off")
            answer = session.call("tools/list")
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.header("connection"), "close")
            wait_for(lambda: not router.alive(), 15, "the end of the router")
            self.assertEqual(router.proc.returncode, 0, router.tail())

    def test_port_in_use(self):
        with Stack("port") as stack:
            demo = stack.demo_server()
            router = stack.router({"demo": demo.url})
            second = stack.run("second", [*router.argv[:1], f"--server.port={router.port}", f"--admin.port={free_port()}",
                                          *[a for a in router.argv if a.startswith("--plugins")]], cwd=stack.dir)
            wait_for(lambda: not second.alive(), what="the end of the second router")
            self.assertEqual(second.proc.returncode, 1)
            self.assertIn(f"127.0.0.1:{router.port}", second.tail())
            self.assertIn("result", McpSession(router.mcp("demo")).initialized)

    def test_reload(self):
        """A changed application.yml is taken within a second; a broken one is refused and changes nothing."""
        with Stack("reload") as stack:
            demo = stack.demo_server()
            text = "mcp:\n  router:\n    services:\n      - {name: %s, url: \"" + demo.url + "\"}\n"
            config = write(stack.dir / "application.yml", text % "one")
            router = stack.router(config=config)
            self.assertIn("result", McpSession(router.mcp("one")).initialized)
            write(config, text % "two")
            began = time.monotonic()
            wait_for(lambda: self.known(router, "two"), 5, "the new service")
            print(f"a changed service was seen after {1000 * (time.monotonic() - began):.0f} ms")
            self.assertFalse(self.known(router, "one"))
            write(config, "mcp:\n  router:\n    servces: []\n")
            wait_for(lambda: "servces" in router.log.read_text(), 5, "the refusal in the log")
            self.assertIn("application.yml:3", router.log.read_text())
            self.assertIn("services", router.log.read_text())  # the nearest known name
            self.assertTrue(self.known(router, "two"))
            write(config, text % "three")
            wait_for(lambda: self.known(router, "three"), 5, "the next good configuration")

    @staticmethod
    def known(router, service):
        return request("POST", router.mcp(service), call("ping"), {"Content-Type": "application/json"}).status != 404

    def test_switched_off(self):
        with Stack("off") as stack:
            demo = stack.demo_server()
            router = stack.router({"demo": demo.url}, "--mcp.router.enabled=false")
            self.assertEqual(request("POST", router.mcp("demo"), call("ping"), {"Content-Type": "application/json"}).status, 503)
            self.assertEqual(request("GET", router.sse("demo"), None, {"Accept": "text/event-stream"}).status, 503)

    def test_bounds(self):
        """At each bound: a defined answer, and a counter that says so."""
        with Stack("bounds") as stack:
            demo = stack.demo_server()
            admin = free_port()
            router = stack.router({"demo": demo.url}, "--mcp.session.max=2", "--mcp.session.max-streams=1", f"--admin.port={admin}")
            sessions = [McpSession(router.mcp("demo")) for _ in range(2)]
            with self.assertRaises(HarnessError) as refused:
                McpSession(router.mcp("demo"))
            self.assertIn("503", str(refused.exception))
            self.assertEqual(request("GET", router.sse("demo"), None, {"Accept": "text/event-stream"}).status, 503)
            sessions[0].delete()
            self.assertIn("result", McpSession(router.mcp("demo")).initialized)
            metrics = request("GET", f"http://127.0.0.1:{admin}/actuator/prometheus").text
            self.assertIn("mcp_router_sessions_refused_total 2", metrics)
            self.assertIn("mcp_router_sessions 2", metrics)

    def test_idle_sessions_end(self):
        with Stack("idle") as stack:
            demo = stack.demo_server()
            router = stack.router({"demo": demo.url}, "--mcp.session.ttl=1s")
            session = McpSession(router.mcp("demo"))
            # Asking for a session keeps it alive, so it is the admin listener that is asked.
            admin = next(a.split("=")[1] for a in router.argv if a.startswith("--admin.port="))
            wait_for(lambda: "mcp_router_sessions_expired_total 1" in request("GET", f"http://127.0.0.1:{admin}/actuator/prometheus").text,
                     20, "the end of the idle session", pause=0.2)
            self.assertEqual(session.call("tools/list").status, 404)

    def test_instance_away(self):
        """A clear JSON-RPC error that says whether a retry is safe; the other service does not notice."""
        with Stack("away") as stack:
            demo = stack.demo_server()
            router = stack.router({"demo": demo.url, "gone": f"http://127.0.0.1:{free_port()}/mcp"})
            answer = request("POST", router.mcp("gone"), call("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}, 5),
                             {"Content-Type": "application/json"})
            error = json.loads(answer.body)
            self.assertEqual((answer.status, error["id"], error["error"]["code"]), (200, 5, -32603))
            self.assertEqual((error["error"]["data"]["reason"], error["error"]["data"]["retrySafe"]), ("unreachable", True))
            session = McpSession(router.mcp("demo"))
            demo.kill()
            lost = session.tool("echo", {"text": "x"})
            self.assertEqual(lost.message()["error"]["data"]["service"], "demo")

    def test_instance_that_forgets(self):
        """404 of the instance to a known session is the client's to hear: it then starts anew."""
        with Stack("forget") as stack:
            demo = stack.demo_server()
            router = stack.router({"demo": demo.url})
            session = McpSession(router.mcp("demo"))
            demo.kill()
            stack.demo_server(demo.port, "again")
            self.assertEqual(session.call("tools/list").status, 404)
            self.assertEqual(session.call("tools/list").status, 404)
            self.assertIn("result", McpSession(router.mcp("demo")).initialized)

    def test_client_that_leaves(self):
        """Handshake era: the call goes on. Stateless era: it is cancelled."""
        with Stack("leave") as stack:
            demo = stack.demo_server()
            router = stack.router({"demo": demo.url})
            session = McpSession(router.mcp("demo"))
            stream = session.post_stream(call("tools/call", {"name": "progress", "arguments": {"steps": 5, "ms": 100}, "_meta": {"progressToken": 1}}, 1))
            stream.wait_message(lambda m: m.get("method") == "notifications/progress")
            stream.close()
            self.assertEqual(session.call("tools/list").status, 200)

    def test_admin_is_for_this_machine(self):
        with Stack("admin") as stack:
            demo = stack.demo_server()
            admin = free_port()
            router = stack.router({"demo": demo.url}, f"--admin.port={admin}")
            base = f"http://127.0.0.1:{admin}"
            self.assertEqual(request("GET", base + "/actuator/health").status, 200)
            self.assertEqual(request("GET", base + "/actuator/health", None, {"Host": "evil.example"}).status, 403)
            self.assertEqual(request("GET", base + "/actuator/health", None, {"Origin": "http://evil.example"}).status, 403)
            self.assertEqual(request("GET", base + "/actuator/health", None, {"X-Forwarded-For": "203.0.113.9"}).status, 403)
            service = json.loads(request("GET", base + "/admin/api/services/demo").body)
            self.assertEqual(service["instances"][0]["address"], f"127.0.0.1:{demo.port}")
            self.assertEqual(request("GET", router.base + "/admin/api/services").status, 404)
            secured = stack.router({"demo": demo.url}, f"--admin.port={free_port()}", "--admin.token=sesame", name="secured")
            base = "http://127.0.0.1:" + next(a.split("=")[1] for a in reversed(secured.argv) if a.startswith("--admin.port="))
            self.assertEqual(request("GET", base + "/actuator/health").status, 401)
            self.assertEqual(request("GET", base + "/actuator/health", None, {"Authorization": "Bearer sesame"}).status, 200)

    def test_commands_ask_the_running_router(self):
        def ask(*words):
            done = subprocess.run([str(BUILD / "bin/mcp-router"), f"--admin.port={admin}", *words], capture_output=True, text=True, timeout=30)
            return done.returncode, done.stdout, done.stderr

        with Stack("ask") as stack:
            demo = stack.demo_server()
            admin = free_port()
            stack.router({"demo": demo.url}, f"--admin.port={admin}")
            code, out, _ = ask("services")
            self.assertEqual(code, 0)
            self.assertRegex(out, r"SERVICE +SOURCE")
            self.assertRegex(out, r"demo +file")
            self.assertEqual(json.loads(ask("services", "--json")[1])["services"][0]["name"], "demo")
            code, out, _ = ask("service", "demo")
            self.assertIn(f"http://127.0.0.1:{demo.port}", out)
            self.assertRegex(out, r"file +yes")
            self.assertRegex(ask("sources")[1], r"file +file +up +1")
            self.assertRegex(ask("plugins")[1], r"file\.so +loaded +file")
            code, _, err = ask("service", "nobody")
            self.assertEqual((code, "no such service" in err), (1, True))
            self.assertEqual(ask("service")[0], 2)
            self.assertEqual(ask("plugins", "--yaml")[0], 2)
        code, _, err = ask("services")
        self.assertEqual(code, 1)
        self.assertIn(f"127.0.0.1:{admin}", err)


if __name__ == "__main__":
    unittest.main()
