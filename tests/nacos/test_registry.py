"""The MCP registry of Nacos 3 through the router: each kind of server that can stand in it."""

import json
import unittest

from case import NacosCase, admin, connect, known, mcp_server, router_on, service, service_names, until_service, url_of, who
from harness import McpSession, SseSession, Stack, call, free_port, request, wait_for
from registry import Refused, Registry, direct, ref


def endpoints(found):
    return {(i["address"], i["path"], i["transport"], i["tls"]) for i in found["instances"]}


class Registered(NacosCase):
    short = True

    def test_direct_and_ref(self):
        """Both kinds of address, both transports: a client calls each."""
        with Stack("kinds") as stack:
            registry, demo = self.namespace(), stack.demo_server(name="behind")
            registry.publish("direct-streamable", direct(demo.url))
            registry.publish("direct-sse", direct(demo.url), protocol="mcp-sse", path="/sse")
            registry.create_service("pool")
            registry.register("pool", demo.port)
            pool = ref("pool", namespace=registry.namespace)
            registry.publish("ref-streamable", pool)
            registry.publish("ref-sse", pool, protocol="mcp-sse", path="/sse")
            router = router_on(stack, registry)
            for name in ("direct-streamable", "direct-sse", "ref-streamable", "ref-sse"):
                found = until_service(router, name, lambda s: len(s["instances"]) == 1)
                self.assertEqual((found["version"], found["description"], found["source"]), ("1.0.0", "of a test", "nacos"))
                session, server = connect(router, name)
                self.assertEqual(server, "behind")
                self.assertIn("result", session.tool("echo", {"text": "x"}).message())
            legacy = SseSession(router.sse("ref-sse"))
            self.assertEqual(legacy.initialized["result"]["serverInfo"]["name"], "behind")
            legacy.close()

    def test_several_instances(self):
        """A client reaches all instances of a service, and no longer one that is removed."""
        with Stack("several") as stack:
            registry = self.namespace()
            demos = [stack.demo_server(name=f"copy{n}") for n in range(3)]
            registry.create_service("pool", "GROUP-A")
            registry.publish("pooled", ref("pool", "GROUP-A", registry.namespace))
            router = router_on(stack, registry)
            # Known, with nobody behind it yet.
            until_service(router, "pooled", lambda s: not s["instances"])
            for demo in demos:
                registry.register("pool", demo.port, "GROUP-A")
            until_service(router, "pooled", lambda s: len(s["instances"]) == 3)
            copies = {"copy0", "copy1", "copy2"}

            def reached():
                return {who(router, "pooled") for _ in range(12)}
            # What the admin listener shows reaches the data threads a moment later, once the eras of the instances are known.
            wait_for(lambda: copies <= reached(), 10, "calls at all three")
            self.assertEqual(reached(), copies)
            registry.deregister("pool", demos[1].port, "GROUP-A")
            until_service(router, "pooled", lambda s: len(s["instances"]) == 2)
            self.assertEqual(reached(), copies - {"copy1"})

    def test_weights_and_disabled_instances(self):
        with Stack("weights") as stack:
            registry = self.namespace()
            demos = [stack.demo_server(name=f"copy{n}") for n in range(2)]
            registry.create_service("pool")
            registry.publish("pooled", ref("pool", namespace=registry.namespace))
            registry.register("pool", demos[0].port, weight=3)
            registry.register("pool", demos[1].port, enabled=False)
            router = router_on(stack, registry)
            found = until_service(router, "pooled", lambda s: any(i["weight"] == 3 for i in s["instances"]))
            self.assertEqual([i["weight"] for i in found["instances"] if i["enabled"] and i["healthy"]], [3])
            self.assertEqual({who(router, "pooled") for _ in range(6)}, {"copy0"})

    def test_paths(self):
        """exportPath with and without a slash in front, with a query, and none at all."""
        with Stack("paths") as stack:
            registry, demo = self.namespace(), stack.demo_server()
            at = direct(demo.url)
            registry.publish("slash", at, path="/mcp")
            registry.publish("bare", at, path="mcp")
            registry.publish("query", at, path="/mcp?tenant=7&x=a%20b")
            registry.publish("none", at, path="")
            registry.publish("none-sse", at, path="", protocol="mcp-sse")
            router = router_on(stack, registry)
            expected = {"slash": "/mcp", "bare": "/mcp", "query": "/mcp?tenant=7&x=a%20b", "none": "/mcp", "none-sse": "/sse"}
            for name, path in expected.items():
                found = until_service(router, name)
                self.assertEqual([i["path"] for i in found["instances"]], [path], name)
                self.assertIn("result", connect(router, name)[0].tool("echo", {"text": "x"}).message())

    def test_https(self):
        """Nacos says https: the instance is called with TLS."""
        with Stack("https") as stack:
            registry, port = self.namespace(), free_port()
            registry.create_service("safe")
            registry.register("safe", port)
            registry.publish("safe", ref("safe", namespace=registry.namespace, transport="https"))
            # Without a word about it, the port tells, as Nacos' own clients have it.
            registry.publish("by-port", {"type": "DIRECT", "data": {"address": "127.0.0.1", "port": "443"}})
            router = router_on(stack, registry)
            # Nacos looks whether the port of a persistent instance answers; here nothing does, and it may say unhealthy.
            wait_for(lambda: (service(router, "safe") or {}).get("instances"), 10, "the instance")
            self.assertEqual([i["tls"] for i in service(router, "safe")["instances"]], [True])
            self.assertEqual([i["tls"] for i in until_service(router, "by-port")["instances"]], [True])

    def test_frontend_only(self):
        """A plain API that a gateway serves as MCP is called at the gateway; where there is none it is not routable."""
        with Stack("front") as stack:
            registry, gateway = self.namespace(), stack.demo_server(name="gateway")
            api = direct(f"http://127.0.0.1:{free_port()}/")
            front = [{"type": "mcp-streamable", "protocol": "http", "endpointType": "DIRECT", "endpointData": f"127.0.0.1:{gateway.port}",
                      "path": "/mcp", "headers": []}]
            registry.publish("api-with-gateway", api, protocol="http", path="/api", front=front)
            registry.publish("api-alone", api, protocol="http", path="/api")
            router = router_on(stack, registry)
            found = until_service(router, "api-with-gateway")
            self.assertEqual(endpoints(found), {(f"127.0.0.1:{gateway.port}", "/mcp", "streamable-http", False)})
            self.assertEqual(connect(router, "api-with-gateway")[1], "gateway")
            self.not_routable(router, "api-alone", "http")

    def not_routable(self, router, name, word):
        """Shown with its reason; a client hears that it cannot be called, not that it does not exist."""
        found = until_service(router, name, lambda s: not s["routable"], what="shown as not routable")
        self.assertIn(word, found["reason"])
        answer = request("POST", url_of(router, name), call("ping"), {"Content-Type": "application/json"})
        self.assertEqual(answer.status, 503, answer)

    def test_not_routable(self):
        with Stack("stdio") as stack:
            registry = self.namespace()
            command = {"mcpServers": {"local": {"command": "npx", "args": ["-y", "x"]}}}
            registry.publish("local", None, protocol="stdio", localServerConfig=command)
            registry.publish("rpc", direct(f"http://127.0.0.1:{free_port()}/"), protocol="dubbo", path="/")
            router = router_on(stack, registry)
            self.not_routable(router, "local", "stdio")
            self.not_routable(router, "rpc", "dubbo")

    def test_disabled_server(self):
        """`enabled` is what the detail says: the list shows a server created with false as enabled."""
        with Stack("disabled") as stack:
            registry, demo = self.namespace(), stack.demo_server()
            registry.publish("off", direct(demo.url), enabled=False)
            registry.publish("on", direct(demo.url))
            router = router_on(stack, registry)
            until_service(router, "on")
            found = until_service(router, "off", lambda s: not s["routable"], what="shown as disabled")
            self.assertFalse(found["enabled"])
            self.assertIsNone(who(router, "off"))
            registry.update("off", direct(demo.url), "1.0.0", enabled=True)
            until_service(router, "off", what="enabled")
            self.assertIsNotNone(who(router, "off"))
            registry.update("off", direct(demo.url), "1.0.0", enabled=False)
            until_service(router, "off", lambda s: not s["enabled"], what="disabled again")
            self.assertIsNone(who(router, "off"))

    def test_tools(self):
        """The tools that Nacos lists, with their switch: one that is off is neither listed for clients nor called."""
        with Stack("tools") as stack:
            registry, demo = self.namespace(), stack.demo_server()
            registry.publish("tooled", direct(demo.url), tools={"echo": True, "slow": False})
            router = router_on(stack, registry)
            found = until_service(router, "tooled", lambda s: len(s["tools"]) == 2)
            self.assertEqual({t["name"]: t["enabled"] for t in found["tools"]}, {"echo": True, "slow": False})
            session = connect(router, "tooled")[0]
            self.assertEqual(self.callable(session), {"echo"})
            registry.update("tooled", direct(demo.url), "1.0.0", tools={"echo": False, "slow": True, "count": True})
            until_service(router, "tooled", lambda s: {t["name"]: t["enabled"] for t in s["tools"]} == {"echo": False, "slow": True, "count": True},
                          what="the changed tools")
            # The session that was open sees it too.
            self.assertEqual(self.callable(session), {"slow"})

    def callable(self, session):
        """Which of echo and slow the client is shown, and may call: the two agree."""
        listed = {t["name"] for t in session.call("tools/list").message()["result"]["tools"]}
        self.assertIn("big", listed)  # Nacos says nothing of it
        arguments = {"echo": {"text": "x"}, "slow": {"ms": 1}}
        called = {name for name in arguments if "result" in session.tool(name, arguments[name]).message()}
        self.assertEqual(listed & set(arguments), called)
        return called

    def test_draft(self):
        """A version that is not published is not used, whatever the detail without a version says."""
        with Stack("draft") as stack:
            registry = self.namespace()
            old, new = stack.demo_server(name="old"), stack.demo_server(name="new")
            registry.publish("versioned", direct(old.url))
            router = router_on(stack, registry)
            until_service(router, "versioned")
            registry.update("versioned", direct(new.url), "2.0.0", latest=False)
            wait_for(lambda: registry.detail("versioned")["version"] == "2.0.0", what="the draft in Nacos")
            # A change that is seen after it shows that the draft was passed over, and not merely unseen.
            registry.publish("later", direct(old.url))
            until_service(router, "later")
            self.assertEqual(service(router, "versioned")["version"], "1.0.0")
            self.assertEqual({who(router, "versioned") for _ in range(4)}, {"old"})
            registry.update("versioned", direct(new.url), "2.0.0", latest=True)
            until_service(router, "versioned", lambda s: s["version"] == "2.0.0", what="the published version")
            self.assertEqual({who(router, "versioned") for _ in range(4)}, {"new"})
            # One that starts later finds the published version too, beside a newer draft.
            registry.update("versioned", direct(old.url), "3.0.0", latest=False)
            wait_for(lambda: registry.detail("versioned")["version"] == "3.0.0", what="the second draft in Nacos")
            self.assertEqual(until_service(router_on(stack, registry), "versioned")["version"], "2.0.0")

    def test_deleted_and_back(self):
        with Stack("deleted") as stack:
            registry, demo = self.namespace(), stack.demo_server()
            registry.publish("comes-and-goes", direct(demo.url))
            router = router_on(stack, registry)
            for _ in range(2):
                until_service(router, "comes-and-goes")
                self.assertIsNotNone(who(router, "comes-and-goes"))
                registry.delete("comes-and-goes")
                wait_for(lambda: not known(router, "comes-and-goes"), 10, "the end of the deleted server")
                registry.publish("comes-and-goes", direct(demo.url))

    def test_names(self):
        """Names with unusual characters are served under their percent-encoded path; what cannot be a path is refused with a
        reason, and disturbs no other."""
        with Stack("names") as stack:
            registry, demo = self.namespace(), stack.demo_server()
            good = ["with.dot", "a b", "名前", "a+b", "name::1", "Ümlaut", "q?x", "h#x", "UPPER", "x" * 64, "tilde~(1)", "a'b", "semi;colon"]
            bad = ["..", "message"]
            taken = set()
            for name in good + bad + ["a/b"]:
                try:
                    registry.publish(name, direct(demo.url))
                    taken.add(name)
                except Refused as refused:
                    print(f"Nacos itself refuses the name {name!r}: {refused}")
            self.assertGreater(len(taken & set(good)), 8)
            router = router_on(stack, registry)
            for name in sorted(taken & set(good)):
                until_service(router, name)
                self.assertIn("result", connect(router, name)[0].tool("echo", {"text": name}).message(), name)
            problems = json.dumps([p["service"] for p in self.problems(router)], ensure_ascii=False)
            for name in sorted(taken & set(bad)):
                self.assertIn(f'"{name}"', problems)
            self.assertEqual(service_names(router) & set(bad), set())

    @staticmethod
    def problems(router):
        return json.loads(admin(router, "/admin/api/services").body)["problems"]

    def test_public_namespace(self):
        """Where no namespace is configured it is `public`, and no other namespace is seen."""
        with Stack("public") as stack:
            public, other, demo = Registry(self.nacos), self.namespace(), stack.demo_server()
            name = f"public-{other.namespace}"
            public.publish(name, direct(demo.url))
            self.addCleanup(public.delete, name)
            other.publish("not-seen", direct(demo.url))
            router = router_on(stack, public, namespace=None)
            until_service(router, name)
            self.assertIsNone(service(router, "not-seen"))

    def test_real_servers(self):
        """Two copies of a server that register themselves by nacos-mcp-wrapper-python: both are called; one is killed."""
        with Stack("wrapper") as stack:
            registry = self.namespace()
            router = router_on(stack, registry)
            first, second = (mcp_server(stack, registry, "math") for _ in range(2))
            until_service(router, "math", lambda s: len(s["instances"]) == 2)
            sessions = [McpSession(url_of(router, "math")) for _ in range(4)]
            answered = {s.tool("who").message()["result"]["content"][0]["text"] for s in sessions}
            self.assertEqual(answered, {str(first.port), str(second.port)})
            self.assertEqual(sessions[0].tool("add", {"a": 2, "b": 3}).message()["result"]["content"][0]["text"], "5")
            first.kill()
            until_service(router, "math", lambda s: len(s["instances"]) == 1)
            session = McpSession(url_of(router, "math"))
            self.assertEqual(session.tool("who").message()["result"]["content"][0]["text"], str(second.port))
            legacy = mcp_server(stack, registry, "old-math", "sse")
            until_service(router, "old-math", lambda s: len(s["instances"]) == 1)
            session = SseSession(router.sse("old-math"))
            self.assertEqual(session.call("tools/call", {"name": "who", "arguments": {}})["result"]["content"][0]["text"], str(legacy.port))
            session.close()


if __name__ == "__main__":
    unittest.main()
