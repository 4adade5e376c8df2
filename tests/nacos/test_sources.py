"""Several sources: two namespaces of one Nacos, Nacos before the file source, and look-ups by name."""

import threading
import unittest

from case import NacosCase, configuration, connect, known, service, source, source_state, until_service, who
from harness import Stack, wait_for
from registry import direct


class Sources(NacosCase):
    def test_two_namespaces(self):
        """Two sources on one server, each with its own connection and its own changes."""
        with Stack("two") as stack:
            first, second = self.namespace(), self.namespace()
            one, two = stack.demo_server(name="one"), stack.demo_server(name="two")
            first.publish("only-first", direct(one.url))
            second.publish("only-second", direct(two.url))
            for registry, demo in ((first, one), (second, two)):
                registry.publish("both", direct(demo.url))
            order = [{"id": "nacos-one", "plugin": "nacos", **source(first)}, {"id": "nacos-two", "plugin": "nacos", **source(second)}]
            router = stack.router(config=configuration(stack, order))
            self.assertEqual(until_service(router, "only-first")["source"], "nacos-one")
            self.assertEqual(until_service(router, "only-second")["source"], "nacos-two")
            self.assertEqual(until_service(router, "both")["source"], "nacos-one")
            self.assertEqual(connect(router, "both")[1], "one")
            second.publish("late", direct(two.url))
            until_service(router, "late")
            first.delete("both")
            until_service(router, "both", lambda s: s["source"] == "nacos-two", what="taken over by the second source")
            self.assertEqual(connect(router, "both")[1], "two")
            for name in ("nacos-one", "nacos-two"):
                self.assertEqual(source_state(router, name)["state"], "up")

    def test_file_takes_over(self):
        """The same service in Nacos and in the file: withdrawn from Nacos, the file's serves on without a gap."""
        with Stack("takeover") as stack:
            registry = self.namespace()
            from_nacos, from_file = stack.demo_server(name="of-nacos"), stack.demo_server(name="of-file")
            registry.publish("shared", direct(from_nacos.url))
            config = configuration(stack, ["nacos", "file"], source(registry), {"services": [{"name": "shared", "url": from_file.url}]})
            router = stack.router(config=config)
            until_service(router, "shared", lambda s: s["source"] == "nacos")
            self.assertEqual(who(router, "shared"), "of-nacos")
            # Calls that need no session: those of a session stay with the instance that it is on.
            gaps = Stateless(router, "shared")
            registry.delete("shared")
            until_service(router, "shared", lambda s: s["source"] == "file", what="the file's")
            wait_for(lambda: who(router, "shared") == "of-file", 10, "the file's server answering")
            registry.publish("shared", direct(from_nacos.url))
            until_service(router, "shared", lambda s: s["source"] == "nacos", what="Nacos' again")
            seen = gaps.end()
            self.assertEqual(seen, {"of-nacos", "of-file"})

    def test_lookup(self):
        """A service of the file source that names only `service@GROUP/path` has the instances that Nacos knows."""
        with Stack("lookup") as stack:
            registry = self.namespace()
            demo = stack.demo_server(name="behind")
            registry.create_service("pool", "GROUP-L")
            registry.register("pool", demo.port, "GROUP-L")
            services = [{"name": "by-name", "endpoint": "pool@GROUP-L/mcp"}, {"name": "by-name-sse", "endpoint": "pool@GROUP-L/sse"},
                        {"name": "missing", "endpoint": "nobody@GROUP-L/mcp"}]
            router = stack.router(config=configuration(stack, ["nacos", "file"], source(registry), {"services": services}))
            for name in ("by-name", "by-name-sse"):
                until_service(router, name, lambda s: len(s["instances"]) == 1 and s["source"] == "file", timeout=15)
                self.assertEqual(connect(router, name)[1], "behind")
            missing = service(router, "missing")
            self.assertFalse(missing["instances"])
            self.assertTrue(known(router, "missing"))
            # It is asked again from time to time.
            more = stack.demo_server(name="more")
            registry.register("pool", more.port, "GROUP-L")
            until_service(router, "by-name", lambda s: len(s["instances"]) == 2, timeout=40, what="the second instance")


class Stateless:
    """One client that calls without a session, and remembers who answered; a call without an answer is None."""

    def __init__(self, router, name):
        self._seen, self._end = set(), threading.Event()
        self._thread = threading.Thread(target=self._run, args=(router, name), daemon=True)
        self._thread.start()

    def _run(self, router, name):
        while not self._end.is_set():
            self._seen.add(who(router, name))

    def end(self):
        self._end.set()
        self._thread.join(10)
        return self._seen


if __name__ == "__main__":
    unittest.main()
