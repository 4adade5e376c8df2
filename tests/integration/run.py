#!/usr/bin/env python3
"""Runs the integration tests: every test_*.py beside this file, by unittest.

    tests/integration/run.py                      all of them
    tests/integration/run.py --short              only those whose class says `short = True` (the sanitizer runs)
    tests/integration/run.py sse streams.TestHome files, classes or methods whose name contains the word
    tests/integration/run.py --repeat 10          the whole ten times
    tests/integration/run.py --set tests/nacos    those of another folder
    MCPR_BUILD=build/asan tests/integration/run.py   another build than build/release

A test file imports `harness` and defines unittest.TestCase classes; what it starts it ends.
"""

import argparse
import os
import signal
import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
import harness  # noqa: E402


def cases(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from cases(item)
        else:
            yield item


class Report(unittest.TextTestResult):
    """Says how long each test took; a slow test should be seen."""

    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test):
        unittest.TestResult.addSuccess(self, test)
        if self.showAll:
            self.stream.writeln(f"ok ({time.monotonic() - self.began:.2f} s)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="only tests whose full name contains one of these")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--set", type=Path, default=HERE, help="the folder of the tests")
    parser.add_argument("--fail-fast", action="store_true")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    folder = options.set.resolve()
    if folder != HERE:
        sys.path.insert(0, str(folder))
    router = harness.BUILD / "bin/mcp-router"
    if not options.list and not os.access(router, os.X_OK):
        print(f"{router} is missing: build it first (cmake --preset release && cmake --build --preset release)", file=sys.stderr)
        return 1
    # Told to end, it takes with it what tests have started and what they share.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    total = failed = skipped = 0
    for round_number in range(options.repeat):
        # A loader of its own each round: suites drop their tests as they run.
        chosen = unittest.TestSuite()
        for test in cases(unittest.TestLoader().discover(str(folder), "test_*.py", str(folder))):
            broken = type(test).__name__ == "_FailedTest"
            if options.short and not broken and not getattr(type(test), "short", False):
                continue
            if options.words and not broken and not any(w in test.id() for w in options.words):
                continue
            chosen.addTest(test)
        if options.list:
            print(*[t.id() for t in cases(chosen)], sep="\n")
            return 0
        if options.repeat > 1:
            print(f"round {round_number + 1} of {options.repeat}")
        result = unittest.TextTestRunner(verbosity=2, resultclass=Report, failfast=options.fail_fast, buffer=False).run(chosen)
        bad = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
        total += result.testsRun - len(result.skipped)
        failed += bad
        skipped += len(result.skipped)
        if bad and options.fail_fast:
            break
    print(f"{folder.name}: {max(0, total - failed)} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.exit(main())
