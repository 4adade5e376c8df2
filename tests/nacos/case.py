"""What the tests with a real Nacos share: one server for the whole run, a namespace for each test, the router with a source
in it, and looks through the eyes of a client."""

import atexit
import contextlib
import http.client
import itertools
import json
import shutil
import tempfile
import threading
import time
import unittest
import urllib.parse
from pathlib import Path

from harness import NODE, TOOLS, HarnessError, McpSession, call, free_port, request, stateless, wait_for
from registry import Registry
from server import NacosServer

CLIENTS = Path(__file__).resolve().parent / "clients"
PYTHON = TOOLS / "python/nacos/bin/python"
_numbers = itertools.count(1)
_shared = []


def shared_server():
    """Started by the first who asks, ended with this process."""
    if not _shared:
        home = tempfile.mkdtemp(prefix="mcpr-nacos-")
        began = time.monotonic()
        # Names with any characters: the check is Nacos' own and can be off.
        server = NacosServer(home, properties={"nacos.core.param.check.enabled": "false"}).launch()
        _shared.append(server)
        atexit.register(lambda: (server.stop(), shutil.rmtree(home, ignore_errors=True)))
        server.wait_ready()
        print(f"Nacos {server.address} was ready after {time.monotonic() - began:.1f} s")
    return _shared[0]


class NacosCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nacos = shared_server()

    def namespace(self, server=None, **login):
        """A Nacos without anything in it, as far as clients see."""
        registry = Registry(server or self.nacos, f"test-{next(_numbers)}", **login)
        registry.create_namespace(registry.namespace)
        return registry


def source(of, **more):
    """The configuration of a source that reads this namespace."""
    return {"server-addr": of.server.address, "namespace": of.namespace, **more}


def configuration(stack, order=("nacos",), nacos=None, router=None, **more):
    """An application.yml; `nacos`: the section of the plugin, `router`: further keys of mcp.router."""
    tree = {"mcp": {"router": {"discovery-order": list(order), "plugins": None, **(router or {})}}, **more}
    del tree["mcp"]["router"]["plugins"]
    if nacos is not None:
        tree["spring"] = {"ai": {"alibaba": {"mcp": {"nacos": nacos}}}}
    path = stack.dir / f"application-{next(_numbers)}.yml"
    path.write_text(json.dumps(tree, indent=1))
    return path


def router_on(stack, registry, *arguments, router=None, ready=True, **more):
    return stack.router(None, *arguments, config=configuration(stack, nacos=source(registry, **more), router=router), ready=ready)


# ---- the router seen from its admin listener ----------------------------------------------------------------------------

def admin(router, path):
    port = next(a for a in router.argv if a.startswith("--admin.port=")).split("=")[1]
    return request("GET", f"http://127.0.0.1:{port}{path}")


def service(router, name):
    """What the admin listener says of a service; None where it knows none."""
    answer = admin(router, "/admin/api/services/" + urllib.parse.quote(name, safe=""))
    return json.loads(answer.body) if answer.status == 200 else None


def service_names(router):
    return {s["name"] for s in json.loads(admin(router, "/admin/api/services").body)["services"]}


def source_state(router, name="nacos"):
    return next(s for s in json.loads(admin(router, "/admin/api/sources").body) if s["name"] == name)


def until_service(router, name, check=lambda s: s["routable"], timeout=10, what="published"):
    """Waits until the service is there and as wanted, and gives it."""
    def look():
        found = service(router, name)
        return found if found and "source" in found and check(found) else None
    try:
        return wait_for(look, timeout, f"the service {name}: {what}")
    except Exception as error:
        raise type(error)(f"{error}\nthe router has: {service(router, name)}\n{router.tail(15)}") from None


# ---- the router seen by a client ----------------------------------------------------------------------------------------

def url_of(router, name):
    return router.mcp(urllib.parse.quote(name, safe=""))


def known(router, name):
    """Whether a client is told that there is such a service."""
    return request("POST", url_of(router, name), call("ping"), {"Content-Type": "application/json"}).status != 404


def who(router, name):
    """Which demo server answers a client's call of the stateless era, which needs streamable HTTP; None where it fails."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        answer = stateless(url_of(router, name), "tools/call", {"name": "count", "arguments": {}}, timeout=5)
        if answer.status == 200 and "result" in (message := answer.message()):
            return message["result"]["structuredContent"]["name"]
    return None


def connect(router, name):
    """A client's session; its serverInfo.name is the demo server's."""
    session = McpSession(url_of(router, name))
    return session, session.initialized["result"]["serverInfo"]["name"]


def opens(router, name):
    """Whether a client can open a session."""
    try:
        connect(router, name)
        return True
    except (HarnessError, KeyError):
        return False


class Traffic:
    """Clients that call without a pause, each on a connection of its own, and remember what failed."""

    def __init__(self, url, connections=16):
        self.url, self.calls, self.failed, self._end = url, 0, [], threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(connections)]
        for thread in self._threads:
            thread.start()

    def _run(self):
        parts = urllib.parse.urlsplit(self.url)
        session = None
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
        number = 0
        while not self._end.is_set():
            number += 1
            try:
                if session is None:
                    session = McpSession(self.url)
                text = f"call {number}"
                body = json.dumps(call("tools/call", {"name": "echo", "arguments": {"text": text}}, number))
                connection.request("POST", parts.path, body, session.headers())
                answer = connection.getresponse()
                said = answer.read().decode("utf-8", "replace")
                good = answer.status == 200 and '"result"' in said and text in said
                problem = None if good else f"{answer.status} {said[:300]}"
            except Exception as error:  # whatever it is, it is a call that failed
                problem = repr(error)
                connection.close()
            with self._lock:
                self.calls += 1
                if problem:
                    self.failed.append((time.monotonic(), problem))
            # As fast as a few people, not as a load generator: Nacos shares the machine.
            self._end.wait(0.02)
        connection.close()

    def wait_calls(self, more=50, timeout=20):
        """Until so many further calls are through."""
        goal = self.calls + more
        wait_for(lambda: self.calls >= goal, timeout, f"{more} further calls")

    def end(self):
        self._end.set()
        for thread in self._threads:
            thread.join(25)
        return self.calls, self.failed


# ---- programs that register themselves ----------------------------------------------------------------------------------

def own_home(stack):
    """Clients of Nacos keep logs and caches in the home folder."""
    return {"HOME": str(stack.dir), "USERPROFILE": str(stack.dir)}


def mcp_server(stack, registry, name, transport="streamable-http", version="1.0.0", port=None):
    """A real MCP server that registers itself; its tool `who` answers with its port."""
    port = port or free_port()
    return stack.serve(f"mcp-{name}", [PYTHON, CLIENTS / "mcp_server.py", registry.server.address, registry.namespace, name, port,
                                       transport, version], port, "/mcp" if transport != "sse" else "/sse", own_home(stack), 60)


def registrar(stack, kind, registry, group, service_name, port, **metadata):
    """A process that keeps an instance registered: `grpc` (nacos-sdk-python) or `http` (npm's nacos)."""
    program = [PYTHON, CLIENTS / "register_grpc.py"] if kind == "grpc" else [NODE, CLIENTS / "register_http.js"]
    process = stack.run(f"register-{kind}", [*program, registry.server.address, registry.namespace, group, service_name, port,
                                             *[f"{k}={v}" for k, v in metadata.items()]],
                        {**own_home(stack), "NODE_PATH": str(TOOLS / "node-nacos/node_modules")})
    wait_for(lambda: "registered" in process.log.read_text() or not process.alive(), 30, "the registration")
    if not process.alive():
        raise AssertionError(process.tail())
    return process
