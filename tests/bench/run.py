#!/usr/bin/env python3
"""Compares the router with nginx, HAProxy and the mcp-proxy crate in front of the same MCP server, on loopback, in one run.

    tests/bench/run.py                       everything, about ten minutes
    tests/bench/run.py --quick               one minute, for CI: shows that it works, its figures are rough
    tests/bench/run.py --parts calls --targets direct,nginx,router

Prints Markdown. It reports and judges nothing: the exit code says only whether what was asked for could be measured.
Needs a built tree (build/release); nginx and haproxy are used where they are installed, the crate where --crate names it.
"""
import argparse
import contextlib
import dataclasses
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time

import calls
import gateways
import memory
from procs import Processes, free_port

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--build", default=os.path.join(ROOT, "build/release"), help="build tree with bin/ and plugins/")
    p.add_argument("--router", help="the router's program (BUILD/bin/mcp-router)")
    p.add_argument("--plugins", help="its plugins (BUILD/plugins)")
    p.add_argument("--loadgen", help="the load generator (BUILD/bin/mcp-loadgen)")
    p.add_argument("--upstream", help="the MCP server behind all of them (BUILD/bin/mcp-demo-server)")
    p.add_argument("--crate", help="program of the mcp-proxy crate 0.6.0")
    p.add_argument("--parts", default="calls,sessions,streams,start")
    p.add_argument("--targets", default=",".join(gateways.ALL))
    p.add_argument("--workloads", default="all", help="numbers from 1 of: " + "; ".join(w.name for w in calls.WORKLOADS))
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--seconds", type=float, default=3, help="length of a round for each target")
    p.add_argument("--sessions", type=int, default=10_000)
    p.add_argument("--streams", type=int, default=9_000)
    p.add_argument("--heartbeat-window", type=int, default=45, help="seconds over which heartbeats are watched")
    p.add_argument("--starts", type=int, default=7)
    p.add_argument("--quick", action="store_true")
    p.add_argument("--json", help="file for the single rounds")
    options = p.parse_args()
    if options.quick:
        options.rounds, options.seconds, options.starts = 2, 0.7, 2
        options.sessions, options.streams, options.heartbeat_window = 2_000, 500, 5
    options.router = options.router or os.path.join(options.build, "bin/mcp-router")
    options.plugins = options.plugins or os.path.join(options.build, "plugins")
    options.loadgen = options.loadgen or os.path.join(options.build, "bin/mcp-loadgen")
    options.upstream = options.upstream or os.path.join(options.build, "bin/mcp-demo-server")
    for field in ("router", "plugins", "loadgen", "upstream"):  # the programs run in a folder of their own
        setattr(options, field, os.path.abspath(getattr(options, field)))
    for program in (options.loadgen, options.upstream):
        if not os.access(program, os.X_OK):
            p.error(f"{program} is not there: build the targets mcp-demo-server and mcp-loadgen first")
    options.parts = options.parts.split(",")
    unknown = [part for part in options.parts if part != "calls" and part not in memory.PARTS]
    unknown += [name for name in options.targets.split(",") if name not in gateways.ALL]
    if unknown:
        p.error("unknown: " + ", ".join(unknown))
    return options


def note(text, progress=False):
    print(("  " if progress else "! ") + text, file=sys.stderr, flush=True)


def upstream_starter(options):
    def start(processes, extra):
        port = free_port()
        process = processes.start("upstream", [options.upstream, "--port", port, "--name", "demo", *extra])
        process.wait_ready(port, "/", None)
        return port
    return start


def calls_part(options, start_upstream, folder):
    with Processes(folder) as processes:
        upstream = start_upstream(processes, [])
        targets, missing = [], []
        for name in options.targets.split(","):
            try:
                target = gateways.ALL[name](processes, upstream, options)
            except RuntimeError as error:
                note(f"{name}: {error}")
                target = None
            targets.append(target) if target else missing.append(name)
        workloads = calls.WORKLOADS
        if options.workloads != "all":
            workloads = [calls.WORKLOADS[int(number) - 1] for number in options.workloads.split(",")]
        results = calls.measure(options, targets, workloads, note)
        lines = calls.tables(results)
        if missing:
            lines += ["Not measured: " + ", ".join(missing), ""]
        complete = all(len(rounds) == len(targets) for rounds in results.values())
        return lines, results, complete


def versions():
    found = []
    for argv in (["nginx", "-v"], ["haproxy", "-v"]):
        with contextlib.suppress(OSError):
            done = subprocess.run(argv, capture_output=True, text=True, env={"PATH": os.environ["PATH"] + ":/usr/sbin"})
            found.append((done.stdout or done.stderr).splitlines()[0])
    return found


def cpu_name():
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as f:
        for line in f:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def main():
    options = arguments()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    started, complete, results = time.monotonic(), True, {}
    start_upstream = upstream_starter(options)
    print(f"# Benchmark\n\n{cpu_name()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Linux {platform.release()}; "
          + "; ".join(versions()) + ".\n")
    with tempfile.TemporaryDirectory(prefix="mcp-bench-") as folder:
        if "calls" in options.parts:
            print(f"Medians of {options.rounds} alternating rounds of {options.seconds:g} s; a ratio is the median of the "
                  "ratios round by round. All share the machine with the clients and the server: calls/s say less than CPU.\n")
            lines, results, complete = calls_part(options, start_upstream, folder)
            print("\n".join(lines), flush=True)
        for part in options.parts:
            if part == "calls":
                continue
            with Processes(folder) as processes:
                try:
                    print("\n".join(memory.PARTS[part](options, start_upstream, processes, note)), flush=True)
                except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
                    note(f"{part}: {error}")
                    complete = False
    if options.json:
        with open(options.json, "w") as f:
            plain = {w: {t: [dataclasses.asdict(r) for r in rounds] for t, rounds in targets.items()}
                     for w, targets in results.items()}
            json.dump(plain, f, indent=1)
    print(f"\nTook {time.monotonic() - started:.0f} s.")
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
