"""The file source through the router: where paths start, mcpServers files, changes while running."""

import json
import unittest

from harness import McpSession, Stack, call, request, wait_for


class Files(unittest.TestCase):
    def known(self, router, service):
        return request("POST", router.mcp(service), call("ping"), {"Content-Type": "application/json"}).status != 404

    def test_relative_to_application_yml(self):
        with Stack("files") as stack:
            demo = stack.demo_server()
            folder = stack.dir / "etc"
            (folder / "services.d").mkdir(parents=True)
            (folder / ".mcp.json").write_text(json.dumps({"mcpServers": {"from-client": {"type": "http", "url": demo.url},
                                                                         "local": {"command": "npx", "args": ["x"]}}}))
            (folder / "services.d/one.yml").write_text(f"services:\n  - {{name: one, url: '{demo.url}'}}\n")
            config = folder / "application.yml"
            config.write_text("mcp:\n  router:\n    file:\n      folders: [services.d]\n      mcp-servers: [.mcp.json]\n")
            router = stack.router(config=config)
            for service in ("one", "from-client"):
                self.assertIn("result", McpSession(router.mcp(service)).initialized)
            # A server that is started by a command is known, and says that it cannot be called.
            self.assertEqual(request("POST", router.mcp("local"), call("ping"), {"Content-Type": "application/json"}).status, 503)
            (folder / "services.d/two.yml").write_text(f"services:\n  - {{name: two, url: '{demo.url}'}}\n")
            wait_for(lambda: self.known(router, "two"), 5, "the service of a new file")
            (folder / "services.d/two.yml").write_text("services: [\n")
            wait_for(lambda: "two.yml:" in router.log.read_text(), 5, "the broken file in the log")
            self.assertTrue(self.known(router, "two"))
            (folder / "services.d/two.yml").unlink()
            wait_for(lambda: not self.known(router, "two"), 5, "the end of the removed file's service")
            self.assertTrue(self.known(router, "one"))


if __name__ == "__main__":
    unittest.main()
