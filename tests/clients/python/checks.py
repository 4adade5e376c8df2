"""The checks that both Python clients make; what differs between the two major versions of the SDK comes as an adapter.

Prints one JSON line a check: {check, ok, detail}; `skip` says why this pairing cannot show it.
"""

import json
import os
import sys
import time
import traceback

import anyio

WAIT = 10.0
ROOT_URI = "file:///srv/router-test"
SAMPLED = "sampled by the test client"
ELICITED = {"name": "Ada Lovelace", "check": True, "integer": 7}


class Inbox:
    """What handlers were given; `next` waits for an entry that matches and takes it."""

    def __init__(self):
        self._entries = []
        self._changed = anyio.Event()

    def put(self, entry):
        self._entries.append(entry)
        self._changed.set()
        self._changed = anyio.Event()

    async def next(self, match, what):
        with anyio.move_on_after(WAIT):
            while True:
                changed = self._changed
                for entry in self._entries:
                    if match(entry):
                        self._entries.remove(entry)
                        return entry
                await changed.wait()
        raise TimeoutError(f"{what}: nothing within {WAIT:g} s; there is {self._entries[-3:]}")


def said(error):
    """What an error says; a group of errors, what its first says."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"


class Report:
    def __init__(self):
        self.failed = 0

    def say(self, **line):
        print(json.dumps(line), flush=True)

    async def check(self, name, body, *arguments):
        try:
            with anyio.fail_after(3 * WAIT):
                detail = await body(*arguments)
            self.say(check=name, ok=True, detail=detail or "")
        except Exception as error:
            self.failed += 1
            traceback.print_exc()
            self.say(check=name, ok=False, detail=said(error))


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


async def until(look, good, what):
    """Asks until the answer is good."""
    end = time.monotonic() + WAIT
    while True:
        answer = await look()
        if good(answer):
            return answer
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: {answer}")
        await anyio.sleep(0.05)


async def tools_list(c):
    def good(names):
        return "trigger-sampling-request" in names

    # Tools that need a capability of the client appear once `initialized` has been handled.
    names = await until(c.tool_names, good, "trigger-sampling-request is missing")
    for name in ("echo", "get-sum", "trigger-elicitation-request", "get-roots-list"):
        expect(name in names, f"{name} is missing: {names}")
    return f"{len(names)} tools"


async def tools_call(c):
    message = 'Grüße, 世界 🌍 "quoted" \\ \u2028 ' + "x" * 20_000
    expect((await c.call("echo", {"message": message})).text == f"Echo: {message}", "echo: not what was sent")
    expect("42" in (await c.call("get-sum", {"a": 20, "b": 22})).text, "get-sum: not 42")
    weather = await c.call("get-structured-content", {"location": "Chicago"})
    expect(isinstance((weather.structured or {}).get("temperature"), (int, float)), "no structured content")
    expect((await c.call("get-sum", {"a": "x"})).error, "wrong arguments were accepted")


async def parallel(c):
    texts = {}

    async def one(i):
        texts[i] = (await c.call("echo", {"message": f"no {i}"})).text

    async with anyio.create_task_group() as group:
        for i in range(40):
            group.start_soon(one, i)
    expect(all(texts[i] == f"Echo: no {i}" for i in range(40)), f"answers were mixed up: {texts}")
    return "40 calls at once"


async def progress(c):
    seen = []

    async def on_progress(step, total, _message):
        seen.append(f"{step:g}/{total:g}")

    result = await c.call("trigger-long-running-operation", {"duration": 0.5, "steps": 5}, on_progress)
    expect("completed" in result.text, result.text)
    # A last step that is read together with the answer may be lost in the client.
    expect(len(seen) >= 4 and seen == [f"{i}/5" for i in range(1, len(seen) + 1)], f"progress: {seen}")
    return " ".join(seen)


async def sampling(c):
    result = await c.call("trigger-sampling-request", {"prompt": "say it"})
    expect(SAMPLED in result.text, result.text)


async def elicitation(c):
    result = await c.call("trigger-elicitation-request", {})
    expect(ELICITED["name"] in result.text, result.text)


async def roots(c):
    async def look():
        return (await c.call("get-roots-list", {})).text

    await until(look, lambda text: ROOT_URI in text, "the client's root is missing")


async def logging(c):
    await c.set_level("debug")
    await c.call("toggle-simulated-logging", {})
    level, _ = await c.logs.next(lambda entry: "level" in str(entry[1]) and "message" in str(entry[1]), "a log message")
    await c.call("toggle-simulated-logging", {})
    return level


async def subscription(c):
    uri = "demo://resource/dynamic/text/1"
    expect(await c.read(uri) == uri, "resources/read: another resource")
    await c.subscribe(uri)
    await c.call("toggle-subscriber-updates", {})
    await c.updates.next(lambda entry: entry == uri, "notifications/resources/updated")
    await c.call("toggle-subscriber-updates", {})
    await c.unsubscribe(uri)


async def prompts(c):
    names = await c.prompt_names()
    expect("args-prompt" in names, f"args-prompt is missing: {names}")
    expect("Oslo" in await c.prompt("args-prompt", {"city": "Oslo", "state": "Norway"}), "the argument is missing")
    values = await c.complete("completable-prompt", "department", "E")
    expect("Engineering" in values, f"completion: {values}")


async def cancellation(c):
    began = time.monotonic()
    await c.cancel_after_first_step("trigger-long-running-operation", {"duration": 2, "steps": 8})
    expect(time.monotonic() - began < 1.5, f"the call ended only after {time.monotonic() - began:.1f} s")
    expect((await c.call("echo", {"message": "on"})).text == "Echo: on", "echo failed after it")
    # A server that was told sends no answer; one that was not would answer after two seconds.
    await anyio.sleep(2.3 - (time.monotonic() - began))
    expect(not c.stray, f"the server was not told: {c.stray}")


async def reconnection(c):
    # The relay in front cuts this answer after its second step; the transport is to come back for the rest.
    result = await c.call("trigger-long-running-operation", {"duration": 0.9, "steps": 6}, c.ignore_progress)
    expect("completed" in result.text, result.text)


CHECKS = [tools_list, tools_call, parallel, progress, sampling, elicitation, roots, logging, subscription, prompts, cancellation]


async def main(connect):
    if len(sys.argv) != 4:
        sys.exit(f"usage: {sys.argv[0]} http|sse URL http|sse   (transport of the client, its URL, transport of the server)")
    client_transport, url, server_transport = sys.argv[1:]
    report = Report()
    connected = False
    try:
        async with connect(client_transport, url) as c:
            connected = True

            async def introduced():
                expect(c.server_name == "mcp-servers/everything", f"the server is {c.server_name}")
                expect(len(c.instructions or "") > 100, "the instructions are missing")
                return c.server_name

            await report.check("connect", introduced)
            for body in CHECKS:
                await report.check(body.__name__.replace("_", "-"), body, c)
            if os.environ.get("MCPR_CUTTER"):
                await report.check("reconnection", reconnection, c)
            else:
                report.say(check="reconnection", skip="needs streamable HTTP on both sides and the relay of run.py")
        report.say(check="close", ok=True, detail="")
    except BaseException as error:
        report.failed += 1
        traceback.print_exc()
        report.say(check="close" if connected else "connect", ok=False, detail=said(error))
    sys.exit(1 if report.failed else 0)
