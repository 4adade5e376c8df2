#!/usr/bin/env python3
"""Real SDK clients against @modelcontextprotocol/server-everything behind the router.

Every client goes through every pairing of its own transport and the server's: streamable HTTP and legacy SSE on either side.
Over streamable HTTP on both sides a relay stands before the router that cuts one answer short, so that the client has to come
back with Last-Event-ID.

    tests/clients/run.py                          all clients, all pairings
    tests/clients/run.py --only py1,go            some clients (see --list)
    tests/clients/run.py --pairing sse-http       client over SSE, server over streamable HTTP
    tests/clients/run.py --direct                 without a router: are the clients in order?

MCPR_BUILD names another build than build/release, MCPR_TOOLS another folder than build/test-tools.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]
import harness  # noqa: E402
from cutter import Cutter  # noqa: E402

PYTHON = harness.TOOLS / "python"
Client = collections.namedtuple("Client", "about argv after")
CLIENTS = {
    "ts1": Client("TypeScript sdk 1.32", [harness.NODE, HERE / "typescript/sdk1.mjs"], []),
    "ts2": Client("TypeScript client 2.4", [harness.NODE, HERE / "typescript/sdk2.mjs"], []),
    "ts2-auto": Client("the same, server/discover first", [harness.NODE, HERE / "typescript/sdk2.mjs"], ["auto"]),
    "py1": Client("Python mcp 1.30", [PYTHON / "mcp1/bin/python", "-B", HERE / "python/sdk1.py"], []),
    "py2": Client("Python mcp 2.3", [PYTHON / "mcp2/bin/python", "-B", HERE / "python/sdk2.py"], []),
    "go": Client("Go go-sdk 1.8", [harness.GO_BIN / "go-client"], []),
}
PAIRINGS = ["http-http", "sse-sse", "http-sse", "sse-http"]  # transport of the client, transport of the server
FEATURES = ["connect", "tools-list", "tools-call", "parallel", "progress", "sampling", "elicitation", "roots", "logging",
            "subscription", "prompts", "cancellation", "close"]


class Run:
    """One client in one pairing: what it reported, and what was wrong besides."""

    def __init__(self, name, pairing):
        self.name, self.pairing = name, pairing
        self.passed, self.skipped, self.faults = [], [], []

    def take(self, line):
        if "skip" in line:
            self.skipped.append(line["check"])
        elif line["ok"]:
            self.passed.append(line["check"])
        else:
            self.faults.append(f"{line['check']}: {' '.join(line['detail'].split())[:300]}")

    def cell(self):
        return f"{len(self.passed)} ok" + (f", {len(self.faults)} FAILED" if self.faults else "")


def run_client(name, pairing, url, cutter, folder, timeout):
    run = Run(name, pairing)
    mine, servers = pairing.split("-")
    client = CLIENTS[name]
    argv = [str(a) for a in [*client.argv, mine, url, servers, *client.after]]
    env = {**os.environ, "NODE_NO_WARNINGS": "1", "PYTHONWARNINGS": "ignore"}
    env.pop("MCPR_CUTTER", None)
    if cutter:
        env["MCPR_CUTTER"] = "1"
    errors = folder / f"{name}-{pairing}.log"
    with open(errors, "wb") as log:
        try:
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=env, timeout=timeout,
                                  check=False)
            output, status = done.stdout, done.returncode
        except subprocess.TimeoutExpired as error:
            output, status = error.stdout or b"", f"none within {timeout} s"
    for line in output.decode("utf-8", "replace").splitlines():
        try:
            run.take(json.loads(line))
        except (ValueError, KeyError):
            run.faults.append(f"not a line of a report: {line[:200]}")
    reported = set(run.passed) | set(run.skipped) | {fault.partition(":")[0] for fault in run.faults}
    missing = [feature for feature in FEATURES + ["reconnection"] if feature not in reported]
    if missing and not run.faults:
        run.faults.append(f"not reported: {', '.join(missing)}; exit status {status}; see {errors}")
    elif status != 0 and not run.faults:
        run.faults.append(f"exit status {status}; see {errors}")
    if cutter and "reconnection" in run.passed and (cutter.cuts != 1 or cutter.resumed < 1):
        run.passed.remove("reconnection")
        run.faults.append(f"reconnection: {cutter.cuts} answers were cut, {cutter.resumed} times Last-Event-ID came")
    return run


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="comma-separated clients")
    parser.add_argument("--pairing", default="", help=f"comma-separated, of {', '.join(PAIRINGS)}")
    parser.add_argument("--direct", action="store_true", help="no router; only pairings of like with like")
    parser.add_argument("--list", action="store_true", help="show the clients, and exit")
    parser.add_argument("--jobs", type=int, default=3, help="clients at the same time (3)")
    parser.add_argument("--timeout", type=int, default=120, help="seconds for one client in one pairing (120)")
    options = parser.parse_args()
    if options.list:
        print(harness.table([[name, client.about] for name, client in CLIENTS.items()], ["client", "what"]))
        return 0
    names = [n for n in options.only.split(",") if n] or list(CLIENTS)
    pairings = [p for p in options.pairing.split(",") if p] or (PAIRINGS[:2] if options.direct else PAIRINGS)
    for given, known in ((names, CLIENTS), (pairings, PAIRINGS)):
        if unknown := [g for g in given if g not in known]:
            parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
    if options.direct and (crossed := [p for p in pairings if p not in PAIRINGS[:2]]):
        parser.error(f"{', '.join(crossed)} needs a router")
    for name in names:
        if not Path(CLIENTS[name].argv[0]).exists():
            raise harness.HarnessError(f"{CLIENTS[name].argv[0]} is missing: run tests/tools/install.sh first")

    began = time.monotonic()
    with harness.Stack("clients") as stack, contextlib.ExitStack() as relays:
        servers = {"http": stack.ts_server("streamableHttp"), "sse": stack.ts_server("sse")}
        # No --config: the two services come from the command line, as a user would try them first.
        router = None
        if not options.direct:
            router = stack.router({f"every-{kind}": server.url for kind, server in servers.items()}, "--drain.announce=0s")

        def one(name, pairing):
            mine, kind = pairing.split("-")
            if router is None:
                target = servers[kind]
            else:
                target = router
            path = servers[kind].path if router is None else f"/{'mcp' if mine == 'http' else 'sse'}/every-{kind}"
            cutter = relays.enter_context(Cutter(target.port)) if pairing == "http-http" else None
            url = f"http://127.0.0.1:{cutter.port if cutter else target.port}{path}"
            return run_client(name, pairing, url, cutter, stack.dir, options.timeout)

        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            runs = list(pool.map(lambda case: one(*case), [(n, p) for p in pairings for n in names]))

        faults = [f"{r.name} {r.pairing}: {fault}" for r in runs for fault in r.faults]
        if router is not None and not router.alive():
            faults.append(f"the router ended with {router.proc.returncode}:\n{router.tail()}")
        where = {(r.name, r.pairing): r.cell() for r in runs}
        rows = [[CLIENTS[n].about, *(where[n, p] for p in pairings)] for n in names]
        print(harness.table(rows, ["client", *(f"{p.replace('-', ' client, ')} server" for p in pairings)]))
        for fault in faults:
            print(f"  {fault}")
        seconds = time.monotonic() - began
        print(f"\nclients: {sum(len(r.passed) for r in runs)} passed, {len(faults)} failed, "
              f"{sum(len(r.skipped) for r in runs)} not applicable ({seconds:.0f} s)")
        if faults:
            raise SystemExit(1)  # leaving the stack by an exception keeps its logs
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except harness.HarnessError as error:
        print(f"clients: {error}\nclients: 0 passed, 1 failed", file=sys.stderr)
        sys.exit(1)
