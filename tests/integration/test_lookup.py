"""Services that nobody publishes and that are looked up when a client names them."""

import concurrent.futures
import json
import shutil
import time
import unittest

from harness import BUILD, EventStream, McpSession, SseSession, Stack, call, request, stateless, wait_for

JSON = {"Content-Type": "application/json"}
BOOK = BUILD / "tests/phone-book/phone-book.so"


class Book:
    """The phone book's folder, a router that looks into it, and a file source before it."""

    def __init__(self, stack, demo, *args):
        self.folder, self.log, self.files = stack.dir / "book", stack.dir / "asked.log", stack.dir / "services.yml"
        self.folder.mkdir()
        self.demo = demo
        plugins = stack.dir / "plugins"
        plugins.mkdir()
        for file in (BUILD / "plugins/file.so", BUILD / "plugins/round-robin.so", BOOK):
            shutil.copy(file, plugins)
        self.files.write_text("services: []\n")
        config = stack.dir / "application.yml"
        config.write_text(json.dumps({"mcp": {"router": {
            "file": {"files": ["services.yml"]},
            "discovery-order": ["file", {"id": "phone-book", "folder": str(self.folder), "log": str(self.log)}]}}}))
        self.router = stack.router(None, f"--plugins.directory={plugins}", *args, config=config)

    def write(self, name, *lines):
        fresh = self.folder.parent / "fresh"
        fresh.write_text("\n".join(lines or (f"127.0.0.1 {self.demo.port} /mcp",)) + "\n")
        fresh.rename(self.folder / name)

    def asked(self, name):
        return self.log.read_text().splitlines().count(name) if self.log.exists() else 0

    def post(self, name, timeout=15.0):
        return request("POST", self.router.mcp(name), call("ping"), JSON, timeout)

    def shown(self):
        port = next(a.split("=")[1] for a in self.router.argv if a.startswith("--admin.port="))
        return [s["name"] for s in json.loads(request("GET", f"http://127.0.0.1:{port}/admin/api/services").body)["services"]]


class LookUp(unittest.TestCase):
    short = True

    def run_with(self, *args):
        stack = Stack("lookup")
        self.addCleanup(stack.__exit__, None, None, None)
        return Book(stack, stack.demo_server(), *args)

    def test_the_request_waits_and_goes_on(self):
        book = self.run_with("--server.threads=2")
        book.write("by-post")
        session = McpSession(book.router.mcp("by-post"))
        self.assertEqual(session.tool("echo", {"text": "hi"}).message()["result"]["content"][0]["text"], "hi")
        book.write("by-sse", f"127.0.0.1 {book.demo.port} /mcp", "later 100")
        old = SseSession(book.router.sse("by-sse"))
        self.assertIn("result", old.initialized)
        old.close()
        book.write("stateless")
        self.assertIn("result", stateless(book.router.mcp("stateless"), "tools/list").message())
        for name in ("by-post", "by-sse", "stateless"):
            self.assertEqual(book.asked(name), 1)
        self.assertEqual(book.shown(), ["by-post", "by-sse", "stateless"])
        # A large body is there when the answer comes.
        book.write("large", f"127.0.0.1 {book.demo.port} /mcp", "later 200")
        text = "x" * 1_000_000
        answer = stateless(book.router.mcp("large"), "tools/call", {"name": "echo", "arguments": {"text": text}})
        self.assertEqual(answer.message()["result"]["content"][0]["text"], text)

    def test_many_ask_once(self):
        book = self.run_with("--server.threads=2")
        book.write("popular", f"127.0.0.1 {book.demo.port} /mcp", "later 300")
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: stateless(book.router.mcp("popular"), "tools/list").status, range(40)))
        self.assertEqual(answers, [200] * 40)
        self.assertEqual(book.asked("popular"), 1)

    def test_not_found(self):
        book = self.run_with("--mcp.router.lookup.negative-ttl=300ms")
        for _ in range(5):
            answer = book.post("nobody")
            self.assertEqual((answer.status, answer.message()["error"]["code"], answer.message()["id"]), (404, -32000, 1))
        self.assertEqual(EventStream("GET", book.router.sse("nobody")).status, 404)
        asked = book.asked("nobody")
        self.assertIn(asked, (1, 2))
        # It is asked for again after a while, and may be there by then.
        book.write("nobody")
        wait_for(lambda: book.post("nobody").status != 404, what="the service that came later")
        # What is no name of a service, or a reference to a group, is not asked for.
        for name in ("a@GROUP", "a%2F..%2Fb", "x" * 300):
            self.assertEqual(book.post(name).status, 404, name)
        self.assertEqual([n for n in book.log.read_text().splitlines() if n != "nobody"], [])

    def test_a_scan_is_bounded(self):
        book = self.run_with("--mcp.router.lookup.max-names=5", "--mcp.router.lookup.negative-ttl=1h")
        statuses = [book.post(f"name{i}").status for i in range(20)]
        self.assertEqual(statuses, [404] * 5 + [503] * 15)
        self.assertEqual(len(book.log.read_text().splitlines()), 5)

    def test_a_source_that_cannot_say(self):
        book = self.run_with("--mcp.router.lookup.negative-ttl=200ms", "--mcp.router.lookup.timeout=400ms")
        book.write("dead", "down")
        answer = book.post("dead")
        self.assertEqual((answer.status, answer.header("retry-after")), (503, "1"))
        book.write("slow", f"127.0.0.1 {book.demo.port} /mcp", "later 1500")
        begun = time.monotonic()
        answer = book.post("slow")
        self.assertEqual((answer.status, answer.header("retry-after")), (503, "1"))
        self.assertLess(time.monotonic() - begun, 10)
        wait_for(lambda: "slow" in book.shown(), what="the late answer")
        self.assertNotIn(book.post("slow").status, (404, 503))
        self.assertEqual(book.asked("slow"), 1)
        book.write("dead")
        wait_for(lambda: book.post("dead").status not in (404, 503), what="the end of the failure")

    def test_kept_while_used(self):
        book = self.run_with("--mcp.router.lookup.ttl=1s")
        for name in ("used", "moved", "idle"):
            book.write(name)
            self.assertNotIn(book.post(name).status, (404, 503))
        used, moved = (McpSession(book.router.mcp(name)) for name in ("used", "moved"))

        def idle_gone():
            for session in (used, moved):
                self.assertEqual(session.call("ping").status, 200)
            return "idle" not in book.shown()
        wait_for(idle_gone, what="the end of the one that nobody uses")
        self.assertLessEqual(book.asked("idle"), 2)
        self.assertGreater(book.asked("used"), 1)
        # A session goes on where its service is looked up anew, with the same instance.
        (book.folder / "moved").unlink()
        wait_for(lambda: (used.call("ping"), moved.call("ping"))[1].status == 404 and "moved" not in book.shown(),
                 what="the end of the one that is gone")
        self.assertIn("used", book.shown())

    def test_a_source_that_publishes_it_takes_over(self):
        book = self.run_with("--mcp.router.lookup.ttl=1s")
        book.write("both")
        self.assertNotIn(book.post("both").status, (404, 503))
        book.files.write_text(f"services:\n  - {{name: both, url: '{book.demo.url}', description: published}}\n")
        port = next(a.split("=")[1] for a in book.router.argv if a.startswith("--admin.port="))
        one = f"http://127.0.0.1:{port}/admin/api/services/both"
        wait_for(lambda: json.loads(request("GET", one).body)["source"] == "file", what="the published one")
        asked = book.asked("both")
        book.files.write_text("services: []\n")
        wait_for(lambda: "both" not in book.shown(), what="its withdrawal")
        self.assertEqual(book.asked("both"), asked)
        self.assertNotIn(book.post("both").status, (404, 503))
        self.assertEqual(book.asked("both"), asked + 1)

    def test_service_names_restrict(self):
        book = self.run_with("--mcp.router.service-names=wanted")
        for name in ("wanted", "other"):
            book.write(name)
        self.assertNotIn(book.post("wanted").status, (404, 503))
        self.assertEqual(book.post("other").status, 404)
        self.assertEqual(book.asked("other"), 0)

    def test_switched_off(self):
        book = self.run_with("--mcp.router.lookup.timeout=0")
        book.write("there")
        self.assertEqual(book.post("there").status, 404)
        self.assertEqual(book.asked("there"), 0)

    def test_a_client_that_leaves_and_a_router_that_ends(self):
        book = self.run_with("--mcp.router.lookup.timeout=30s", "--drain.timeout=1s")
        book.write("slow", f"127.0.0.1 {book.demo.port} /mcp", "later 60000")
        for _ in range(3):
            with self.assertRaises(OSError):
                book.post("slow", timeout=0.2)
        self.assertEqual(book.asked("slow"), 1)
        self.assertEqual(book.router.stop(15), 0)


if __name__ == "__main__":
    unittest.main()
