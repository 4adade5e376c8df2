"""nacos.so while the router runs: replaced while it holds its connection, and the router's own registration."""

import os
import shutil
import signal
import unittest

from case import NacosCase, Traffic, configuration, known, router_on, source, until_service, url_of
from harness import BUILD, Stack, wait_for
from registry import direct, ref
from server import NacosServer


class Plugin(NacosCase):
    def replace(self, folder, mark):
        """Another file of the same plugin, renamed over the old one; bytes behind the end of an ELF file mean nothing."""
        beside = folder / "nacos.new"
        shutil.copy(BUILD / "plugins/nacos.so", beside)
        with open(beside, "ab") as file:
            file.write(mark)
        os.replace(beside, folder / "nacos.so")

    def test_replaced(self):
        """The new copy takes over with a connection of its own: no call fails, nothing is withdrawn, changes go on arriving."""
        with Stack("replaced") as stack:
            registry = self.namespace()
            demos = [stack.demo_server(name=f"copy{n}") for n in range(2)]
            registry.create_service("pool")
            registry.register("pool", demos[0].port)
            registry.publish("steady", ref("pool", namespace=registry.namespace))
            plugins = stack.dir / "plugins"
            plugins.mkdir(mode=0o755)
            for file in ("file.so", "round-robin.so", "nacos.so"):
                shutil.copy(BUILD / "plugins" / file, plugins)
            router = stack.router(None, f"--plugins.directory={plugins}", config=configuration(stack, nacos=source(registry)))
            until_service(router, "steady", lambda s: len(s["instances"]) == 1)
            traffic = Traffic(url_of(router, "steady"))
            traffic.wait_calls()
            for n in range(3):
                self.replace(plugins, f"copy {n}".encode())
                wait_for(lambda: router.log.read_text().count("takes over from") > n, 20, "the new copy taking over")
                traffic.wait_calls()
                registry.publish(f"after-{n}", direct(demos[1].url))
                until_service(router, f"after-{n}")
                registry.delete(f"after-{n}")
                wait_for(lambda: not known(router, f"after-{n}"), 10, "the deletion")
            registry.register("pool", demos[1].port)
            until_service(router, "steady", lambda s: len(s["instances"]) == 2)
            _, failed = traffic.end()
            self.assertEqual(failed, [])
            self.assertNotIn('"steady" is gone', router.log.read_text())

    def registered(self, registry, group="ROUTERS"):
        return [i for i in registry.instances("mcp-router", group) if i["healthy"]]

    def test_router_registers_itself(self):
        """The router stands in Nacos until it drains; after a restart of Nacos it stands there again; killed, it is gone."""
        with Stack("registers") as stack:
            nacos = NacosServer(stack.dir / "nacos-home")
            self.addCleanup(nacos.stop)
            nacos.start()
            registry = self.namespace(nacos)
            section = {"register": {"enabled": True, "name": "mcp-router@ROUTERS", "metadata": {"zone": "a"}}}
            router = router_on(stack, registry, router=section)
            instance, = wait_for(lambda: self.registered(registry), 10, "the registration")
            self.assertEqual((instance["ip"], instance["port"], instance["ephemeral"]), ("127.0.0.1", router.port, True))
            self.assertEqual(instance["metadata"]["zone"], "a")
            nacos.stop()
            nacos.start()
            wait_for(lambda: self.registered(registry), 30, "the registration after the restart of Nacos")
            router.signal(signal.SIGTERM)
            wait_for(lambda: not registry.instances("mcp-router", "ROUTERS"), 10, "the end of the registration")
            second = router_on(stack, registry, router=section)
            wait_for(lambda: self.registered(registry), 10, "the registration of another router")
            second.kill()
            wait_for(lambda: not registry.instances("mcp-router", "ROUTERS"), 30, "the end of the killed router's registration")


if __name__ == "__main__":
    unittest.main()
