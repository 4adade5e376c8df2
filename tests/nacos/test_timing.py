"""How long a change in Nacos takes to reach a client of the router: from Nacos' own answer until the client sees it. The
table is the product; the only bound is far above what it says."""

import statistics
import time
import unittest

from case import NacosCase, known, mcp_server, router_on, until_service, who
from harness import HarnessError, Stack, table, wait_for
from registry import direct, ref

BOUND = 10.0
PAUSE = 0.002


class Timing(NacosCase):
    rounds = 9

    def since(self, began, seen, what):
        wait_for(seen, BOUND, what, PAUSE)
        return time.monotonic() - began

    def published_version_deleted(self, router, registry, demos, times):
        for n in range(self.rounds):
            name = f"server-{n}"
            registry.publish(name, direct(demos[0].url))
            times["server published"].append(self.since(time.monotonic(), lambda: who(router, name) == "one", "the published server"))
            registry.update(name, direct(demos[1].url), "2.0.0")
            times["version published"].append(self.since(time.monotonic(), lambda: who(router, name) == "two", "the new version"))
            registry.delete(name)
            times["server deleted"].append(self.since(time.monotonic(), lambda: not known(router, name), "the deletion"))

    def added_removed(self, router, registry, demos, times):
        registry.create_service("pool")
        registry.register("pool", demos[0].port)
        registry.publish("pooled", ref("pool", namespace=registry.namespace))
        until_service(router, "pooled", lambda s: len(s["instances"]) == 1)
        for _ in range(self.rounds):
            registry.register("pool", demos[1].port)
            times["instance added"].append(self.since(time.monotonic(), lambda: who(router, "pooled") == "two", "the added instance"))
            registry.deregister("pool", demos[1].port)
            times["instance removed"].append(self.last_seen(time.monotonic(), lambda: who(router, "pooled") == "two"))

    @staticmethod
    def last_seen(began, seen):
        """When the old state was last seen: it must not show for 30 looks in a row after that."""
        last, quiet = began, 0
        while quiet < 30:
            if seen():
                last, quiet = time.monotonic(), 0
                if last - began > BOUND:
                    raise HarnessError(f"the old state is still seen after {BOUND} s")
            else:
                quiet += 1
            time.sleep(PAUSE)
        return last - began

    def killed(self, router, registry, times):
        """kill -9 of a real server: Nacos knows it by the end of its connection. Counted from when Nacos no longer lists it."""
        mcp_server(stack := self.stack, registry, "math")
        until_service(router, "math", lambda s: len(s["instances"]) == 1)
        for _ in range(max(3, self.rounds // 3)):
            victim = mcp_server(stack, registry, "math")
            until_service(router, "math", lambda s: len(s["instances"]) == 2)
            dead = f"127.0.0.1:{victim.port}"
            victim.kill()
            killed = time.monotonic()
            wait_for(lambda: ("127.0.0.1", victim.port) not in registry.addresses("math"), BOUND, "the end of the instance in Nacos", PAUSE)
            told = time.monotonic()
            until_service(router, "math", lambda s: all(i["address"] != dead for i in s["instances"]), BOUND)
            times["instance killed"].append(time.monotonic() - told)
            times["instance killed, from the kill on"].append(time.monotonic() - killed)

    def test_table(self):
        kinds = ["server published", "version published", "server deleted", "instance added", "instance removed", "instance killed",
                 "instance killed, from the kill on"]
        times = {kind: [] for kind in kinds}
        with Stack("timing") as stack:
            self.stack = stack
            registry = self.namespace()
            demos = [stack.demo_server(name=name) for name in ("one", "two")]
            router = router_on(stack, registry)
            self.published_version_deleted(router, registry, demos, times)
            self.added_removed(router, registry, demos, times)
            self.killed(router, registry, times)
        millis = {kind: [1000 * t for t in times[kind]] for kind in kinds}
        print("\nFrom Nacos' answer until a client of the router sees it, in ms:\n" + table(
            [[kind, len(ms), f"{statistics.median(ms):.0f}", f"{min(ms):.0f}", f"{max(ms):.0f}"] for kind, ms in millis.items()],
            ["change", "rounds", "median", "least", "most"]))


if __name__ == "__main__":
    unittest.main()
