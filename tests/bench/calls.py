"""Calls through each target, in alternating rounds: speed, latency, and the gateway's CPU time a call."""
import dataclasses
import json
import statistics
import subprocess


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    mode: str
    connections: int


WORKLOADS = (
    Workload("plain, 1 connection", "plain", 1),
    Workload("plain, 32 connections", "plain", 32),
    Workload("100 KB answer, 32 connections", "big", 32),
    Workload("SSE answer of 20 events, 32 connections", "sse", 32),
)


@dataclasses.dataclass
class Round:
    per_second: float
    p50: float
    p99: float
    cpu_us: float | None  # of the gateway, a call; None: there is no gateway


def loadgen(options, target, mode, seconds, **more):
    argv = [options.loadgen, "--port", target.port, "--path", target.path, "--mode", mode, "--seconds", seconds]
    if target.tool_prefix:
        argv += ["--tool-prefix", target.tool_prefix]
    for name, value in more.items():
        argv += [f"--{name}", value]
    return [str(a) for a in argv]


def one_round(options, target, workload, seconds):
    before = target.process.cpu_seconds() if target.process else 0
    argv = loadgen(options, target, workload.mode, seconds, connections=workload.connections)
    done = subprocess.run(argv, capture_output=True, text=True, timeout=seconds + 60)
    if done.returncode == 2:
        raise RuntimeError(done.stderr.strip())
    result = json.loads(done.stdout.splitlines()[-1])
    if result["errors"] or not result["calls"]:
        raise RuntimeError(f"{target.name}, {workload.name}: {result['errors']} errors in {result['calls']} calls, "
                           f"the first: {result['error'] or 'no call was answered'}")
    cpu = None
    if target.process:
        cpu = (target.process.cpu_seconds() - before) * 1e6 / result["calls"]
    return Round(result["calls"] / result["seconds"], result["p50_us"], result["p99_us"], cpu)


def measure(options, targets, workloads, note):
    """{workload name: {target name: [Round, ...]}}; a target that fails is noted and left out of that workload."""
    out = {}
    for workload in workloads:
        rounds = {target.name: [] for target in targets}
        failed = set()
        for number in range(options.rounds):
            # Each round begins with another target, so that none always runs behind the same neighbour.
            shift = number % len(targets)
            for target in targets[shift:] + targets[:shift]:
                if target.name in failed:
                    continue
                try:
                    rounds[target.name].append(one_round(options, target, workload, options.seconds))
                except (RuntimeError, subprocess.TimeoutExpired, ValueError, IndexError) as error:
                    failed.add(target.name)
                    note(f"{target.name}: {error}")
            note(f"{workload.name}: round {number + 1} of {options.rounds}", progress=True)
        out[workload.name] = {name: r for name, r in rounds.items() if name not in failed and r}
    return out


def _median(rounds, field):
    return statistics.median(getattr(r, field) for r in rounds)


def _ratio(rounds, base, field):
    """Median of the ratios round by round."""
    return statistics.median(getattr(a, field) / getattr(b, field) for a, b in zip(rounds, base) if getattr(b, field))


def _spread(rounds, field, digits):
    values = [getattr(r, field) for r in rounds]
    return f"{min(values):,.{digits}f}-{max(values):,.{digits}f}"


def tables(results):
    lines = []
    for workload, targets in results.items():
        lines += [f"### {workload}", "",
                  "| | calls/s (spread) | ×nginx | p50 µs | p99 µs | gateway CPU µs/call (spread) | ×nginx |",
                  "|---|---|---|---|---|---|---|"]
        nginx = targets.get("nginx")
        for name, rounds in targets.items():
            speed = f"{_ratio(rounds, nginx, 'per_second'):.2f}" if nginx else "-"
            cpu = ratio = "-"
            if rounds[0].cpu_us is not None:
                cpu = f"**{_median(rounds, 'cpu_us'):.1f}** ({_spread(rounds, 'cpu_us', 1)})"
                if nginx:
                    ratio = f"**{_ratio(rounds, nginx, 'cpu_us'):.2f}**"
            lines.append(f"| {name} | {_median(rounds, 'per_second'):,.0f} ({_spread(rounds, 'per_second', 0)}) | {speed} "
                         f"| {_median(rounds, 'p50'):,.0f} | {_median(rounds, 'p99'):,.0f} | {cpu} | {ratio} |")
        lines.append("")
    return lines + bars(results)


def bars(results):
    """The figures that the project holds itself to."""
    one, many = (results.get(w.name, {}) for w in WORKLOADS[:2])
    lines = []
    if "router 1" in many and "nginx" in many:
        value = _ratio(many["router 1"], many["nginx"], "cpu_us")
        lines.append(f"- CPU a call at 32 connections, router / nginx: {value:.2f} (bar: at most 1.00)")
    if "router 1" in many and "router 2" in many:
        value = _ratio(many["router 2"], many["router 1"], "cpu_us")
        lines.append(f"- CPU a call, two data threads / one: {value:.2f} (bar: at most 1.15)")
    if all(name in one for name in ("router 1", "nginx", "direct")):
        base = _median(one["direct"], "p50")
        mine, theirs = _median(one["router 1"], "p50") - base, _median(one["nginx"], "p50") - base
        lines.append(f"- added p50 at one connection: router {mine:.0f} µs, nginx {theirs:.0f} µs (bar: at most nginx's)")
    return lines + [""] if lines else []
