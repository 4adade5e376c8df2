"""Nacos comes, goes and comes back while clients call."""

import json
import time
import unittest

from case import NacosCase, Traffic, admin, configuration, connect, router_on, source, source_state, until_service, url_of, who
from harness import Stack, wait_for
from registry import Registry, direct, ref
from server import NacosServer


class Outage(NacosCase):
    def own_server(self, stack, **more):
        """A Nacos of this test's own, since others must not lose theirs."""
        server = NacosServer(stack.dir / "nacos-home", **more)
        self.addCleanup(server.stop)
        return server

    def restart_under_traffic(self, end):
        with Stack("restart") as stack:
            nacos = self.own_server(stack).start()
            registry = Registry(nacos)
            demos = [stack.demo_server(name=f"copy{n}") for n in range(2)]
            registry.create_service("pool")
            for demo in demos:
                registry.register("pool", demo.port)
            registry.publish("steady", ref("pool"))
            registry.publish("fixed", direct(demos[0].url))
            router = router_on(stack, registry)
            until_service(router, "steady", lambda s: len(s["instances"]) == 2)
            until_service(router, "fixed")
            traffic = Traffic(url_of(router, "steady"))
            traffic.wait_calls()
            end(nacos)
            took = {"noticed": self.seconds_until(lambda: source_state(router)["state"] != "up", 30, "the router noticing that Nacos is gone")}
            lost = source_state(router)
            self.assertIn(lost["state"], ("degraded", "down"))
            self.assertTrue(lost["text"])
            traffic.wait_calls()
            # New sessions find what was known before, too.
            self.assertEqual(connect(router, "fixed")[1], "copy0")
            nacos.start()
            took["joined again"] = self.seconds_until(lambda: source_state(router)["state"] == "up", 60, "the source being up again")
            traffic.wait_calls()
            registry.publish("after", direct(demos[1].url))
            until_service(router, "after")
            registry.delete("fixed")
            wait_for(lambda: who(router, "fixed") is None, 10, "the deletion after the restart")
            third = stack.demo_server(name="copy2")
            registry.register("pool", third.port)
            until_service(router, "steady", lambda s: len(s["instances"]) == 3)
            calls, failed = traffic.end()
            self.assertEqual(failed, [])
            print(f"{calls} calls, none failed; " + ", ".join(f"{what} after {seconds:.1f} s" for what, seconds in took.items()))

    @staticmethod
    def seconds_until(check, timeout, what):
        began = time.monotonic()
        wait_for(check, timeout, what)
        return time.monotonic() - began

    def test_stopped_under_traffic(self):
        self.restart_under_traffic(lambda nacos: nacos.stop())

    def test_killed_under_traffic(self):
        self.restart_under_traffic(lambda nacos: nacos.kill())

    def test_away_at_start(self):
        """The router starts, serves what the file source has, says what is missing, and joins when Nacos comes."""
        with Stack("away") as stack:
            nacos = self.own_server(stack)
            registry, demo = Registry(nacos), stack.demo_server(name="behind")
            config = configuration(stack, ["nacos", "file"], source(registry), {"services": [{"name": "from-file", "url": demo.url}]})
            router = stack.router(config=config)
            self.assertEqual(connect(router, "from-file")[1], "behind")
            wait_for(lambda: source_state(router)["state"] in ("degraded", "down"), 10, "the missing Nacos in the source's state")
            health = json.loads(admin(router, "/actuator/health").body)
            self.assertEqual(health["status"], "DEGRADED")
            text = source_state(router)["text"]
            self.assertIn(str(nacos.port), text)
            nacos.start()
            registry.publish("from-nacos", direct(demo.url))
            until_service(router, "from-nacos", timeout=40)
            wait_for(lambda: source_state(router)["state"] == "up", 20, "the source being up")
            wait_for(lambda: json.loads(admin(router, "/actuator/health").body)["status"] == "UP", 5, "health being UP")
            self.assertEqual(connect(router, "from-nacos")[1], "behind")


if __name__ == "__main__":
    unittest.main()
