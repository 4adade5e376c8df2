#!/usr/bin/env python3
"""Judges the router by the official MCP conformance suite.

The reference servers of the Go SDK run behind the router, one for each era. Every requirement set runs against the server
alone and again through the router; the run fails where fewer scored scenarios pass than the revision requires, or where a
check that the server alone passes does not pass through the router, or is not reached.

    tests/conformance/run.py                      all of it
    tests/conformance/run.py --only legacy,sse    some of it (see --list)
    tests/conformance/run.py --direct             the servers alone: are the judges in order?
    tests/conformance/run.py --details            the counts of every scenario, and every fault

MCPR_BUILD names another build than build/release, MCPR_TOOLS another folder than build/test-tools.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
import harness  # noqa: E402

SUITE = harness.NODE_MODULES / "@modelcontextprotocol/conformance/dist/index.js"
BRIDGE = Path(__file__).resolve().parent / "sse-bridge.mjs"
REQUIRED = {"2025-11-25": 30, "2026-07-28": 37}

Case = collections.namedtuple("Case", "name revision service entrance about")
CASES = [
    Case("legacy", "2025-11-25", "conf-legacy", "mcp", "handshake era, /mcp/conf-legacy"),
    Case("modern", "2026-07-28", "conf-modern", "mcp", "stateless era, /mcp/conf-modern"),
    Case("both-legacy", "2025-11-25", "conf", "mcp", "handshake era at a service with an instance of each era"),
    Case("both-modern", "2026-07-28", "conf", "mcp", "stateless era at a service with an instance of each era"),
    Case("sse", "2025-11-25", "conf-legacy", "sse", "handshake era, entering by /sse/conf-legacy"),
]
# Needs event ids, which legacy SSE does not have: no server passes it through that entrance.
NOT_OVER_SSE = {"server-sse-polling"}
SHOWN = 15  # lines of one case; where a router does nothing right, hundreds would hide the first
MARK = "[✓✗~○⚠-]"


class Result:
    """One run of the suite: the checks of each scenario, and which scenarios count."""

    def __init__(self, folder, output, seconds):
        self.seconds = seconds
        self.checks = {}  # scenario -> {check: {status: how often}}
        self.messages = {}  # (scenario, check) -> what the suite said of a failure
        for file in sorted(folder.glob("server-*/checks.json")):
            name = re.fullmatch(r"server-(.*)-\d{4}-\d\d-\d\dT[\d-]+Z", file.parent.name)
            if not name:
                raise harness.HarnessError(f"{file}: not named as this suite names its results")
            counts = self.checks.setdefault(name[1], collections.defaultdict(collections.Counter))
            for check in json.loads(file.read_text()):
                counts[check["id"]][check["status"]] += 1
                if check["status"] == "FAILURE":
                    self.messages[name[1], check["id"]] = check.get("errorMessage") or check.get("description", "")
        summary = output.partition("=== SUMMARY ===")[2]
        found = re.findall(rf"^({MARK}) (\S+): (\d+) passed, (\d+) failed", summary, re.M)
        unscored = set(re.findall(rf"^  {MARK} (\S+) \([\w-]+\)$", summary.partition("Not scored for")[2], re.M))
        total = re.search(r"^Total: (\d+) passed, (\d+) failed", summary, re.M)
        if not found or not total:
            raise harness.HarnessError("the suite printed no summary:\n" + output[-2000:])
        # A scenario of which no check was reached passes for the suite, not for us.
        passing = {name: mark == "✓" and int(ok) > 0 for mark, name, ok, _ in found}
        self.scored = {name: ok for name, ok in passing.items() if name not in unscored}
        self.unscored = {name: ok for name, ok in passing.items() if name in unscored}
        self.passed, self.failed = int(total[1]), int(total[2])

    def scored_passed(self):
        return sum(self.scored.values())

    def count(self, scenario, check, status):
        return self.checks[scenario].get(check, {}).get(status, 0)

    def row(self, name, revision):
        return [name, revision, f"{self.scored_passed()}/{REQUIRED[revision]}",
                f"{sum(self.unscored.values())}/{len(self.unscored)}", self.passed, self.failed, f"{self.seconds:.1f}"]


def run_suite(url, revision, folder, timeout):
    folder.mkdir()
    began = time.monotonic()
    argv = [harness.NODE, SUITE, "server", "--url", url, "--requirements", revision, "-o", folder, "--timeout", "20000"]
    try:
        done = subprocess.run([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=timeout, check=False, cwd=folder,
                              env={**os.environ, "NO_COLOR": "1"})
    except subprocess.TimeoutExpired as error:
        raise harness.HarnessError(f"the suite at {url} ({revision}) did not end within {timeout} s") from error
    (folder / "output.txt").write_text(done.stdout)
    return Result(folder, done.stdout, time.monotonic() - began)


def worse(case, alone, router):
    """What the router does worse than the server alone, a line each."""
    found = []
    if router.scored_passed() < REQUIRED[case.revision]:
        failing = sorted(n for n, ok in router.scored.items() if not ok) or ["not all were run"]
        found.append(f"{router.scored_passed()} of {REQUIRED[case.revision]} scored scenarios pass; {', '.join(failing)}")
    skipped = NOT_OVER_SSE if case.entrance == "sse" else set()
    for scenario, checks in alone.checks.items():
        if scenario in skipped:
            continue
        if scenario not in router.checks:
            found.append(f"{scenario}: did not run")
            continue
        for check in sorted(set(checks) | set(router.checks[scenario])):
            more = router.count(scenario, check, "FAILURE") > alone.count(scenario, check, "FAILURE")
            # Some checks are made once a message, so their number may differ; one that never succeeds is lost.
            lost = alone.count(scenario, check, "SUCCESS") > 0 and router.count(scenario, check, "SUCCESS") == 0
            if more or lost:
                found.append(f"{scenario}: {check}: {router.messages.get((scenario, check), 'not reached')}")
    if not skipped and router.failed > alone.failed:
        found.append(f"{router.failed} checks fail, {alone.failed} of the server alone")
    return found


def details(case, alone, router):
    def counts(run, scenario):
        checks = run.checks.get(scenario, {}).values()
        return "/".join(str(sum(c[s] for c in checks)) for s in ("SUCCESS", "FAILURE"))

    rows = [[s, "scored" if s in alone.scored else "", counts(alone, s), counts(router, s)] for s in alone.checks]
    return f"\n{case.about}\n{harness.table(rows, ['scenario', '', 'alone pass/fail', 'router pass/fail'])}\n"


def configuration(stack, legacy, modern):
    """Three services: one for each era, and one with an instance of each."""
    def instance(server, era):
        return {"host": "127.0.0.1", "port": server.port, "path": server.path, "protocol": "mcp-streamable", "eras": [era]}

    one, two = instance(legacy, "handshake"), instance(modern, "stateless")
    services = [{"name": "conf-legacy", "instances": [one]}, {"name": "conf-modern", "instances": [two]},
                {"name": "conf", "instances": [one, two]}]
    file = stack.dir / "application.yml"
    file.write_text(json.dumps({"mcp": {"router": {"services": services}}}, indent=2))  # JSON is YAML
    return file


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--direct", action="store_true", help="the reference servers alone")
    parser.add_argument("--only", default="", help="comma-separated cases")
    parser.add_argument("--list", action="store_true", help="show the cases, and exit")
    parser.add_argument("--details", action="store_true", help="print the counts of every scenario, and every fault")
    parser.add_argument("--timeout", type=int, default=180, help="seconds for one run of the suite (180)")
    options = parser.parse_args()
    if options.list:
        print(harness.table([[c.name, c.revision, c.about] for c in CASES], ["case", "revision", "what"]))
        return 0
    names = [n for n in options.only.split(",") if n] or [c.name for c in CASES]
    if unknown := set(names) - {c.name for c in CASES}:
        parser.error(f"no such case: {', '.join(sorted(unknown))} (--list shows all)")
    cases = [c for c in CASES if c.name in names]
    if not SUITE.exists():
        raise harness.HarnessError(f"{SUITE} is missing: run tests/tools/install.sh first")

    rows, faults, passed, printed = [], [], 0, []
    with harness.Stack("conformance") as stack:
        legacy, modern = stack.go_server(stateless=False), stack.go_server(stateless=True)
        alone = {}
        for revision, server in (("2025-11-25", legacy), ("2026-07-28", modern)):
            if not any(c.revision == revision for c in cases):
                continue
            alone[revision] = run_suite(server.url, revision, stack.dir / f"alone-{revision}", options.timeout)
            rows.append(alone[revision].row("server alone", revision))
            if alone[revision].scored_passed() < REQUIRED[revision]:
                faults.append(("server alone", ["the reference server itself does not pass: the judge is not in order"]))
            elif options.direct:
                passed += 1
        if not options.direct:
            router = stack.router(None, "--drain.announce=0s", config=configuration(stack, legacy, modern))
            for case in cases:
                url = router.mcp(case.service)
                if case.entrance == "sse":
                    port = harness.free_port()
                    stack.serve("sse-bridge", [harness.NODE, BRIDGE, port, router.sse(case.service)], port)
                    url = f"http://127.0.0.1:{port}/"
                result = run_suite(url, case.revision, stack.dir / case.name, options.timeout)
                rows.append(result.row(case.name, case.revision))
                found = worse(case, alone[case.revision], result)
                if not router.alive():
                    found.append(f"the router ended with {router.proc.returncode}:\n{router.tail()}")
                if found:
                    faults.append((case.name, found))
                else:
                    passed += 1
                if options.details:
                    printed.append(details(case, alone[case.revision], result))
                if not router.alive():
                    break
        print(*printed, sep="")
        print(harness.table(rows, ["case", "revision", "scored", "unscored", "checks passed", "checks failed", "seconds"]))
        for name, lines in faults:
            shown = lines if options.details else [line.splitlines()[0][:300] for line in lines[:SHOWN]]
            if len(lines) > len(shown):
                shown.append(f"and {len(lines) - len(shown)} more (--details shows all)")
            print(f"\n{name}:", *shown, sep="\n  ")
        print(f"\nconformance: {passed} passed, {len(faults)} failed")
        if faults:
            raise SystemExit(1)  # leaving the stack by an exception keeps its logs
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except harness.HarnessError as error:
        print(f"conformance: {error}\nconformance: 0 passed, 1 failed", file=sys.stderr)
        sys.exit(1)
