"""Disabled tools, and clients that hear when a service's tools change. The catalog is a file that is edited meanwhile."""

import json
import os
import threading
import unittest

from harness import (BOTH, EventStream, HarnessError, McpSession, SseSession, Stack, call, request, stateless, stateless_stream,
                     wait_for)
from scripted_server import Reply, ScriptedServer, sse, stream

CHANGED = "notifications/tools/list_changed"
ACKNOWLEDGED = "notifications/subscriptions/acknowledged"
SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"
LISTEN = {"notifications": {"toolsListChanged": True}}


class Catalog:
    """A file of services that the router watches."""

    def __init__(self, stack, **services):
        self.path = stack.dir / "services.yml"
        self.config = stack.dir / "application.yml"
        self.config.write_text("mcp:\n  router:\n    file:\n      files: [services.yml]\n")
        self.services = services
        self.write()

    def write(self):
        listed = [{"name": name, **facts} for name, facts in self.services.items()]
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps({"services": listed}))  # JSON is YAML
        os.replace(fresh, self.path)

    def tools(self, service, *names, disabled=()):
        self.services[service]["tools"] = [{"name": n} for n in names] + [{"name": n, "enabled": False} for n in disabled]
        self.write()


def names(answer):
    if "result" not in answer:
        raise HarnessError(f"not a listing: {answer}")
    return [tool["name"] for tool in answer["result"]["tools"]]


def is_changed(message):
    return message.get("method") == CHANGED


def listing(*tools, id=1):
    return json.dumps({"jsonrpc": "2.0", "id": id, "result": {"tools": [{"name": n, "inputSchema": {}} for n in tools]}})


class Disabled(unittest.TestCase):
    short = True

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack("disabled")
        cls.addClassCleanup(cls.stack.__exit__, None, None, None)
        cls.demo = cls.stack.demo_server()
        cls.scripted = ScriptedServer()
        cls.addClassCleanup(cls.scripted.close)
        off = [{"name": "echo"}, {"name": "slow", "enabled": False}, {"name": "fäil \"x\"", "enabled": False}, {"name": "fail", "enabled": False}]
        cls.catalog = Catalog(cls.stack, demo={"url": cls.demo.url, "tools": off},
                              old={"url": cls.demo.base + "/sse", "tools": off},
                              open={"url": cls.demo.url},
                              scripted={"url": cls.scripted.url, "tools": off, "eras": ["handshake", "stateless"]})
        cls.router = cls.stack.router(config=cls.catalog.config)

    def setUp(self):
        self.scripted.answers.clear()
        self.scripted.seen.clear()

    def test_every_transport(self):
        direct = McpSession(self.demo.url).call("tools/list").message()
        left = [n for n in names(direct) if n not in ("slow", "fail")]
        self.assertEqual(len(left) + 2, len(names(direct)))
        for service in ("demo", "old"):
            for session in (McpSession(self.router.mcp(service)), SseSession(self.router.sse(service))):
                with self.subTest(service=service, client=type(session).__name__):
                    def answer(*call, session=session):
                        got = session.call(*call)
                        return got if isinstance(got, dict) else got.message()
                    self.assertEqual(names(answer("tools/list")), left)
                    for disabled in ("slow", "fail"):
                        self.assertEqual(answer("tools/call", {"name": disabled, "arguments": {}})["error"],
                                         {"code": -32602, "message": "Unknown tool: " + disabled})
                    self.assertIn("result", answer("tools/call", {"name": "echo", "arguments": {"text": "x"}}))
                    if isinstance(session, SseSession):
                        session.close()
        url = self.router.mcp("demo")
        self.assertEqual(names(stateless(url, "tools/list").message()), left)
        answer = stateless(url, "tools/call", {"name": "slow", "arguments": {}}, id="s")
        self.assertEqual((answer.status, answer.message()),
                         (200, {"jsonrpc": "2.0", "id": "s", "error": {"code": -32602, "message": "Unknown tool: slow"}}))
        self.assertEqual(names(McpSession(self.router.mcp("open")).call("tools/list").message()), names(direct))

    def test_bytes(self):
        for send in (lambda url: McpSession(url).call("tools/list", id=5).text, lambda url: stateless(url, "tools/list", id=5).text):
            direct, routed = send(self.demo.url), send(self.router.mcp("demo"))
            for name in ("slow", "fail"):
                begin = direct.index('{"name":"%s"' % name)
                direct = direct[:begin] + direct[direct.index('{"name":', begin + 1):]
            self.assertEqual(routed, direct)

    def test_disabled_calls_do_not_reach_the_instance(self):
        session = McpSession(self.router.mcp("scripted"))
        self.assertEqual(session.tool("echo").message()["result"]["content"][0]["text"], "called echo")
        escaped = '{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"\\u0073low"}}'
        self.assertEqual(session.post(escaped).message()["error"]["message"], "Unknown tool: slow")
        self.assertEqual(session.tool('fäil "x"').message()["error"]["message"], 'Unknown tool: fäil "x"')
        self.assertEqual(session.tool("Slow").message()["result"]["content"][0]["text"], "called Slow")
        self.assertEqual(session.notify("tools/call", {"name": "slow"}).status, 202)
        streamed = session.post(call("tools/call", {"name": "slow"}), {"Accept": "text/event-stream"})
        self.assertTrue(streamed.header("content-type").startswith("text/event-stream"))
        self.assertEqual(streamed.message()["error"]["code"], -32602)
        called = [m["params"]["name"] for m in self.scripted.seen if m["method"] == "tools/call"]
        self.assertEqual(called, ["echo", "Slow"])

    def test_batches(self):
        session = McpSession(self.router.mcp("scripted"), version="2025-03-26")
        results = [{"jsonrpc": "2.0", "id": 1, "result": {"a": 1}}, json.loads(listing("slow", "echo", id=3))]
        batch = [call("ping", id=1), call("tools/call", {"name": "slow"}, id=2), call("tools/list", id=3)]
        for reply in (Reply(json.dumps(results)), stream(*results)):
            for accept in (BOTH, "application/json", "text/event-stream"):
                with self.subTest(type=reply.type, accept=accept):
                    self.scripted.answers["batch"] = reply
                    self.scripted.seen.clear()
                    answer = session.post(batch, {"Accept": accept})
                    flat = [m for part in answer.messages() for m in (part if isinstance(part, list) else [part])]
                    got = {m["id"]: m for m in flat}
                    self.assertEqual([m["id"] for m in self.scripted.seen[0]], [1, 3])
                    self.assertEqual((len(flat), got[1]["result"], got[2]["error"]["message"]), (3, {"a": 1}, "Unknown tool: slow"))
                    self.assertEqual(names(got[3]), ["echo"])
        self.scripted.seen.clear()
        only = session.post([call("tools/call", {"name": "slow"}, id=2)])
        self.assertEqual([m["error"]["code"] for m in only.messages()], [-32602])
        self.assertEqual(self.scripted.seen, [])
        self.scripted.answers["batch"] = Reply(status=202)
        rest = session.post([call("tools/call", {"name": "slow"}, id=2), call("notifications/x", id=None)])
        self.assertEqual((rest.status, [m["id"] for m in rest.messages()]), (200, [2]))
        self.assertEqual([len(body) for body in self.scripted.seen], [1])

    def test_listings_in_every_form(self):
        session = McpSession(self.router.mcp("scripted"))
        progress = {"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": 1, "progress": 1}}
        text = sse(progress, listing("slow", "a", "fail"))
        for reply in (Reply(listing("a", "slow")), stream(listing("slow", "a")), Reply(type="text/event-stream", pieces=list(text)),
                      Reply(type="text/event-stream", pieces=[text])):
            for accept in (BOTH, "application/json", "text/event-stream"):
                with self.subTest(type=reply.type, pieces=len(reply.pieces), accept=accept):
                    self.scripted.answers["tools/list"] = reply
                    answer = session.post(call("tools/list"), {"Accept": accept})
                    self.assertEqual((answer.status, names(answer.message())), (200, ["a"]))
                    self.assertNotIn("slow", answer.text)

    def test_a_listing_that_cannot_be_read_is_not_passed_on(self):
        session = McpSession(self.router.mcp("scripted"))
        broken = listing("slow")[:-1]
        for reply in (Reply(broken), stream(broken), Reply(listing("slow"), type="text/plain"), Reply("slow")):
            self.scripted.answers["tools/list"] = reply
            answer = session.post(call("tools/list"))
            with self.subTest(reply=reply.pieces, type=reply.type):
                self.assertNotIn('"slow"', answer.text)
                if reply.type == "text/plain":
                    self.assertEqual(names(answer.message()), [])
                    continue
                self.assertEqual((answer.status, answer.message()["error"]["code"]), (200, -32603))
                self.assertIn("disabled", answer.message()["error"]["message"])
        # Where nothing is hidden it is the client's to judge.
        self.scripted.answers["tools/list"] = Reply(status=500, body="slow")
        self.assertEqual((session.post(call("tools/list")).status, session.post(call("tools/list")).text), (500, "slow"))

    def test_a_large_listing(self):
        many = [f"tool{i}" for i in range(20_000)]
        mixed = [n for name in many for n in (name, "slow")]
        session = McpSession(self.router.mcp("scripted"))
        for reply in (Reply(listing(*mixed)), stream(listing(*mixed))):
            self.scripted.answers["tools/list"] = reply
            self.assertEqual(names(session.post(call("tools/list"), timeout=60).message()), many)


class Changes(unittest.TestCase):
    short = True

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack("changes")
        cls.addClassCleanup(cls.stack.__exit__, None, None, None)
        cls.demo = cls.stack.demo_server()
        cls.stream = cls.stack.demo_server(None, "stream", "--get-stream")
        cls.scripted = ScriptedServer({"tools": {"listChanged": True}, "prompts": {"listChanged": True}})
        cls.addClassCleanup(cls.scripted.close)
        some = [{"name": "echo"}]
        cls.catalog = Catalog(
            cls.stack, demo={"url": cls.demo.url, "tools": some}, stream={"url": cls.stream.url, "tools": some},
            old={"url": cls.demo.base + "/sse", "tools": some}, quiet={"url": cls.demo.url}, other={"url": cls.demo.url, "tools": some},
            scripted={"url": cls.scripted.url, "tools": some, "eras": ["handshake", "stateless"]})
        cls.router = cls.stack.router(None, "--server.threads=2", "--mcp.router.sse.heartbeat=1s", config=cls.catalog.config)
        cls.count = 0

    def change(self, *services):
        type(self).count += 1
        for service in services:
            self.catalog.services[service]["version"] = str(self.count)
        self.catalog.write()

    def test_the_capability(self):
        def tools(service):
            return McpSession(self.router.mcp(service)).initialized["result"]["capabilities"]["tools"]
        for service in ("demo", "old", "stream", "scripted"):
            self.assertEqual(tools(service), {"listChanged": True}, service)
            session = SseSession(self.router.sse(service))
            self.assertEqual(session.initialized["result"]["capabilities"]["tools"], {"listChanged": True})
            session.close()
        self.assertEqual(tools("quiet"), {})  # its source knows no tools, and cannot tell
        discover = stateless(self.router.mcp("demo"), "server/discover")
        self.assertEqual(discover.text, stateless(self.demo.url, "server/discover").text.replace('"tools":{}', '"tools":{"listChanged":true}'))
        self.assertEqual(stateless(self.router.mcp("quiet"), "server/discover").message()["result"]["capabilities"]["tools"], {})
        # Every other byte of the answer is the service's.
        body = call("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}, id=0)
        headers = {"Content-Type": "application/json", "Accept": BOTH}
        self.assertEqual(request("POST", self.router.mcp("demo"), body, headers).text,
                         request("POST", self.demo.url, body, headers).text.replace('"tools":{}', '"tools":{"listChanged":true}'))

    def test_get_streams(self):
        sessions = {s: McpSession(self.router.mcp(s)) for s in ("demo", "stream", "old", "other", "quiet")}
        self.assertEqual(sessions["quiet"].stream().status, 405)  # as its instance says
        streams = {s: sessions[s].stream() for s in ("demo", "stream", "old", "other")}
        for service, events in streams.items():
            self.assertEqual(events.status, 200, service)
            self.assertTrue(events.header("content-type").startswith("text/event-stream"))
        self.change("demo", "stream", "old")
        for service in ("demo", "stream", "old"):
            self.assertEqual(streams[service].wait_message(what=service), {"jsonrpc": "2.0", "method": CHANGED})
        self.change("other")
        streams["other"].wait_message(is_changed)
        self.assertEqual([e for e in streams["demo"].received if "data" in e][1:], [])
        streams["demo"].wait(lambda e: "comment" in e, what="a heartbeat of the router's own stream")
        self.assertEqual(sessions["demo"].delete().status, 204)
        streams["demo"].wait_end()
        for events in streams.values():
            events.close()

    def test_what_changes(self):
        session = McpSession(self.router.mcp("demo"))
        events = session.stream()
        steps = [lambda: self.catalog.tools("demo", "echo", "more"), lambda: self.catalog.tools("demo", "echo", disabled=["more"]),
                 lambda: self.catalog.services["demo"].update(version="other")]
        for step in steps:
            step()
            self.catalog.write()
            events.wait_message(is_changed)
        self.assertNotIn("more", names(session.call("tools/list").message()))
        # The same tools in another order, a description of the service, a tag: nothing that a client would notice.
        other = SseSession(self.router.sse("other"))
        before = len(events.received)
        facts = self.catalog.services["demo"]
        facts["tools"] = list(reversed(facts["tools"]))
        facts.update(description="new", tags=["x"])
        self.change("other")
        other.events.wait_message(is_changed)
        self.assertEqual([e for e in events.received[before:] if "data" in e], [])
        other.close()
        events.close()

    def test_legacy_sse(self):
        for service in ("demo", "old"):
            session = SseSession(self.router.sse(service))
            self.change(service)
            self.assertEqual(session.events.wait_message(is_changed), {"jsonrpc": "2.0", "method": CHANGED})
            session.close()

    def test_a_stream_that_is_opened_later(self):
        sessions = [McpSession(self.router.mcp(s)) for s in ("demo", "stream", "old")]
        witness = SseSession(self.router.sse("demo"))
        self.change("demo", "stream", "old")
        witness.events.wait_message(is_changed)
        for session in sessions:
            events = session.stream()
            events.wait_message(is_changed)
            events.close()
            # Told once: the next stream has nothing to say of it.
            def again(session=session):
                opened = session.stream()
                if opened.status == 200:
                    return opened
                opened.close()
                return None
            second = wait_for(again, what="a second stream")
            self.change("other")
            second.wait(lambda e: "comment" in e, what="a heartbeat")
            self.assertEqual([e for e in second.received if CHANGED in e.get("data", "")], [])
            second.close()
        witness.close()

    def test_a_burst_is_told_as_one(self):
        session = SseSession(self.router.sse("demo"))
        self.change("demo")
        session.events.wait_message(is_changed)
        for round in range(6):
            self.catalog.tools("demo", "echo", f"round{round}")
            wait_for(lambda: self.known("demo", f"round{round}"), what=f"round {round} in the catalog")
        final = session.events.wait_message(is_changed, what="the last change")
        self.assertEqual(final["method"], CHANGED)
        heard = [e for e in session.events.received if CHANGED in e.get("data", "")]
        self.assertLess(len(heard), 7)
        session.close()

    def known(self, service, tool):
        port = next(a.split("=")[1] for a in self.router.argv if a.startswith("--admin.port="))
        return tool in request("GET", f"http://127.0.0.1:{port}/admin/api/services/{service}").text

    def test_a_change_between_two_pieces_of_an_event(self):
        hold = threading.Event()
        halves = ['data: {"jsonrpc":"2.0",', '"method":"notifications/x"}\n\n']
        end = threading.Event()
        self.scripted.answers["GET"] = Reply(pieces=[halves[0], hold, halves[1]], type="text/event-stream", hold=end)
        session = McpSession(self.router.mcp("scripted"))
        events = session.stream()
        witness = SseSession(self.router.sse("other"))
        self.change("scripted", "other")
        witness.events.wait_message(is_changed)
        self.assertEqual(events.received, [])
        hold.set()
        self.assertEqual(events.wait_message(), {"jsonrpc": "2.0", "method": "notifications/x"})
        self.assertEqual(events.wait_message(), {"jsonrpc": "2.0", "method": CHANGED})
        end.set()
        events.close()
        witness.close()
        del self.scripted.answers["GET"]

    # --- the stateless era ---

    def listen(self, service, params=None, id=1):
        events = stateless_stream(self.router.mcp(service), "subscriptions/listen", params or LISTEN, id)
        self.assertEqual(events.status, 200)
        return events

    def tagged(self, method, id, **more):
        return {"jsonrpc": "2.0", "method": method, "params": {"_meta": {SUBSCRIPTION: id}, **more}}

    def test_listen_where_the_service_cannot(self):
        for id in (1, "a \"string\""):
            events = self.listen("demo", id=id)
            self.assertEqual(events.wait_message(), self.tagged(ACKNOWLEDGED, id, notifications={"toolsListChanged": True}))
            self.change("demo")
            self.assertEqual(events.wait_message(), self.tagged(CHANGED, id))
            events.wait(lambda e: "comment" in e, what="a heartbeat")
            events.close()
        # What nobody asked for is the service's affair.
        refused = stateless_stream(self.router.mcp("demo"), "subscriptions/listen", {"notifications": {"promptsListChanged": True}})
        self.assertEqual((refused.status, json.loads(refused.text)["error"]["code"]), (404, -32601))
        self.assertEqual(stateless_stream(self.router.mcp("quiet"), "subscriptions/listen", LISTEN).status, 404)

    def test_listen_where_the_service_can(self):
        asked = {"notifications": {"toolsListChanged": True, "promptsListChanged": True}}
        own = self.tagged(CHANGED, 7)
        for agreed, acknowledged in [({"toolsListChanged": True, "promptsListChanged": True},) * 2,
                                     ({"promptsListChanged": True}, {"toolsListChanged": True, "promptsListChanged": True})]:
            hold = threading.Event()
            ack = self.tagged(ACKNOWLEDGED, 7, notifications=agreed)
            prompts = self.tagged("notifications/prompts/list_changed", 7)
            self.scripted.answers["subscriptions/listen"] = stream(ack, prompts, hold=hold)
            events = self.listen("scripted", asked, 7)
            self.assertEqual(events.wait_message(), self.tagged(ACKNOWLEDGED, 7, notifications=acknowledged))
            self.assertEqual(events.wait_message(), prompts)
            self.change("scripted")
            self.assertEqual(events.wait_message(), own)
            hold.set()
            events.wait_end()  # the service's end is the end
            events.close()
        self.assertEqual([m["params"]["notifications"] for m in self.scripted.seen if m.get("method") == "subscriptions/listen"][-1],
                         asked["notifications"])

    def test_listen_where_the_service_agrees_to_nothing(self):
        done = {"jsonrpc": "2.0", "id": 1, "result": {"resultType": "complete"}}
        nothing = self.tagged(ACKNOWLEDGED, 1, notifications={})
        refusal = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "no"}}
        for reply in (stream(nothing, done), stream(done), stream(refusal), Reply(json.dumps(done)), Reply(json.dumps(refusal)),
                      Reply("not here", 404, "text/plain"), Reply(status=405)):
            with self.subTest(reply=reply.pieces):
                self.scripted.answers["subscriptions/listen"] = reply
                events = self.listen("scripted")
                self.assertEqual(events.wait_message(), self.tagged(ACKNOWLEDGED, 1, notifications={"toolsListChanged": True}))
                self.change("scripted")
                self.assertEqual(events.wait_message(), self.tagged(CHANGED, 1))
                self.assertFalse(events.ended)
                events.close()
        error = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32602, "message": "what?"}}
        self.scripted.answers["subscriptions/listen"] = Reply(json.dumps(error), 400)
        refused = stateless_stream(self.router.mcp("scripted"), "subscriptions/listen", LISTEN)
        self.assertEqual((refused.status, json.loads(refused.text)), (400, error))


class Shutdown(unittest.TestCase):
    def test_listen_streams_end_with_an_answer(self):
        with Stack("listen-drain") as stack:
            demo = stack.demo_server()
            catalog = Catalog(stack, demo={"url": demo.url, "tools": [{"name": "echo"}]})
            router = stack.router(config=catalog.config)
            events = stateless_stream(router.mcp("demo"), "subscriptions/listen", LISTEN, "l")
            events.wait_message()
            session = McpSession(router.mcp("demo"))
            own = session.stream()
            self.assertEqual(own.status, 200)
            router.proc.terminate()
            self.assertEqual(events.wait_message(lambda m: "result" in m), {"jsonrpc": "2.0", "id": "l", "result": {
                "resultType": "complete", "_meta": {SUBSCRIPTION: "l"}}})
            events.wait_end()
            own.wait_end()
            self.assertEqual(router.proc.wait(10), 0)


if __name__ == "__main__":
    unittest.main()
