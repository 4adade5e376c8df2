"""What sessions, streams and the idle program cost the router in memory, and how fast it starts."""
import json
import os
import statistics
import subprocess
import time

import calls
import gateways
from procs import free_port


def _run(argv, seconds):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=seconds)
    if done.returncode != 0:
        raise RuntimeError((done.stdout + done.stderr).strip()[-600:])


def _settled(process, seconds=10):
    """RSS once two looks a second apart agree within 1 %."""
    before = process.memory_kb()
    for _ in range(seconds):
        time.sleep(1)
        now = process.memory_kb()
        if abs(now - before) * 100 <= before:
            return now
        before = now
    return before


def idle_sessions(options, start_upstream, processes, note):
    upstream = start_upstream(processes, [])
    target = gateways.router(processes, upstream, options)
    if not target:
        return ["- idle sessions: not measured, there is no router at " + options.router]
    count = options.sessions
    open_some = lambda n: _run(calls.loadgen(options, target, "idle", 120, connections=16, sessions=n), 180)
    open_some(min(500, count))  # warms pools and buffers that do not grow with sessions
    before = _settled(target.process)
    open_some(count)
    after = _settled(target.process)
    note(f"{count} idle sessions: RSS {before} -> {after} KB")
    return [f"- {count:,} idle initialised sessions, clients' connections closed: **{(after - before) * 1024 / count:,.0f} bytes"
            f" of RSS each** ({before:,} -> {after:,} KB; bar: at most 2,048)"]


def open_streams(options, start_upstream, processes, note):
    upstream = start_upstream(processes, ["--get-stream"])
    target = gateways.router(processes, upstream, options)
    if not target:
        return ["- open streams: not measured, there is no router at " + options.router]
    count, window = options.streams, options.heartbeat_window
    # Each stream takes two descriptors of the router.
    room = os.sysconf("SC_OPEN_MAX") // 2 - 200
    if count > room:
        note(f"streams: {room} instead of {count}, for lack of descriptors (ulimit -n)")
        count = room
    _run(calls.loadgen(options, target, "idle", 60, connections=16, sessions=min(500, count)), 90)
    before = _settled(target.process)
    holder = processes.start("loadgen streams", calls.loadgen(options, target, "streams", window + 12, sessions=count))
    deadline = time.monotonic() + 120
    while "ready" not in holder.tail():
        if holder.popen.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the streams did not open: " + holder.tail())
        time.sleep(0.1)
    after = _settled(target.process)
    cpu, began = target.process.cpu_seconds(), time.monotonic()
    time.sleep(window)
    share = (target.process.cpu_seconds() - cpu) / (time.monotonic() - began) * 100
    holder.popen.wait(window + 60)
    held = json.loads(holder.tail().splitlines()[-1])
    if held["errors"]:
        raise RuntimeError("a stream ended early: " + held["error"])
    note(f"{count} streams: RSS {before} -> {after} KB, {held['comments']} heartbeats in {held['seconds']:.0f} s")
    lines = [f"- {count:,} sessions with a client stream and an upstream stream: **{(after - before) * 1024 / count:,.0f} bytes of"
             f" RSS each** ({before:,} -> {after:,} KB; bar: at most 4,096)"]
    if held["comments"] >= count:
        lines.append(f"- their heartbeats, over {window} s: **{share:.2f} % of a core** (bar: under 2)")
    else:
        lines.append(f"- their heartbeats: not measured, {window} s are too short for one of each stream")
    return lines


def start_and_idle(options, start_upstream, processes, note):
    upstream = start_upstream(processes, [])
    if not os.access(options.router, os.X_OK):
        return ["- start: not measured, there is no router at " + options.router]
    times, anonymous, resident = [], [], []
    for number in range(options.starts):
        port = free_port()
        process = processes.start(f"router start {number}", gateways.router_argv(options, upstream, port, threads=2))
        times.append(process.wait_ready(port, "/actuator/health/readiness", {200}, pause=0.001) * 1000)
        time.sleep(1)
        anonymous.append(process.memory_kb("RssAnon") / 1024)
        resident.append(process.memory_kb() / 1024)
        process.stop()
    return [f"- start to ready: **{statistics.median(times):.0f} ms** ({min(times):.0f}-{max(times):.0f}; bar: at most 50)",
            f"- anonymous memory when idle, two data threads: **{statistics.median(anonymous):.1f} MB** (bar: at most 8);"
            f" RSS {statistics.median(resident):.1f} MB"]


PARTS = {"sessions": idle_sessions, "streams": open_streams, "start": start_and_idle}
