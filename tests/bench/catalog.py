#!/usr/bin/env python3
"""What a large catalog costs the router: 5,000 services with 3 instances each, from each kind of source.

    tests/bench/catalog.py                          all sources whose plugin is built, about five minutes
    tests/bench/catalog.py --sources file,sqlite
    tests/bench/catalog.py --services 500           a quick look

Prints Markdown. It reports and judges nothing. Needs a built tree (build/release, or MCPR_BUILD); for Nacos the tools of
tests/tools/install.sh: the real server is filled with the documents that it would store itself.
"""

import argparse
import json
import os
import sqlite3
import statistics
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "nacos"), str(TESTS / "integration")]
sys.dont_write_bytecode = True
import case  # noqa: E402
from harness import BUILD, HarnessError, Stack, memory_kb, table, wait_for  # noqa: E402
from registry import Registry, ref  # noqa: E402
from server import NacosServer  # noqa: E402


def note(text):
    print(text, file=sys.stderr, flush=True)


class Source:
    """Fills a source, makes the router's configuration, and changes the description of one service."""

    plugin = None

    def __init__(self, stack, names, ports):
        self.stack, self.names, self.ports = stack, names, ports

    def services(self):
        for name in self.names:
            yield name, [f"http://127.0.0.1:{port}/mcp" for port in self.ports]


class File(Source):
    plugin, title = "file", "file.so: one JSON file, rewritten for each change"

    def prepare(self):
        self.path, self.texts = self.stack.dir / "services.json", {}
        self.write()
        return case.configuration(self.stack, ["file"], router={"file": {"files": [str(self.path)]}})

    def write(self):
        services = [{"name": name, "urls": urls, "description": self.texts.get(name, "of the bench")} for name, urls in self.services()]
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps({"services": services}, indent=1))
        os.replace(beside, self.path)

    def change(self, name, text):
        self.texts[name] = text
        self.write()


class Sqlite(Source):
    plugin, title = "sqlite", "sqlite.so: its own schema"

    def prepare(self):
        path = self.stack.dir / "services.db"
        config = case.configuration(self.stack, ["sqlite"], router={"sqlite": {"path": str(path), "create": True}})
        # The plugin makes the tables, so that they are what it says they are.
        router = self.stack.router(config=config, name="maker")
        wait_for(lambda: case.source_state(router, "sqlite")["state"] == "up", 10, "the new database")
        router.stop()
        self.database = sqlite3.connect(path, timeout=20)
        with self.database:
            self.database.executemany("INSERT INTO services (name, description) VALUES (?, 'of the bench')", [(n,) for n in self.names])
            self.database.executemany("INSERT INTO instances (service, url) VALUES (?, ?)",
                                      [(name, url) for name, urls in self.services() for url in urls])
        return config

    def change(self, name, text):
        with self.database:
            self.database.execute("UPDATE services SET description = ? WHERE name = ?", (text, name))


class Nacos(Source):
    plugin, title = "nacos", "nacos.so: told by push (Nacos' limit of watched documents raised)"
    limit, more = 1_000_000, {"watch-limit": 1_000_000}

    def prepare(self):
        began = time.monotonic()
        self.server = NacosServer(self.stack.dir / "nacos-home", heap="2g",
                                  properties={"nacos.config.fuzzy.watch.max.pattern.match.config.count": self.limit}).start()
        self.registry = Registry(self.server)
        keeper = self.stack.run("register-many", [case.PYTHON, case.CLIENTS / "register_many.py", self.server.address, "public", "bench",
                                                  self.names[0][:-5], len(self.names), *self.ports], case.own_home(self.stack))
        self.ids = {name: str(uuid.uuid4()) for name in self.names}
        with ThreadPoolExecutor(4) as several:
            list(several.map(lambda name: self.change(name, "of the bench"), self.names))
        wait_for(lambda: "registered" in keeper.log.read_text() or not keeper.alive(), 240, "the registration of all instances")
        wait_for(lambda: self.registry.servers() == len(self.names), 60, "all servers in Nacos' list")
        note(f"Nacos was filled in {time.monotonic() - began:.0f} s")
        return case.configuration(self.stack, nacos=case.source(self.registry, **self.more))

    def change(self, name, text):
        self.registry.publish_documents(name, ref(name, "bench"), description=text, id=self.ids[name])

    def end(self):
        self.server.stop()


class NacosPolled(Nacos):
    title = "nacos.so: beyond Nacos' limit of 500 watched documents, read every 10 s"
    limit, more = 500, {}


SOURCES = {"file": File, "sqlite": Sqlite, "nacos": Nacos, "nacos-polled": NacosPolled}


def cpu_ms(process):
    """All threads' time on a core, in ms; /proc/PID/stat counts in hundredths of a second only."""
    total = 0
    for thread in Path(f"/proc/{process.pid}/task").iterdir():
        try:
            total += int((thread / "schedstat").read_text().split()[0])
        except OSError:  # it has ended
            pass
    return total / 1e6


def settled(process, seconds=30):
    """Anonymous memory and RSS in MB, once a second passes with little work: instances are still probed after the catalog is complete."""
    for _ in range(seconds):
        cpu = cpu_ms(process)
        time.sleep(1)
        if cpu_ms(process) - cpu < 10:
            break
    return [kb / 1024 for kb in memory_kb(process.pid)]


def complete(router, count, instances):
    listed = json.loads(case.admin(router, "/admin/api/services").body)["services"]
    return len(listed) == count and sum(s["instances"] for s in listed) == count * instances


def described(router, name, text):
    return (case.service(router, name) or {}).get("description") == text


def measure(source, stack, options, empty):
    names = source.names
    config = source.prepare()
    began = time.monotonic()
    router = stack.router(config=config, ready=False, timeout=60)
    spent = cpu_ms(router)
    wait_for(lambda: complete(router, len(names), options.instances), 300, "the complete catalog", pause=0.1)
    listed = time.monotonic() - began
    wait_for(lambda: case.who(router, names[-1]) and case.who(router, names[0]), 60, "a call of a client", pause=0.05)
    called = time.monotonic() - began
    anonymous, resident = settled(router)
    spent = cpu_ms(router) - spent
    note(f"complete after {listed:.2f} s, {resident:.0f} MB")
    at, cpu = time.monotonic(), cpu_ms(router)
    time.sleep(options.idle)
    idle = (cpu_ms(router) - cpu) / (time.monotonic() - at)  # ms a second
    # How long until it is seen, looked for all the time; what it costs, without looks in between.
    seen = []
    for n in range(options.rounds):
        name, text = names[(n * 97) % len(names)], f"change {n}"
        source.change(name, text)
        changed = time.monotonic()
        wait_for(lambda: described(router, name, text), 60, "the change", pause=0.005)
        seen.append(1000 * (time.monotonic() - changed))
    at, cpu = time.monotonic(), cpu_ms(router)
    for n in range(options.changes):
        name, text = names[(n * 89) % len(names)], f"costs {n}"
        source.change(name, text)
        time.sleep(0.1)
    wait_for(lambda: described(router, name, text), 60, "the last change", pause=0.25)
    cost = (cpu_ms(router) - cpu - idle * (time.monotonic() - at)) / options.changes
    router.stop()
    if hasattr(source, "end"):
        source.end()
    return [source.title, f"{listed:.2f} s", f"{called:.2f} s", f"{spent / 1000:.2f} s", f"{resident:.0f} MB",
            f"{(anonymous - empty) * 1024 / len(names):.1f} KB", f"{idle / 10:.2f} %", f"{statistics.median(seen):.0f} ms", f"{max(0.0, cost):.2f} ms"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", type=int, default=5000)
    parser.add_argument("--instances", type=int, default=3)
    parser.add_argument("--sources", default=",".join(SOURCES))
    parser.add_argument("--rounds", type=int, default=9, help="changes whose time is taken")
    parser.add_argument("--changes", type=int, default=50, help="changes whose cost is taken")
    parser.add_argument("--idle", type=float, default=15, help="seconds of quiet that are watched")
    options = parser.parse_args()
    names = [f"bench-{n:05}" for n in range(options.services)]
    rows, failed = [], False
    for key in options.sources.split(","):
        kind = SOURCES[key]
        if not (BUILD / f"plugins/{kind.plugin}.so").exists():
            note(f"{key}: {kind.plugin}.so is not built")
            continue
        note(f"{key}: {kind.title}")
        try:
            with Stack(f"catalog-{key}") as stack:
                ports = [stack.demo_server(name=f"copy{n}").port for n in range(options.instances)]
                bare = stack.router(config=case.configuration(stack, ["file"]), name="bare")
                empty = settled(bare)[0]
                bare.stop()
                rows.append(measure(kind(stack, names, ports), stack, options, empty))
        except HarnessError as error:
            note(f"{key}: {error}")
            failed = True
    print(f"\n{options.services:,} services with {options.instances} instances each:\n")
    print(table(rows, ["source", "start to complete", "to a client's call", "CPU until quiet", "RSS", "memory a service", "CPU when idle",
                       "a change is seen after", "CPU of a change"]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
