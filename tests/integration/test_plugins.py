"""Plugins that come, change and go while the router runs, and what becomes of calls meanwhile: nothing.

The plugins are those of the build and the versions in tests/hot-plugins; what is wrong with the others, tests/bad-plugins."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import threading
import time
import unittest
from pathlib import Path

import harness
from harness import BUILD, HarnessError, McpSession, Stack, call, free_port, request, wait_for

VERSIONS = BUILD / "tests/hot-plugins/versions"
BAD = BUILD / "tests/bad-plugins/modules"


class Load(threading.Thread):
    """32 connections that call a tool as fast as they are answered, until told to stop; counts what failed."""

    def __init__(self, router, service, *more):
        super().__init__(daemon=True)
        self.argv = [BUILD / "bin/mcp-loadgen", "--port", str(router.port), "--path", f"/mcp/{service}", "--connections", "32",
                     "--seconds", "1", *more]
        self.calls, self.failed, self.ended = 0, [], threading.Event()

    def __enter__(self):
        self.start()
        wait_for(lambda: self.calls or self.failed, 30, "the first second of load")
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join(60)

    def run(self):
        while not self.ended.is_set():
            out = subprocess.run([str(a) for a in self.argv], capture_output=True, text=True)
            if out.returncode != 0 or not out.stdout.strip():
                self.failed.append(out.stdout + out.stderr)
                continue
            result = json.loads(out.stdout)
            self.calls += result["calls"]
            if result["errors"]:
                self.failed.append(result["error"])


class Plugins:
    """A plugins folder of its own, and the router over it."""

    def __init__(self, stack, *names):
        self.stack, self.dir, self.run_dir = stack, stack.dir / "plugins", stack.dir / "run"
        self.dir.mkdir(exist_ok=True)
        for name in names or ("file", "round-robin"):
            shutil.copy(BUILD / f"plugins/{name}.so", self.dir)
        self.admin, self.router, self.builds = free_port(), None, 0

    def start(self, upstreams, *args, **kwargs):
        self.router = self.stack.router(upstreams, f"--plugins.directory={self.dir}", f"--plugins.runtime-directory={self.run_dir}",
                                        f"--admin.port={self.admin}", "--drain.timeout=5s", *args, **kwargs)
        return self.router

    # ---- files ----

    def path(self, name):
        return self.dir / f"{name}.so"

    def put(self, name, source, how="mv"):
        """The bytes of a file under this name: in one step as mv does, or into the file that is there, as cp does."""
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
        if how == "cp":
            self.path(name).write_bytes(data)
            return hashlib.sha256(data).hexdigest()
        temporary = self.dir / f".{name}.new"
        temporary.write_bytes(data)
        temporary.chmod(0o644)
        os.replace(temporary, self.path(name))
        return hashlib.sha256(data).hexdigest()

    def version(self, version, name="versioned", how="mv"):
        return self.put(name, VERSIONS / f"{version}.so", how)

    def another_build(self, plugin):
        """Another file that does the same: bytes behind the end of an ELF file mean nothing."""
        self.builds += 1
        return self.put(plugin, (BUILD / f"plugins/{plugin}.so").read_bytes() + self.builds.to_bytes(4, "big"))

    # ---- what the router says ----

    def api(self, path):
        return json.loads(request("GET", f"http://127.0.0.1:{self.admin}{path}").body)

    def shown(self, name):
        return next((p for p in self.api("/admin/api/plugins") if p["file"] == f"{name}.so"), None)

    def health(self):
        return self.api("/actuator/health")

    def source(self, name):
        return next((s for s in self.api("/admin/api/sources") if s["name"] == name), None)

    def in_service(self, name, sha256, timeout=30):
        def check():
            shown = self.shown(name)
            return shown if shown and shown.get("sha256") == sha256 and "replacement" not in shown else None
        return wait_for(check, timeout, f"{name}.so {sha256[:8]} in service")

    def failed(self, name, text, timeout=30):
        """Waits until the replacement is said to have failed, in all places where it should be."""
        def check():
            shown = self.shown(name)
            return shown if shown and shown.get("replacement", {}).get("state") == "failed" and text in shown["replacement"]["reason"] else None
        shown = wait_for(check, timeout, f"the failure of {name}.so with '{text}'")
        health = self.health()
        if health["status"] != "DEGRADED" or not any(f["file"] == f"{name}.so" for f in health["components"]["plugins"]["failed-replacements"]):
            raise HarnessError(f"health does not say it: {health}")
        self.logged(text)
        table = subprocess.run([str(BUILD / "bin/mcp-router"), f"--admin.port={self.admin}", "plugins"], capture_output=True, text=True, cwd="/")
        if text not in table.stdout:
            raise HarnessError(f"`mcp-router plugins` does not say it: {table.stdout}{table.stderr}")
        return shown

    def logged(self, text, timeout=10):
        return wait_for(lambda: text in self.router.log.read_text(errors="replace"), timeout, f"'{text}' in the log")

    def mapped(self, name):
        """The copies of the plugin that are mapped into the router."""
        maps = Path(f"/proc/{self.router.pid}/maps").read_text()
        return {line.split(None, 5)[5] for line in maps.splitlines() if f"{self.run_dir}/{name}." in line}

    def only_mapped(self, name, most=1):
        wait_for(lambda: len(self.mapped(name)) <= most, 30, f"at most {most} copies of {name}.so mapped")


def known(router, service):
    return request("POST", router.mcp(service), call("ping"), {"Content-Type": "application/json"}).status != 404


def comes(router, service):
    wait_for(lambda: known(router, service), 10, f"the service {service}")


def goes(router, service):
    wait_for(lambda: not known(router, service), 10, f"the end of the service {service}")


class Replaced(unittest.TestCase):
    short = True
    rounds = 10  # of two files each

    def test_under_load(self):
        """file.so, sqlite.so and the balancer are replaced by other builds: no call fails, and what was replaced is unmapped."""
        with Stack("replaced") as stack:
            demo = stack.demo_server()
            plugins = Plugins(stack, "file", "sqlite", "round-robin")
            db = stack.dir / "services.db"
            config = stack.dir / "application.yml"
            config.write_text(f"mcp:\n  router:\n    discovery-order: [file, {{id: sqlite, path: {db}}}]\n"
                              f"    services:\n      - {{name: a, url: \"{demo.url}\"}}\n")
            added = subprocess.run([str(BUILD / "bin/mcp-router"), "--config", str(config), f"--plugins.directory={plugins.dir}",
                                    "services", "add", "b", demo.url], capture_output=True, text=True, cwd=stack.dir)
            self.assertEqual(added.returncode, 0, added.stderr)
            router = plugins.start(None, config=config)
            session = McpSession(router.mcp("b"))
            began = time.monotonic()
            with Load(router, "a") as one, Load(router, "b", "--mode", "sse") as two:
                for i in range(self.rounds):
                    builds = {name: plugins.another_build(name) for name in ("file", "sqlite")}
                    if i % 5 == 0:
                        builds["round-robin"] = plugins.another_build("round-robin")
                    for name, sha256 in builds.items():
                        plugins.in_service(name, sha256)
                        # The one that was replaced just now may still be on its way out.
                        self.assertLessEqual(len(plugins.mapped(name)), 2)
                took = time.monotonic() - began
            print(f"{2 * self.rounds} replacements in {took:.0f} s, {one.calls + two.calls} calls meanwhile")
            self.assertEqual((one.failed, two.failed), ([], []))
            self.assertGreater(min(one.calls, two.calls), 0)
            for name in ("file", "sqlite", "round-robin"):
                plugins.only_mapped(name)
            self.assertEqual(plugins.health()["status"], "UP")
            self.assertEqual(plugins.health()["components"]["plugins"]["retired"], 0)
            self.assertEqual(sorted(p.name.split(".")[0] for p in plugins.run_dir.iterdir()), ["file", "round-robin", "sqlite"])
            # The session of before is the session of after: no service was away for a moment.
            self.assertEqual(session.call("tools/list").status, 200)
            self.assertNotIn("is gone", router.log.read_text())
            self.assertIn("with 1 services, 0 new, 0 gone, 0 changed", router.log.read_text())

    def test_up_to_the_bound(self):
        """One that cannot be unmapped: at the bound a further replacement is refused, and what runs goes on."""
        with Stack("bound") as stack:
            demo = stack.demo_server()
            plugins = Plugins(stack)
            plugins.version("stays_one")
            router = plugins.start({"demo": demo.url}, "--plugins.max-retired=3", f"--mcp.router.versioned.port={demo.port}")
            with Load(router, "alpha") as load:
                for i in range(3):
                    sha256 = plugins.version("stays_two" if i % 2 == 0 else "stays_one")
                    plugins.in_service("versioned", sha256)
                wait_for(lambda: [v["state"] for v in plugins.shown("versioned")["older"]] == ["retired"] * 3, 10, "three that stay mapped")
                self.assertEqual(len(plugins.mapped("versioned")), 4)
                plugins.version("stays_one")
                shown = plugins.failed("versioned", "plugins.max-retired")
                self.assertEqual(shown["sha256"], sha256)
                self.assertEqual(len(plugins.mapped("versioned")), 4)
                # The bytes that are in service are no replacement.
                plugins.in_service("versioned", plugins.version("stays_two"))
            self.assertEqual(load.failed, [])
            self.assertEqual(plugins.health()["status"], "UP")

    def test_mv_and_cp(self):
        """Both ways to put a file in another's place. cp writes into the very file that was loaded."""
        with Stack("ways") as stack:
            demo = stack.demo_server()
            plugins = Plugins(stack)
            plugins.version("one")
            router = plugins.start({"demo": demo.url}, f"--mcp.router.versioned.port={demo.port}")
            session = McpSession(router.mcp("alpha"))
            self.assertTrue(known(router, "beta"))
            plugins.in_service("versioned", plugins.version("two", how="cp"))
            comes(router, "gamma")
            goes(router, "beta")
            self.assertEqual(session.call("tools/list").status, 200)
            plugins.logged("with 2 services, 1 new, 1 gone, 1 changed")
            plugins.in_service("versioned", plugins.version("one", how="mv"))
            comes(router, "beta")
            self.assertEqual(session.call("tools/list").status, 200)
            # The same bytes once more: nothing happens.
            generation = plugins.shown("versioned")["generation"]
            plugins.version("one", how="cp")
            plugins.version("one", how="mv")
            plugins.in_service("file", plugins.another_build("file"))  # was seen after them
            self.assertEqual(plugins.shown("versioned")["generation"], generation)

    def test_a_file_that_grows(self):
        """Nothing is tried before who writes has ended, however long that takes."""
        with Stack("grows") as stack:
            demo = stack.demo_server()
            plugins = Plugins(stack)
            plugins.version("one")
            router = plugins.start({"demo": demo.url}, f"--mcp.router.versioned.port={demo.port}")
            data = (VERSIONS / "two.so").read_bytes()
            with open(plugins.path("versioned"), "wb", buffering=0) as out:
                for at in range(0, len(data), len(data) // 4):
                    out.write(data[at:at + len(data) // 4])
                    plugins.in_service("file", plugins.another_build("file"))  # takes longer than a file is given to be quiet
                    self.assertTrue(known(router, "beta"))
            plugins.in_service("versioned", hashlib.sha256(data).hexdigest())
            comes(router, "gamma")
            self.assertNotIn("is refused", router.log.read_text())

    def test_half_a_file(self):
        """A copy that was broken off is refused, and the whole one that follows is taken."""
        with Stack("half") as stack:
            demo = stack.demo_server()
            plugins = Plugins(stack)
            plugins.version("one")
            router = plugins.start({"demo": demo.url}, f"--mcp.router.versioned.port={demo.port}")
            data = (VERSIONS / "two.so").read_bytes()
            plugins.put("versioned", data[:len(data) // 2], "cp")
            plugins.failed("versioned", "is an ELF file that is broken or cut off")
            self.assertTrue(known(router, "beta"))
            plugins.in_service("versioned", plugins.put("versioned", data, "cp"))
            self.assertEqual(plugins.health()["status"], "UP")

    def test_calls_under_way(self):
        """A call that began before its source was drained is answered."""
        with Stack("drained") as stack:
            demo = stack.demo_server()
            plugins = Plugins(stack)
            router = plugins.start({"demo": demo.url})
            session = McpSession(router.mcp("demo"))
            slow = session.post_stream(call("tools/call", {"name": "progress", "arguments": {"steps": 20, "ms": 100}, "_meta": {"progressToken": 1}}, 9))
            slow.wait_message(lambda m: m.get("method") == "notifications/progress")
            plugins.path("file").unlink()
            goes(router, "demo")
            self.assertIn("result", slow.wait_message(lambda m: m.get("id") == 9))
            plugins.only_mapped("file", 0)


class ReplacedOften(Replaced):
    """The same at length: 200 replacements."""
    short = False
    rounds = 100

    test_up_to_the_bound = test_mv_and_cp = test_a_file_that_grows = test_half_a_file = test_calls_under_way = None


class Faulty(unittest.TestCase):
    """Each replacement with a fault is refused or given up with its reason, and the version in service stays."""
    short = True

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack("faulty").__enter__()
        demo = cls.stack.demo_server()
        cls.plugins = Plugins(cls.stack)
        cls.plugins.version("one")
        cls.router = cls.plugins.start({"demo": demo.url}, f"--mcp.router.versioned.port={demo.port}", "--plugins.probe-timeout=2s",
                                       "--plugins.takeover-timeout=1s")

    @classmethod
    def tearDownClass(cls):
        cls.stack.__exit__(None, None, None)

    def fault(self, source, text):
        self.plugins.put("versioned", source)
        shown = self.plugins.failed("versioned", text)
        self.assertEqual((shown["state"], shown["version"]), ("loaded", "1.0"))
        self.assertTrue(known(self.router, "beta"))
        self.assertIn("result", McpSession(self.router.mcp("alpha")).initialized)
        # What is put right is well again.
        self.plugins.in_service("versioned", self.plugins.version("one"))
        self.assertEqual(self.plugins.health()["status"], "UP")

    def test_no_library(self):
        self.fault(b"#!/bin/sh\n", "is not an ELF file")

    def test_no_plugin(self):
        self.fault(BAD / "no_symbol.so", "does not export mcpr_plugin_abi1")

    def test_crash_in_a_constructor(self):
        self.fault(BAD / "crash_loading.so", "while it was being loaded")

    def test_constructor_without_end(self):
        self.fault(BAD / "hang_loading.so", "did not end within 2000 ms")

    def test_another_plugin_that_crashes(self):
        """It would be a plugin of its own: `crash-creating` comes and `versioned` goes. It is not let in."""
        self.fault(BAD / "crash_creating.so", "while it was being created")

    def test_one_that_ends_the_process(self):
        self.fault(BAD / "exit_creating.so", "ended by itself with exit code 7")

    def test_one_that_cannot_start(self):
        self.fault(VERSIONS / "start_fails.so", "the registry has moved")

    def test_one_that_never_publishes(self):
        self.fault(VERSIONS / "silent.so", "did not say that it has published everything for 1000 ms")

    def test_one_that_is_down(self):
        self.fault(VERSIONS / "down.so", "was down for 1000 ms")

    def test_others_can_write_it(self):
        path = self.plugins.path("versioned")
        path.chmod(0o666)
        self.plugins.failed("versioned", "is writable by everybody")
        path.chmod(0o644)
        wait_for(lambda: self.plugins.health()["status"] == "UP", 10, "the end of the problem")
        self.assertEqual(self.plugins.shown("versioned")["version"], "1.0")


class Arriving(unittest.TestCase):
    short = True

    def test_a_plugin_that_comes_and_goes(self):
        """Configured, optional and not there; then there, with its settings; then gone, and back."""
        with Stack("comes") as stack:
            demo = stack.demo_server()
            plugins = Plugins(stack)
            config = stack.dir / "application.yml"
            config.write_text("mcp:\n  router:\n    discovery-order: [file, {id: versioned, optional: true}]\n"
                              f"    versioned: {{port: {demo.port}}}\n    services:\n      - {{name: demo, url: \"{demo.url}\"}}\n")
            router = plugins.start(None, config=config)
            self.assertEqual(plugins.source("versioned")["state"], "missing")
            self.assertEqual(plugins.health()["status"], "UP")
            plugins.version("one")
            comes(router, "alpha")
            self.assertIn("result", McpSession(router.mcp("alpha")).initialized)
            # From now on its keys are known: a wrong one in its section is its own to refuse, a misspelt section is not.
            plugins.logged("configuration read again")
            plugins.path("versioned").unlink()
            goes(router, "alpha")
            self.assertTrue(known(router, "demo"))
            self.assertEqual(plugins.source("versioned")["state"], "missing")
            wait_for(lambda: plugins.shown("versioned") is None, 10, "the end of what is known of the file")
            plugins.only_mapped("versioned", 0)
            plugins.version("two")
            comes(router, "gamma")

    def test_a_plugin_that_is_needed_and_goes(self):
        with Stack("needed") as stack:
            demo = stack.demo_server()
            plugins = Plugins(stack)
            text = f"mcp:\n  router:\n    services:\n      - {{name: %s, url: \"{demo.url}\"}}\n"
            config = stack.dir / "application.yml"
            config.write_text(text % "demo")
            router = plugins.start(None, config=config)
            plugins.path("file").unlink()
            goes(router, "demo")
            self.assertEqual(plugins.health()["status"], "DEGRADED")
            self.assertEqual(plugins.source("file")["state"], "missing")
            # The rest of the configuration can still be changed.
            config.write_text(text % "other")
            plugins.logged("mcp.router.services")
            plugins.put("file", BUILD / "plugins/file.so")
            comes(router, "other")
            self.assertEqual(plugins.health()["status"], "UP")

    def test_used_without_being_listed(self):
        with Stack("auto") as stack:
            demo = stack.demo_server()
            plugins = Plugins(stack)
            router = plugins.start({"demo": demo.url})
            plugins.version("one")
            comes(router, "alpha")
            self.assertEqual(plugins.source("versioned")["optional"], True)
        with Stack("idle") as stack:
            demo = stack.demo_server()
            plugins = Plugins(stack)
            router = plugins.start({"demo": demo.url}, "--plugins.auto=false")
            plugins.version("one")
            wait_for(lambda: (plugins.shown("versioned") or {}).get("state") == "idle", 10, "an idle plugin")
            self.assertFalse(known(router, "alpha"))
            plugins.in_service("versioned", plugins.version("two"))

    def test_another_name_in_the_same_file(self):
        """The plugin of before is gone, and one with another name has come."""
        with Stack("renamed") as stack:
            demo = stack.demo_server()
            plugins = Plugins(stack)
            plugins.version("one")
            router = plugins.start({"demo": demo.url})
            plugins.version("renamed")
            wait_for(lambda: (plugins.shown("versioned") or {}).get("id") == "renamed", 10, "the other plugin")
            goes(router, "beta")
            wait_for(lambda: plugins.source("renamed"), 10, "a source of the second one")
            self.assertTrue(known(router, "alpha"))
            plugins.only_mapped("versioned")

    def test_a_folder_that_is_swapped(self):
        """The plugins folder is a link, and the link changes: the plugins of both folders that are the same go on."""
        with Stack("swapped") as stack:
            demo = stack.demo_server()
            plugins = Plugins(stack)
            first, second = stack.dir / "first", stack.dir / "second"
            plugins.dir.rename(first)
            shutil.copytree(first, second)
            shutil.copy(VERSIONS / "one.so", second / "versioned.so")
            plugins.dir.symlink_to("first")
            router = plugins.start({"demo": demo.url})
            session = McpSession(router.mcp("demo"))
            (stack.dir / "new").symlink_to("second")
            os.replace(stack.dir / "new", plugins.dir)
            comes(router, "alpha")
            self.assertEqual(session.call("tools/list").status, 200)
            plugins.version("two")  # it is the second one that is watched now
            comes(router, "gamma")

    def test_a_crash_at_the_start(self):
        """`plugins.probe: always` keeps one that crashes from taking the router with it."""
        with Stack("start") as stack:
            demo = stack.demo_server()
            plugins = Plugins(stack)
            plugins.put("bad", BAD / "crash_loading.so")
            router = plugins.start({"demo": demo.url}, "--plugins.probe=always")
            self.assertIn("result", McpSession(router.mcp("demo")).initialized)
            self.assertIn("while it was being loaded", plugins.shown("bad")["reason"])
            plugins.put("worse", BAD / "crash_creating.so")
            wait_for(lambda: plugins.shown("worse") and "being created" in plugins.shown("worse").get("reason", ""), 20, "its refusal")
        with Stack("sources") as stack:
            plugins = Plugins(stack)
            plugins.put("worse", BAD / "crash_creating.so")
            refused = subprocess.run([str(BUILD / "bin/mcp-router"), "--check-config", f"--plugins.directory={plugins.dir}",
                                      f"--plugins.runtime-directory={plugins.run_dir}", "--plugins.probe=always"],
                                     capture_output=True, text=True, cwd=stack.dir)
            self.assertEqual(refused.returncode, 1, refused.stdout)
            self.assertIn("worse.so: its probe", refused.stderr)

    def test_copies_of_a_killed_router(self):
        with Stack("killed") as stack:
            demo = stack.demo_server()
            plugins = Plugins(stack)
            router = plugins.start({"demo": demo.url})
            def copies():
                return {copy.stat().st_ino for copy in plugins.run_dir.iterdir()}
            left = copies()
            self.assertEqual(len(left), 2)
            router.kill()
            self.assertEqual(copies(), left)
            router = plugins.start({"demo": demo.url}, name="again")
            other = plugins.start({"demo": demo.url}, f"--admin.port={free_port()}", name="beside")
            self.assertEqual(len(list(plugins.run_dir.iterdir())), 4, "two routers, two copies each")
            self.assertTrue(all(os.path.exists(copy) for name in ("file", "round-robin") for copy in plugins.mapped(name)))
            for one in (router, other):
                one.signal(signal.SIGTERM)
                wait_for(lambda one=one: not one.alive(), 15, "the end of the router")
                self.assertEqual(one.proc.returncode, 0, one.tail())
            self.assertEqual(list(plugins.run_dir.iterdir()), [])


class Balancers(unittest.TestCase):
    short = True

    @staticmethod
    def picked(router):
        return McpSession(router.mcp("demo")).initialized["result"]["serverInfo"]["name"]

    def test_replaced(self):
        with Stack("balancer") as stack:
            one, two = stack.demo_server(name="one"), stack.demo_server(name="two")
            plugins = Plugins(stack)
            plugins.version("first", "picky")
            router = plugins.start(None, "--upstream", f"demo={one.url}", "--upstream", f"demo={two.url}", "--mcp.router.load-balancer=picky")
            self.assertEqual({self.picked(router) for _ in range(4)}, {"one"})
            session = McpSession(router.mcp("demo"))
            with Load(router, "demo") as load:
                plugins.in_service("picky", plugins.version("last", "picky"))
                wait_for(lambda: {self.picked(router) for _ in range(4)} == {"two"}, 10, "the other balancer's choice")
                plugins.version("balancer_fails", "picky")
                plugins.failed("picky", "no dice")
                self.assertEqual({self.picked(router) for _ in range(4)}, {"two"})
                plugins.put("picky", BAD / "picks_none.so")
                plugins.failed("picky", "picks none of two instances")
                plugins.version("other_balancer", "picky")
                plugins.failed("picky", "mcp.router.load-balancer names it")
                plugins.path("picky").unlink()
                plugins.failed("picky", "stays in service: mcp.router.load-balancer names it")
                self.assertEqual({self.picked(router) for _ in range(4)}, {"two"})
                plugins.in_service("picky", plugins.version("first", "picky"))
                wait_for(lambda: {self.picked(router) for _ in range(4)} == {"one"}, 10, "the first balancer's choice")
            self.assertEqual(load.failed, [])
            self.assertEqual(session.call("tools/list").status, 200)
            plugins.only_mapped("picky")

    def test_another_by_configuration(self):
        """mcp.router.load-balancer takes effect at once, and a balancer that is no more needed may go."""
        with Stack("chosen") as stack:
            one, two = stack.demo_server(name="one"), stack.demo_server(name="two")
            plugins = Plugins(stack)
            plugins.version("first", "picky")
            config = stack.dir / "application.yml"
            text = f"mcp:\n  router:\n    load-balancer: %s\n    services:\n      - {{name: demo, urls: [\"{one.url}\", \"{two.url}\"]}}\n"
            config.write_text(text % "picky")
            router = plugins.start(None, config=config)
            self.assertEqual({self.picked(router) for _ in range(4)}, {"one"})
            config.write_text(text % "weighted-round-robin")
            wait_for(lambda: {self.picked(router) for _ in range(8)} == {"one", "two"}, 10, "the choice of round robin")
            plugins.path("picky").unlink()
            plugins.only_mapped("picky", 0)
            config.write_text(text % "picky")
            plugins.logged("no balancer plugin \"picky\"")
            self.assertEqual({self.picked(router) for _ in range(8)}, {"one", "two"})


class InTheMidst(unittest.TestCase):
    """What happens while a takeover is under way."""
    short = True

    def begin(self, stack, *args):
        demo = stack.demo_server()
        plugins = Plugins(stack)
        plugins.version("one")
        config = stack.dir / "application.yml"
        self.text = f"mcp:\n  router:\n    versioned: {{port: {demo.port}}}\n    services:\n      - {{name: %s, url: \"{demo.url}\"}}\n"
        config.write_text(self.text % "demo")
        plugins.start(None, *args, config=config)
        return plugins, config

    def under_way(self, plugins):
        wait_for(lambda: (plugins.shown("versioned").get("replacement") or {}).get("state") == "taking over", 10, "a takeover")

    def test_a_newer_file(self):
        """It waits until the takeover before it has ended."""
        with Stack("newer") as stack:
            plugins, _ = self.begin(stack, "--plugins.takeover-timeout=2s")
            plugins.version("silent")
            self.under_way(plugins)
            sha256 = plugins.version("two")
            plugins.logged("is given up, the version before it stays")
            plugins.in_service("versioned", sha256)
            comes(plugins.router, "gamma")

    def test_the_file_before(self):
        with Stack("before") as stack:
            plugins, _ = self.begin(stack, "--plugins.takeover-timeout=2s")
            plugins.version("silent")
            self.under_way(plugins)
            plugins.in_service("versioned", plugins.version("one"))
            self.assertEqual(plugins.health()["status"], "UP")

    def test_the_file_is_removed(self):
        with Stack("removed") as stack:
            plugins, _ = self.begin(stack, "--plugins.takeover-timeout=1s")
            plugins.version("silent")
            self.under_way(plugins)
            plugins.path("versioned").unlink()
            goes(plugins.router, "alpha")
            plugins.only_mapped("versioned", 0)

    def test_another_configuration(self):
        with Stack("configured") as stack:
            plugins, config = self.begin(stack, "--plugins.takeover-timeout=3s")
            plugins.version("silent")
            self.under_way(plugins)
            config.write_text(self.text % "other")
            comes(plugins.router, "other")
            self.assertFalse(known(plugins.router, "demo"))
            plugins.failed("versioned", "did not say that it has published everything")
            self.assertTrue(known(plugins.router, "beta"))

    def test_stop(self):
        with Stack("stop") as stack:
            plugins, _ = self.begin(stack)
            plugins.version("silent")
            self.under_way(plugins)
            plugins.router.signal(signal.SIGTERM)
            wait_for(lambda: not plugins.router.alive(), 20, "the end of the router")
            self.assertEqual(plugins.router.proc.returncode, 0, plugins.router.tail())
            self.assertEqual(list(plugins.run_dir.iterdir()), [])

    def test_stop_during_a_probe(self):
        with Stack("probing") as stack:
            plugins, _ = self.begin(stack, "--plugins.probe-timeout=60s")
            plugins.put("versioned", BAD / "hang_loading.so")
            wait_for(lambda: harness.children(plugins.router.pid), 10, "the probe's process")
            probe = harness.children(plugins.router.pid)[0]
            plugins.router.signal(signal.SIGTERM)
            wait_for(lambda: not plugins.router.alive(), 20, "the end of the router")
            self.assertEqual(plugins.router.proc.returncode, 0, plugins.router.tail())
            self.assertFalse(Path(f"/proc/{probe}").exists())

    def test_one_that_does_not_stop(self):
        """It is said, its library stays, and nobody waits for it."""
        with Stack("stubborn") as stack:
            plugins, _ = self.begin(stack)
            plugins.in_service("versioned", plugins.version("stubborn"))
            plugins.in_service("versioned", plugins.version("two"))
            comes(plugins.router, "gamma")
            plugins.logged("did not stop within 5000 ms", 20)
            self.assertEqual([v["state"] for v in plugins.shown("versioned")["older"]], ["draining"])
            plugins.in_service("versioned", plugins.version("one"))
            plugins.router.signal(signal.SIGTERM)
            wait_for(lambda: not plugins.router.alive(), 20, "the end of the router")
            self.assertEqual(plugins.router.proc.returncode, 0, plugins.router.tail())


if __name__ == "__main__":
    unittest.main()
