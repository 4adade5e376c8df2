"""What every test from outside needs: processes that are ended by their own id, free ports, readiness without sleeping,
a small HTTP/SSE client that shows the bytes as they are, and the router itself. Python's standard library only.

    with Stack() as stack:
        demo = stack.demo_server()
        router = stack.router(upstreams={"demo": demo.url})
        session = McpSession(router.mcp("demo"))
"""

import base64
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("MCPR_BUILD", ROOT / "build/release"))
TOOLS = Path(os.environ.get("MCPR_TOOLS", ROOT / "build/test-tools"))
NODE_MODULES = TOOLS / "node/node_modules"
NODE = NODE_MODULES / ".bin/node"
GO_BIN = TOOLS / "go/bin"
BOTH = "application/json, text/event-stream"


class HarnessError(Exception):
    pass


_given_ports = set()


def free_port():
    """A port that nobody listens on now and that this process has not handed out before."""
    for _ in range(200):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        if port not in _given_ports:
            _given_ports.add(port)
            return port
    raise HarnessError("no free port on 127.0.0.1")


def wait_for(check, timeout=10.0, what="the condition", pause=0.01):
    """Polls until check() is true-ish and returns that value; names what did not happen when time is up."""
    end = time.monotonic() + timeout
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() >= end:
            raise HarnessError(f"{what} did not happen within {timeout:g} s")
        time.sleep(pause)


def listening(port, host="127.0.0.1"):
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


class Process:
    """A program of ours with its output in a file; ended by its own process id (and that of its group)."""

    def __init__(self, name, argv, log_dir, env=None, cwd=None, group=True):
        self.name, self.argv = name, [str(a) for a in argv]
        self.log = Path(log_dir) / f"{name}.log"
        out = open(self.log, "ab")
        merged = dict(os.environ)
        merged.update(env or {})
        self._own_group = group
        try:
            self.proc = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=merged, cwd=cwd,
                start_new_session=group)
        except OSError as error:
            raise HarnessError(f"{name}: cannot start {self.argv[0]}: {error}") from error
        finally:
            out.close()

    @property
    def pid(self):
        return self.proc.pid

    def alive(self):
        return self.proc.poll() is None

    def tail(self, lines=25):
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        return ""

    def wait_port(self, port, timeout=20.0):
        def check():
            if not self.alive():
                raise HarnessError(f"{self.name} ended with {self.proc.returncode} before it listened:\n{self.tail()}")
            return listening(port)
        try:
            wait_for(check, timeout, f"{self.name} listening on port {port}")
        except HarnessError as error:
            raise HarnessError(f"{error}\n{self.tail()}") from None
        return self

    def signal(self, number):
        if self.alive():
            os.kill(self.pid, number)

    def stop(self, timeout=8.0):
        """SIGTERM, then SIGKILL after the time-out, then the rest of its group. Returns the exit code."""
        if self.alive():
            self.proc.terminate()
            try:
                self.proc.wait(timeout)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                self.proc.wait(timeout)
        if self._own_group:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
        return self.proc.returncode

    def kill(self):
        if self.alive():
            self.proc.kill()
        self.proc.wait(5)


# ---- what /proc knows of a process --------------------------------------------------------------------------------

_TICK = os.sysconf("SC_CLK_TCK")


def children(pid):
    with contextlib.suppress(OSError):
        found = []
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(c) for c in (task / "children").read_text().split()]
        return found
    return []


def tree(pid):
    pids, at = [pid], 0
    while at < len(pids):
        pids += children(pids[at])
        at += 1
    return pids


def cpu_seconds(pid):
    """utime + stime of a process, its threads and its children (nginx's worker, HAProxy's)."""
    total = 0
    for one in tree(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / _TICK


def memory_kb(pid):
    """RssAnon and VmRSS of a process and its children, in KB."""
    anon = rss = 0
    for one in tree(pid):
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{one}/status").read_text()
            anon += int(re.search(r"RssAnon:\s+(\d+)", text)[1])
            rss += int(re.search(r"VmRSS:\s+(\d+)", text)[1])
    return anon, rss


# ---- HTTP as it is ------------------------------------------------------------------------------------------------

class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        return next((v for k, v in self.headers if k.lower() == name.lower()), None)

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def events(self):
        return list(parse_events(self.body.splitlines(keepends=True)))

    def messages(self):
        """The JSON-RPC messages in the body, whether it is JSON or SSE."""
        if (self.header("content-type") or "").startswith("text/event-stream"):
            return [json.loads(e["data"]) for e in self.events() if e.get("data")]
        if not self.body.strip():
            return []
        value = json.loads(self.body)
        return value if isinstance(value, list) else [value]

    def message(self):
        """The one message that answers: the last with a result or an error."""
        answers = [m for m in self.messages() if "result" in m or "error" in m]
        if not answers:
            raise HarnessError(f"no answer in HTTP {self.status}: {self.text[:400]!r}")
        return answers[-1]

    def __repr__(self):
        return f"<{self.status} {self.text[:300]!r}>"


def split_url(url):
    parts = urllib.parse.urlsplit(url)
    return parts.hostname, parts.port or 80, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def request(method, url, body=None, headers=None, timeout=15.0, host=True):
    """One request on a connection of its own. `headers`: a dict or a list of pairs (for duplicates); body: bytes, str or
    anything that becomes JSON."""
    name, port, path = split_url(url)
    if body is not None and not isinstance(body, (bytes, str)):
        body = json.dumps(body)
    if isinstance(body, str):
        body = body.encode()
    pairs = list(headers.items()) if isinstance(headers, dict) else list(headers or [])
    connection = http.client.HTTPConnection(name, port, timeout=timeout)
    try:
        connection.putrequest(method, path, skip_host=not host or any(k.lower() == "host" for k, _ in pairs),
                              skip_accept_encoding=True)
        for key, value in pairs:
            connection.putheader(key, value)
        if body is not None and not any(k.lower() in ("content-length", "transfer-encoding") for k, _ in pairs):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())
    finally:
        connection.close()


def parse_events(lines):
    """Server-sent events from an iterable of byte lines; comments come as {'comment': text}."""
    event, data = {}, []
    for raw in lines:
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if not line:
            if event or data:
                if data:
                    event["data"] = "\n".join(data)
                yield event
            event, data = {}, []
        elif line.startswith(":"):
            yield {"comment": line[1:].lstrip()}
        else:
            field, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            if field == "data":
                data.append(value)
            else:
                event[field] = value


class EventStream:
    """An SSE answer read by a thread of its own into a list; wait() looks for an event and consumes it."""

    def __init__(self, method, url, headers=None, body=None, timeout=120.0):
        name, port, path = split_url(url)
        self.connection = http.client.HTTPConnection(name, port, timeout=timeout)
        given = {"Accept": "text/event-stream" if method == "GET" else BOTH}
        if body is not None:
            given["Content-Type"] = "application/json"
            body = body if isinstance(body, (bytes, str)) else json.dumps(body)
        given.update(headers or {})
        self.connection.request(method, path, body=body, headers=given)
        self.socket = self.connection.sock
        self.response = self.connection.getresponse()
        self.status = self.response.status
        self.received, self._unread, self.ended, self.error = [], [], False, None
        self._changed = threading.Condition()
        self.thread = None
        if self.status == 200:
            self.thread = threading.Thread(target=self._read, daemon=True)
            self.thread.start()
        else:
            self.text = self.response.read().decode("utf-8", "replace")
            self.ended = True

    def header(self, name):
        return self.response.getheader(name)

    def _lines(self):
        while True:
            line = self.response.readline()
            if not line:
                return
            yield line

    def _read(self):
        try:
            for event in parse_events(self._lines()):
                with self._changed:
                    self.received.append(event)
                    self._unread.append(event)
                    self._changed.notify_all()
        except (OSError, ValueError, http.client.HTTPException, AttributeError) as error:
            self.error = error
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    def wait(self, match=lambda e: "comment" not in e, timeout=10.0, what="an event"):
        end = time.monotonic() + timeout
        with self._changed:
            while True:
                for event in self._unread:
                    if match(event):
                        self._unread.remove(event)
                        return event
                left = end - time.monotonic()
                if left <= 0 or self.ended:
                    state = "the stream ended" if self.ended else f"none within {timeout:g} s"
                    raise HarnessError(f"{what}: {state}; seen: {self.received[-5:]}")
                self._changed.wait(left)

    def wait_message(self, match=lambda m: True, timeout=10.0, what="a message"):
        def is_it(event):
            if not event.get("data") or event.get("event", "message") != "message":
                return False
            with contextlib.suppress(ValueError):
                return match(json.loads(event["data"]))
            return False
        return json.loads(self.wait(is_it, timeout, what)["data"])

    def wait_end(self, timeout=10.0):
        end = time.monotonic() + timeout
        with self._changed:
            while not self.ended:
                left = end - time.monotonic()
                if left <= 0:
                    raise HarnessError(f"the stream did not end within {timeout:g} s")
                self._changed.wait(left)

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        if self.thread:
            self.thread.join(5)
        self.connection.close()


# ---- MCP ------------------------------------------------------------------------------------------------------------

def call(method, params=None, id=1):
    message = {"jsonrpc": "2.0", "method": method}
    if id is not None:
        message["id"] = id
    if params is not None:
        message["params"] = params
    return message


class McpSession:
    """A handshake-era session over streamable HTTP, one connection a request."""

    def __init__(self, url, version="2025-11-25", capabilities=None, headers=None, open=True, client="harness"):
        self.url, self.version, self.extra = url, version, dict(headers or {})
        self.session, self.next_id, self.initialized = None, 1, None
        if open:
            answer = self.post(call("initialize", {"protocolVersion": version, "capabilities": capabilities or {},
                                                   "clientInfo": {"name": client, "version": "1"}}, id=0))
            if answer.status != 200:
                raise HarnessError(f"initialize at {url}: {answer}")
            self.initialized = answer.message()
            self.session = answer.header("mcp-session-id")
            if "result" in self.initialized:
                self.version = self.initialized["result"]["protocolVersion"]
                self.notify("notifications/initialized")

    def headers(self, accept=BOTH):
        h = {"Content-Type": "application/json", "Accept": accept}
        if self.session:
            h["Mcp-Session-Id"] = self.session
            h["MCP-Protocol-Version"] = self.version
        h.update(self.extra)
        return h

    def post(self, message, headers=None, timeout=15.0):
        return request("POST", self.url, message, {**self.headers(), **(headers or {})}, timeout)

    def call(self, method, params=None, id=None, timeout=15.0):
        if id is None:
            id, self.next_id = self.next_id, self.next_id + 1
        return self.post(call(method, params, id), timeout=timeout)

    def tool(self, name, arguments=None, meta=None, id=None, timeout=15.0):
        params = {"name": name, "arguments": arguments or {}}
        if meta:
            params["_meta"] = meta
        return self.call("tools/call", params, id, timeout)

    def notify(self, method, params=None):
        return self.post(call(method, params, id=None))

    def stream(self, last_event_id=None):
        headers = {k: v for k, v in self.headers("text/event-stream").items() if k != "Content-Type"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        return EventStream("GET", self.url, headers)

    def post_stream(self, message):
        return EventStream("POST", self.url, self.headers(), message)

    def delete(self):
        return request("DELETE", self.url, None, {k: v for k, v in self.headers().items() if k != "Content-Type"})


def stateless_parts(method, params=None, id=1, headers=None, capabilities=None, meta=None):
    """Headers and message of a request of the stateless era (2026-07-28), with the _meta that it requires."""
    params = dict(params or {})
    params["_meta"] = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                       "io.modelcontextprotocol/clientCapabilities": capabilities or {},
                       "io.modelcontextprotocol/clientInfo": {"name": "harness", "version": "1"},
                       **(meta or {}), **params.get("_meta", {})}
    h = {"Content-Type": "application/json", "Accept": BOTH, "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method}
    name = params.get("uri") if method == "resources/read" else params.get("name")
    if method in ("tools/call", "resources/read", "prompts/get") and name is not None:
        plain = name.isascii() and name.isprintable() and name == name.strip() and not name.startswith("=?")
        h["Mcp-Name"] = name if plain else f"=?base64?{base64.b64encode(name.encode()).decode()}?="
    h.update(headers or {})
    return {k: v for k, v in h.items() if v is not None}, call(method, params, id)


def stateless(url, method, params=None, id=1, headers=None, capabilities=None, meta=None, timeout=15.0):
    """One request of the stateless era."""
    given, message = stateless_parts(method, params, id, headers, capabilities, meta)
    return request("POST", url, message, given, timeout)


def stateless_stream(url, method, params=None, id=1):
    """The same where the answer is a stream: subscriptions/listen."""
    given, message = stateless_parts(method, params, id)
    return EventStream("POST", url, given, message)


class SseSession:
    """A client of the legacy HTTP+SSE transport (2024-11-05)."""

    def __init__(self, url, version="2024-11-05", capabilities=None, headers=None, open=True):
        self.extra = dict(headers or {})
        self.events = EventStream("GET", url, self.extra)
        if self.events.status != 200:
            raise HarnessError(f"GET {url}: {self.events.status} {self.events.text[:300]}")
        first = self.events.wait(what="the endpoint event")
        if first.get("event") != "endpoint":
            raise HarnessError(f"the first event is not `endpoint`: {first}")
        self.endpoint = first["data"]
        self.post_url = urllib.parse.urljoin(url, self.endpoint)
        self.next_id, self.initialized = 1, None
        if open:
            self.initialized = self.call("initialize", {"protocolVersion": version, "capabilities": capabilities or {},
                                                        "clientInfo": {"name": "harness", "version": "1"}}, id=0)
            self.notify("notifications/initialized")

    def post(self, message):
        return request("POST", self.post_url, message, {"Content-Type": "application/json", **self.extra})

    def send(self, message):
        answer = self.post(message)
        if answer.status != 202:
            raise HarnessError(f"POST {self.post_url}: {answer}")

    def call(self, method, params=None, id=None, timeout=15.0):
        if id is None:
            id, self.next_id = self.next_id, self.next_id + 1
        self.send(call(method, params, id))
        return self.events.wait_message(lambda m: m.get("id") == id and "method" not in m, timeout,
                                        f"the answer to {method}")

    def notify(self, method, params=None):
        self.send(call(method, params, id=None))

    def close(self):
        self.events.close()


# ---- programs under test ------------------------------------------------------------------------------------------

class Server(Process):
    """A process that serves HTTP on 127.0.0.1:port."""

    def __init__(self, name, argv, port, log_dir, path="/mcp", env=None, cwd=None):
        super().__init__(name, argv, log_dir, env, cwd)
        self.port, self.path = port, path

    @property
    def base(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self):
        return self.base + self.path


class Router(Server):
    def mcp(self, service=""):
        return f"{self.base}/mcp/{service}" if service else f"{self.base}/mcp"

    def sse(self, service=""):
        return f"{self.base}/sse/{service}" if service else f"{self.base}/sse"

    def ready(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return request("GET", f"{self.base}/actuator/health/readiness", timeout=2).status == 200
        return False


class Stack:
    """Everything a test starts, ended in reverse order; logs are kept when it fails (or with MCPR_KEEP_LOGS)."""

    def __init__(self, name="stack"):
        self.dir = Path(tempfile.mkdtemp(prefix=f"mcpr-{name}-"))
        self.processes, self._names = [], {}

    def __enter__(self):
        # A run that is told to end, or whose time is over, takes with it what it has started.
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
        return self

    def __exit__(self, kind, value, trace):
        for process in reversed(self.processes):
            process.stop()
        if kind is None and not os.environ.get("MCPR_KEEP_LOGS"):
            shutil.rmtree(self.dir, ignore_errors=True)
        elif kind is not KeyboardInterrupt:
            print(f"logs are in {self.dir}", file=sys.stderr)

    def _name(self, name):
        self._names[name] = self._names.get(name, 0) + 1
        return name if self._names[name] == 1 else f"{name}-{self._names[name]}"

    def add(self, process):
        self.processes.append(process)
        return process

    def serve(self, name, argv, port, path="/mcp", env=None, timeout=20.0, cwd=None):
        server = self.add(Server(self._name(name), argv, port, self.dir, path, env, cwd))
        return server.wait_port(port, timeout)

    def run(self, name, argv, env=None, cwd=None):
        return self.add(Process(self._name(name), argv, self.dir, env, cwd))

    def demo_server(self, port=None, name="demo", *args, path="/mcp"):
        port = port or free_port()
        return self.serve(f"demo-{name}", [BUILD / "bin/mcp-demo-server", "--port", port, "--name", name, *args], port, path)

    def go_server(self, stateless=False):
        """The Go SDK's reference server: one process serves one era."""
        port = free_port()
        return self.serve("go-everything-" + ("stateless" if stateless else "stateful"),
                          [GO_BIN / "everything-server", f"-http=127.0.0.1:{port}", f"-stateless={str(stateless).lower()}"],
                          port, path="/")

    def ts_server(self, transport="streamableHttp"):
        """@modelcontextprotocol/server-everything as `streamableHttp` (/mcp) or `sse` (/sse)."""
        port = free_port()
        return self.serve(f"ts-everything-{transport}",
                          [NODE, NODE_MODULES / "@modelcontextprotocol/server-everything/dist/index.js", transport], port,
                          path="/mcp" if transport == "streamableHttp" else "/sse",
                          env={"PORT": str(port), "HOST": "127.0.0.1"}, timeout=40)

    def router(self, upstreams=None, *args, port=None, name="router", env=None, config=None, ready=True, timeout=20.0):
        """The router, with services given as {name: url}; the admin listener gets a free port too."""
        port = port or free_port()
        argv = [BUILD / "bin/mcp-router", f"--server.port={port}", f"--admin.port={free_port()}", "--drain.announce=0s"]
        if (BUILD / "plugins").is_dir():
            argv.append(f"--plugins.directory={BUILD / 'plugins'}")
        if config:
            argv += ["--config", config]
        for service, url in (upstreams or {}).items():
            argv += ["--upstream", f"{service}={url}"]
        argv += args
        # Started elsewhere than in the source tree, so that no ./config/application.yml is taken by accident.
        router = self.add(Router(self._name(name), argv, port, self.dir, "/mcp", env, self.dir))
        router.wait_port(port, timeout)
        if ready:
            def check():
                if not router.alive():
                    raise HarnessError(f"the router ended with {router.proc.returncode}:\n{router.tail()}")
                return router.ready()
            try:
                wait_for(check, timeout, "the router's readiness")
            except HarnessError as error:
                raise HarnessError(f"{error}\n{router.tail()}") from None
        return router


# ---- reports ----------------------------------------------------------------------------------------------------------

def table(rows, header):
    """A Markdown table."""
    cells = [[str(c) for c in row] for row in [header, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(lines)
