"""Login on: tokens that last five seconds, and a password that is wrong."""

import os
import time
import unittest

from case import NacosCase, configuration, router_on, source, source_state, until_service, who
from harness import McpSession, Stack, wait_for
from registry import Registry, direct
from server import PASSWORD, USER, NacosServer


class Login(NacosCase):
    # A minute is twelve tokens, half a minute six.
    seconds = 60 if os.environ.get("MCPR_LONG") else 30

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack("login")
        cls.addClassCleanup(cls.stack.__exit__, None, None, None)
        cls.nacos = NacosServer(cls.stack.dir / "nacos-home", auth=True, token_ttl=5).start()
        cls.addClassCleanup(cls.nacos.stop)

    def registry(self):
        return self.namespace(user=USER, password=PASSWORD)

    def test_short_tokens(self):
        """Changes arrive all the time, and no refresh fails."""
        with Stack("tokens") as stack:
            registry, demo = self.registry(), stack.demo_server()
            router = router_on(stack, registry, username=USER, password=PASSWORD)
            wait_for(lambda: source_state(router)["synced"], 10, "the first load")
            end, n = time.monotonic() + self.seconds, 0
            while time.monotonic() < end:
                name = f"server-{n}"
                n += 1
                registry.publish(name, direct(demo.url))
                until_service(router, name)
                self.assertIsNotNone(who(router, name))
                registry.delete(name)
                wait_for(lambda: who(router, name) is None, 10, "the deletion")
                state = source_state(router)
                self.assertEqual(state["state"], "up", state)
            self.assertGreater(n, 5)
            log = router.log.read_text()
            for word in ("403", "expired", "login failed", "cannot log in"):
                self.assertNotIn(word, log)
            self.assertNotIn(PASSWORD, log)
            print(f"{n} servers came and went in {self.seconds} s")

    def refused(self, **more):
        with Stack("refused") as stack:
            demo = stack.demo_server(name="behind")
            registry = Registry(self.nacos)
            config = configuration(stack, ["nacos", "file"], source(registry, **more), {"services": [{"name": "from-file", "url": demo.url}]})
            router = stack.router(config=config)
            state = wait_for(lambda: (s := source_state(router))["state"] in ("degraded", "down") and s, 10, "the refusal in the source's state")
            self.assertEqual(McpSession(router.mcp("from-file")).initialized["result"]["serverInfo"]["name"], "behind")
            self.assertNotIn("wrong-password", router.log.read_text())
            return state["text"]

    def test_wrong_password(self):
        text = self.refused(username=USER, password="wrong-password")
        self.assertRegex(text.lower(), r"password|log ?in|user")

    def test_no_password(self):
        text = self.refused()
        self.assertRegex(text.lower(), r"password|log ?in|user|permission|403")


if __name__ == "__main__":
    unittest.main()
