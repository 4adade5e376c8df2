"""The SQLite source through the router, and `mcp-router services`, which edits its database while the router runs."""

import json
import sqlite3
import subprocess
import unittest

from harness import BUILD, McpSession, Stack, call, request, wait_for

# Where a commit is to be seen within a second, on a machine that may be busy with other tests.
SOON = 5


class Database:
    """A router with a database beside its application.yml, and the command with the same configuration."""

    def __init__(self, stack, more="", order="[database]"):
        self.stack = stack
        self.folder = stack.dir / "etc"
        self.folder.mkdir()
        self.path = self.folder / "services.db"
        self.config = self.folder / "application.yml"
        self.config.write_text(f"mcp:\n  router:\n    discovery-order: {order}\n    database:\n"
                               f"      path: services.db\n      {more}\n")

    def router(self):
        return self.stack.router(config=self.config)

    def command(self, *words, code=0):
        argv = [BUILD / "bin/mcp-router", f"--plugins.directory={BUILD / 'plugins'}", "--config", self.config, *words]
        run = subprocess.run(argv, cwd=self.stack.dir, capture_output=True, text=True, timeout=30)
        if run.returncode != code:
            raise AssertionError(f"{words}: {run.returncode}, expected {code}\n{run.stdout}{run.stderr}")
        return run.stdout if code == 0 else run.stderr

    def sql(self, *statements):
        """Another process's commit."""
        with sqlite3.connect(self.path) as db:
            for statement in statements:
                db.execute(statement)
        db.close()


def status(router, service):
    return request("POST", router.mcp(service), call("ping"), {"Content-Type": "application/json"}).status


def callable_(router, service):
    return status(router, service) not in (404, 503)


def served_by(router, service):
    return McpSession(router.mcp(service)).initialized["result"]["serverInfo"]["name"]


SEED = """CREATE TABLE mcp_server_info (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(255) NOT NULL UNIQUE, description TEXT,
    protocol VARCHAR(50), version VARCHAR(50), endpoint VARCHAR(255), enabled BOOLEAN DEFAULT TRUE, tags VARCHAR(255),
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)"""


class Sqlite(unittest.TestCase):
    short = True

    def test_services_by_the_command(self):
        with Stack("services") as stack:
            demo = stack.demo_server()
            db = Database(stack, "create: true")
            router = db.router()
            self.assertEqual(status(router, "weather"), 404)
            self.assertIn("added weather", db.command("services", "add", "weather", demo.url, "--tag", "a"))
            wait_for(lambda: callable_(router, "weather"), SOON, "the new service")
            session = McpSession(router.mcp("weather"))
            self.assertIn("result", session.initialized)
            listed = json.loads(db.command("services", "list", "--json"))
            self.assertEqual([(s["name"], s["enabled"], s["tags"]) for s in listed], [("weather", True, ["a"])])

            db.command("services", "disable", "weather")
            wait_for(lambda: not callable_(router, "weather"), SOON, "the end of the disabled service")
            self.assertIn("disabled", db.command("services", "list"))
            db.command("services", "enable", "weather")
            wait_for(lambda: callable_(router, "weather"), SOON, "the enabled service")

            second = stack.demo_server(None, "second")
            db.command("services", "add-instance", "weather", second.url)
            db.command("services", "remove-instance", "weather", demo.url)
            self.assertIn(f":{second.port}/mcp", db.command("services", "list"))
            wait_for(lambda: served_by(router, "weather") == "second", SOON, "the other instance")
            db.command("services", "remove", "weather")
            wait_for(lambda: status(router, "weather") == 404, SOON, "the end of the removed service")

    def test_rows_of_mysql(self):
        with Stack("import") as stack:
            demo = stack.demo_server()
            db = Database(stack)
            rows = stack.dir / "services.tsv"
            rows.write_text(f"weather\tIt\\nrains\thttp\t1.0\t{demo.url}\t1\ta,b\n"
                            "old\tNULL\tgrpc\tNULL\tgrpc://h:1\t0\tNULL\n")
            self.assertIn("imported 2 services", db.command("services", "import", rows))
            self.assertIn("already", db.command("services", "import", rows, code=1))
            self.assertIn("imported 2 services", db.command("services", "import", "--replace", rows))
            router = db.router()
            self.assertIn("result", McpSession(router.mcp("weather")).initialized)
            listed = {s["name"]: s for s in json.loads(db.command("services", "list", "--json"))}
            self.assertEqual((listed["weather"]["description"], listed["weather"]["tags"]), ("It\nrains", ["a", "b"]))
            self.assertFalse(listed["old"]["enabled"])
            rows.write_text("weather\tonly two\n")
            self.assertIn("line 1: expected 7 columns", db.command("services", "import", rows, code=2))

    def test_what_the_command_refuses(self):
        with Stack("refuses") as stack:
            db = Database(stack)
            self.assertIn("there is no such file", db.command("services", "list", code=1))
            self.assertIn("there is no such file", db.command("services", "disable", "a", code=1))
            self.assertIn("port '0'", db.command("services", "add", "a", "http://h:0", code=2))
            self.assertIn("did you mean 'remove'", db.command("services", "remvoe", "a", code=2))
            self.assertFalse(db.path.exists(), "nothing was made")
            db.command("services", "add", "a", "http://h:1")
            self.assertIn("already", db.command("services", "add", "a", "http://h:2", code=1))
            self.assertIn("no service 'b'", db.command("services", "remove", "a", "b", code=1))
            self.assertIn("a ", db.command("services", "list"), "one transaction: nothing was removed")
            self.assertIn("did you mean 'services'", db.command("servces", "list", code=2))
            self.assertIn("services add NAME URL", db.command("services", "--help"))
            self.assertIn("mcp-router services add", db.command("--help"))
            db.config.write_text("mcp.router.database.url: jdbc:mysql://h/d\n")
            self.assertIn("services import", db.command("services", "list", code=1))

    def test_the_seeds_table(self):
        """The MySQL table of the replaced system in SQLite, changed by another program, with each journal."""
        with Stack("seed") as stack:
            demo = stack.demo_server()
            db = Database(stack, "username: root\n      driver-class-name: com.mysql.cj.jdbc.Driver")
            for name, journal in (("rollback", "DELETE"), ("ahead", "WAL")):
                with self.subTest(journal):
                    db.sql("DROP TABLE IF EXISTS mcp_server_info")
                    check = sqlite3.connect(db.path)
                    self.assertEqual(check.execute(f"PRAGMA journal_mode={journal}").fetchone()[0].upper(), journal)
                    check.close()
                    db.sql(SEED, "INSERT INTO mcp_server_info (name, protocol, endpoint, tags) "
                                 f"VALUES ('{name}', 'http', '{demo.url}', 'x, y')")
                    router = db.router()
                    self.assertIn("result", McpSession(router.mcp(name)).initialized)
                    db.sql(f"UPDATE mcp_server_info SET name = 'new-{name}'")
                    wait_for(lambda: callable_(router, f"new-{name}"), SOON, "the renamed row")
                    wait_for(lambda: status(router, name) == 404, SOON, "the end of the old name")
                    self.assertIn("mean nothing for a file", router.log.read_text())
                    db.command("services", "disable", f"new-{name}")
                    wait_for(lambda: not callable_(router, f"new-{name}"), SOON, "the end of the disabled row")
                    router.stop()

    def test_a_broken_database_keeps_what_was_read(self):
        with Stack("broken") as stack:
            demo = stack.demo_server()
            db = Database(stack, order="[database, file]")
            db.command("services", "add", "weather", demo.url)
            router = db.router()
            session = McpSession(router.mcp("weather"))
            (db.folder / "new.db").write_bytes(b"not a database, " * 100)
            (db.folder / "new.db").rename(db.path)
            wait_for(lambda: "is not an SQLite database" in router.log.read_text(), SOON, "the fault in the log")
            self.assertEqual(session.call("tools/list").status, 200)
            self.assertIn("result", McpSession(router.mcp("weather")).initialized)

    def test_references_are_looked_up_in_the_source_they_name(self):
        """`weather@second` is asked of each database in turn; the first one has no such group."""
        with Stack("lookup") as stack:
            demo = stack.demo_server()
            db = Database(stack, order="[{id: first, plugin: sqlite, path: first.db}, {id: second, plugin: sqlite}]")
            db.command("--mcp.router.database.path=first.db", "services", "add", "alias", "weather@second")
            self.assertTrue((db.folder / "first.db").exists(), "the first source's settings are the command's")
            with sqlite3.connect(db.path) as other:
                other.execute(SEED)
                other.execute(f"INSERT INTO mcp_server_info (name, endpoint) VALUES ('weather', '{demo.url}')")
            other.close()
            router = db.router()
            wait_for(lambda: callable_(router, "alias"), SOON, "the instances of the other source")
            self.assertIn("result", McpSession(router.mcp("alias")).initialized)


if __name__ == "__main__":
    unittest.main()
