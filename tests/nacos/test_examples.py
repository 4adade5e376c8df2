"""The files of config/examples: each loads, and what was written for another router finds the same services as ours."""

import json
import subprocess
import unittest

from case import NacosCase, admin, registrar, until_service
from harness import BUILD, ROOT, Stack, free_port
from registry import Registry, direct

EXAMPLES = ROOT / "config/examples"


def shown(router):
    """What the router has, without what differs from run to run."""
    services = json.loads(admin(router, "/admin/api/services").body)["services"]
    return {s["name"]: (s["source"], s["routable"], s["version"], s["instances"]) for s in services}


class Examples(NacosCase):
    def test_they_load(self):
        files = sorted(EXAMPLES.glob("*/*.yml"))
        self.assertGreaterEqual(len(files), 4)
        for file in files:
            with_profile = [("--profile", "multi-instance")] if file.parent.name == "mcp-router-v3" else []
            for profile in [(), *with_profile]:
                done = subprocess.run([BUILD / "bin/mcp-router", f"--plugins.directory={BUILD / 'plugins'}", "--config", file, "--check-config", *profile],
                                      capture_output=True, text=True, timeout=30)
                self.assertEqual(done.returncode, 0, f"{file}: {done.stdout}{done.stderr}")

    def both(self, stack, example, environment, names):
        """Starts the router with either file, and gives what each has once all the names are there."""
        seen = []
        for which in ("before", "after"):
            router = stack.router(config=EXAMPLES / example / f"{which}.yml", env=environment, name=f"router-{which}")
            for name in names:
                until_service(router, name, lambda s: s["instances"])
            seen.append(shown(router))
        return seen

    def test_spring_ai_alibaba(self):
        with Stack("saa") as stack:
            public, demo = Registry(self.nacos), stack.demo_server()
            for name in ("weather", "not-asked-for"):
                public.publish(name, direct(demo.url))
                self.addCleanup(public.delete, name)
            registrar(stack, "grpc", public, "DEFAULT_GROUP", "orders-server", demo.port)
            before, after = self.both(stack, "spring-ai-alibaba", {"NACOS_ADDRESS": self.nacos.address}, ["weather", "orders", "library"])
            self.assertEqual(before, after)
            self.assertEqual({name: s[0] for name, s in before.items()}, {"weather": "nacos", "orders": "file", "library": "file"})

    def test_mcp_router_v3(self):
        with Stack("v3") as stack:
            public, demo = Registry(self.nacos), stack.demo_server()
            registrar(stack, "grpc", public, "mcp-server", "mcp-people", demo.port)
            registrar(stack, "grpc", public, "mcp-server", "mcp-router-v3", free_port(), role="router")
            before, after = self.both(stack, "mcp-router-v3", {"NACOS_SERVER_ADDR": self.nacos.address}, ["mcp-people", "people"])
            self.assertEqual(before, after)
            self.assertNotIn("mcp-router-v3", before)


if __name__ == "__main__":
    unittest.main()
