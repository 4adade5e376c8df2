"""More servers than a page holds, and more than Nacos tells of by push."""

import concurrent.futures
import unittest

from case import NacosCase, router_on, service_names, until_service, who
from harness import Stack, wait_for
from registry import Registry, direct, ref
from server import NacosServer


def publish_all(registry, names, pool):
    with concurrent.futures.ThreadPoolExecutor(4) as several:
        list(several.map(lambda name: registry.publish_documents(name, pool), names))
    # The list lags behind what was written, by the time that its index takes.
    wait_for(lambda: registry.servers() >= len(names), 30, f"{len(names)} servers in Nacos' own list", pause=0.1)


class Many(NacosCase):
    def published(self, stack, registry, count):
        """So many servers with one and the same instance behind them; gives their names."""
        demo = stack.demo_server(name="behind")
        registry.create_service("pool")
        registry.register("pool", demo.port)
        names = [f"server-{n:04}" for n in range(count)]
        publish_all(registry, names, ref("pool", namespace=registry.namespace))
        return demo, names

    def changes_are_seen(self, router, registry, demo, names, timeout):
        """A new server, a changed one and a deleted one, after the full load."""
        registry.publish("late", direct(demo.url))
        until_service(router, "late", timeout=timeout, what="the late server")
        registry.update("late", direct(demo.url), "2.0.0", path="/mcp?changed=1")
        until_service(router, "late", lambda s: s["version"] == "2.0.0", timeout, "the late server's second version")
        registry.delete("late")
        wait_for(lambda: "late" not in service_names(router), timeout, "the deletion of the late server")
        registry.deregister("pool", demo.port)
        until_service(router, names[-1], lambda s: not s["instances"], timeout, "without the instance")
        registry.register("pool", demo.port)
        until_service(router, names[-1], lambda s: len(s["instances"]) == 1, timeout, "with the instance again")

    def all_known(self, router, names, timeout=30):
        wait_for(lambda: set(names) <= service_names(router), timeout, f"all {len(names)} services", pause=0.1)
        for name in (names[0], names[len(names) // 2], names[-1]):
            until_service(router, name, lambda s: len(s["instances"]) == 1)
            self.assertEqual(who(router, name), "behind")

    def test_pages(self):
        """Three pages of the list: no server is missing, none is there twice."""
        with Stack("pages") as stack:
            registry = self.namespace()
            demo, names = self.published(stack, registry, 120)
            router = router_on(stack, registry, **{"page-size": 50})
            self.all_known(router, names)
            self.assertEqual(service_names(router), set(names))
            self.changes_are_seen(router, registry, demo, names, 10)

    def test_beyond_what_is_watched(self):
        """Nacos watches 500 documents by one pattern and leaves out the rest in silence; the list is read instead."""
        with Stack("many") as stack:
            registry = self.namespace()
            demo, names = self.published(stack, registry, 520)
            router = router_on(stack, registry)
            self.all_known(router, names)
            self.changes_are_seen(router, registry, demo, names, 30)

    def test_lower_limit(self):
        """The same where the server's own limit is set lower than the default."""
        with Stack("limit") as stack:
            nacos = NacosServer(stack.dir / "nacos-home", properties={"nacos.config.fuzzy.watch.max.pattern.match.config.count": 20})
            self.addCleanup(nacos.stop)
            registry = Registry(nacos.start())
            demo, names = self.published(stack, registry, 60)
            router = router_on(stack, registry)
            self.all_known(router, names)
            self.changes_are_seen(router, registry, demo, names, 30)


if __name__ == "__main__":
    unittest.main()
