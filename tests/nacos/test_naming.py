"""Plain naming, as Nacos 1 and 2 have it: the services of configured groups are MCP services."""

import unittest

from case import NacosCase, configuration, connect, opens, registrar, router_on, service, service_names, source, until_service, who
from harness import Stack, wait_for


class Naming(NacosCase):
    def test_grpc_client(self):
        """nacos-sdk-python registers a server; when its process is killed the instance is gone."""
        with Stack("grpc") as stack:
            registry, demo = self.namespace(), stack.demo_server(name="behind")
            router = router_on(stack, registry, groups=["mcp-server"])
            client = registrar(stack, "grpc", registry, "mcp-server", "plain", demo.port, streamableEndpoint="/mcp", version="1.2.3")
            registrar(stack, "grpc", registry, "other-group", "not-ours", demo.port, streamableEndpoint="/mcp")
            found = until_service(router, "plain", lambda s: len(s["instances"]) == 1)
            self.assertEqual((found["version"], found["instances"][0]["path"]), ("1.2.3", "/mcp"))
            self.assertEqual(connect(router, "plain")[1], "behind")
            self.assertNotIn("not-ours", service_names(router))
            client.kill()
            wait_for(lambda: who(router, "plain") is None, 10, "the end of the killed client's instance")

    def test_http_client(self):
        """npm's nacos registers a server over the first HTTP interface and sends heartbeats; without them it is not used."""
        with Stack("http") as stack:
            registry, demo = self.namespace(), stack.demo_server(name="behind")
            router = router_on(stack, registry, groups=["mcp-server"])
            client = registrar(stack, "http", registry, "mcp-server", "beating", demo.port, sseEndpoint="/sse", **{"transport.type": "sse"})
            found = until_service(router, "beating", lambda s: len(s["instances"]) == 1)
            self.assertEqual((found["instances"][0]["path"], found["instances"][0]["transport"]), ("/sse", "sse"))
            self.assertEqual(connect(router, "beating")[1], "behind")
            client.kill()
            # Nacos waits 15 seconds for a heartbeat, and looks every five.
            wait_for(lambda: not opens(router, "beating"), 40, "the end of the instance without heartbeats")

    def test_as_the_java_router_had_it(self):
        """The groups and rules of mcp-router-v3: SSE where nothing is said, `mcp-` and `virtual-` names, no routers."""
        with Stack("v3") as stack:
            registry, demo = self.namespace(), stack.demo_server(name="behind")
            registrar(stack, "grpc", registry, "mcp-server", "mcp-people", demo.port, **{"tools.names": "echo,count"})
            registrar(stack, "grpc", registry, "mcp-server", "virtual-api", demo.port, streamableEndpoint="/mcp")
            registrar(stack, "grpc", registry, "mcp-server", "mcp-router-v3", demo.port, type="mcp-router", role="router")
            section = source(registry, registry={"enabled": True, "service-groups": ["mcp-server", "mcp-endpoints"]})
            router = stack.router(config=configuration(stack, nacos=section))
            found = until_service(router, "mcp-people", lambda s: len(s["instances"]) == 1)
            self.assertEqual((found["instances"][0]["transport"], {t["name"] for t in found["tools"]}), ("sse", {"echo", "count"}))
            for name in ("mcp-people", "people", "virtual-api"):
                until_service(router, name, lambda s: len(s["instances"]) == 1)
                self.assertEqual(connect(router, name)[1], "behind", name)
            self.assertIsNone(service(router, "mcp-router-v3"))


if __name__ == "__main__":
    unittest.main()
