#!/usr/bin/env python3
"""A real Nacos 3.1 for tests: standalone, on loopback and free ports, with bounded memory, ended by its process id.

    tests/nacos/server.py start [--port N] [--auth] [--token-ttl S] [--home DIR] [--fresh] [--property KEY=VALUE]...
    tests/nacos/server.py stop [--home DIR]

gRPC is on N+1000. tests/tools/install.sh has put the jars together. Tests use the class NacosServer.
"""

import argparse
import http.client
import os
import random
import shutil
import signal
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
sys.dont_write_bytecode = True
from harness import TOOLS, HarnessError, Process, request, wait_for  # noqa: E402

JARS = TOOLS / "nacos/server"
USER, PASSWORD = "nacos", "nacos-test-password"
# Less than a minute on an idle machine; four times as much where others build beside it.
START_TIMEOUT = 240


def bindable(port):
    with socket.socket() as s:
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports():
    """A port N with N+1000 (gRPC), N+1001 (gRPC among servers) and N-1000 (raft) free, below those that the kernel gives away."""
    for _ in range(200):
        port = random.randrange(12000, 30000)
        if all(bindable(port + offset) for offset in (0, 1000, 1001, -1000)):
            return port
    raise HarnessError("no four free ports for Nacos")


def settings(port, home, auth, token_ttl, more):
    lines = {
        "nacos.server.main.port": port,
        "nacos.server.contextPath": "/nacos",
        "nacos.deployment.type": "server",
        "server.address": "127.0.0.1",
        "server.tomcat.basedir": f"file:{home}",
        "server.error.include-message": "ALWAYS",
        "management.elastic.metrics.export.enabled": "false",
        "management.influx.metrics.export.enabled": "false",
        "nacos.core.auth.system.type": "nacos",
        "nacos.core.auth.enabled": str(auth).lower(),
        # On by default even where auth.enabled is off.
        "nacos.core.auth.admin.enabled": str(auth).lower(),
        "nacos.core.auth.console.enabled": str(auth).lower(),
        # A cache would refuse a new user for up to 15 seconds.
        "nacos.core.auth.caching.enabled": "false",
        "nacos.core.auth.server.identity.key": "mcp-router-test",
        "nacos.core.auth.server.identity.value": "mcp-router-test",
        "nacos.core.auth.plugin.nacos.token.expire.seconds": token_ttl,
        "nacos.core.auth.plugin.nacos.token.secret.key": "bWNwLXJvdXRlci10ZXN0LW1jcC1yb3V0ZXItdGVzdC0wMDE=",
        "nacos.naming.empty-service.auto-clean": "false",
        # Derby beside a compiler: its default of three seconds ends the start.
        "db.pool.config.connectionTimeout": 60000,
        "nacos.extension.ai.enabled": "true",
        **more,
    }
    return "".join(f"{key}={value}\n" for key, value in lines.items())


def command(port, home, heap):
    jar = next((JARS / "lib").glob("hessian-4*.jar"))
    return ["java", "-Xms128m", f"-Xmx{heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
            "-Dnacos.standalone=true", f"-Dnacos.home={home}", f"-Duser.home={home}", f"-Dnacos.logs.path={home}/logs",
            "-Dnacos.deployment.type=server", "-Dnacos.server.ip=127.0.0.1", "-Dnacos.inetutils.ip-address=127.0.0.1",
            "-Dnacos.remote.grpc.listen.ip=127.0.0.1",
            # Two jars hold classes of the same names: with this one later, the server does not start.
            "-cp", f"{JARS}/classes:{jar}:{JARS}/lib/*", "Launcher",
            "--logging.config=classpath:META-INF/logback/nacos.xml", f"--spring.config.additional-location=file:{home}/conf/"]


class NacosServer:
    """A server and its data, which outlive a stop: start() again finds them."""

    def __init__(self, home, port=None, auth=False, token_ttl=18000, properties=None, heap="640m"):
        if not (JARS / "classes").is_dir():
            raise HarnessError(f"there is no Nacos in {JARS}: run tests/tools/install.sh")
        self.home, self.port, self.auth = Path(home), port or free_ports(), auth
        for folder in ("conf", "logs"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        (self.home / "conf/application.properties").write_text(settings(self.port, self.home, auth, token_ttl, properties or {}))
        self.heap, self.process = heap, None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def base(self):
        return f"http://{self.address}/nacos"

    @property
    def pid(self):
        return self.process.pid

    def ready(self):
        try:
            return request("GET", self.base + "/v3/admin/core/state/readiness", timeout=5).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def launch(self):
        """Starts without waiting."""
        self.process = Process("output", command(self.port, self.home, self.heap), self.home / "logs",
                               {"LD_PRELOAD": str(JARS / "loopback.so")}, self.home)
        return self

    def wait_ready(self, timeout=START_TIMEOUT):
        def check():
            if not self.process.alive():
                raise HarnessError(f"nacos ended with {self.process.proc.returncode}:\n{self.process.tail(40)}")
            return self.ready()
        wait_for(check, timeout, "the readiness of Nacos", pause=0.2)
        if self.auth:
            self.first_user()
        return self

    def start(self):
        return self.launch().wait_ready()

    def first_user(self):
        answer = request("POST", self.base + "/v3/auth/user/admin", f"password={PASSWORD}",
                         {"Content-Type": "application/x-www-form-urlencoded"})
        if answer.status not in (200, 409):
            raise HarnessError(f"the first user of Nacos: {answer}")

    def stop(self, timeout=30):
        if self.process:
            self.process.stop(timeout)
            self.process = None

    def kill(self):
        """Without a farewell: its connections end as those of a machine that is switched off."""
        if self.process:
            self.process.kill()
            self.process = None


def ended(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("start", "stop"))
    parser.add_argument("--home", type=Path, default=TOOLS / "nacos/home", help="where its data are")
    parser.add_argument("--port", type=int, default=8848)
    parser.add_argument("--auth", action="store_true", help=f"login on; the user is {USER}, the password {PASSWORD}")
    parser.add_argument("--token-ttl", type=int, default=18000, help="seconds")
    parser.add_argument("--fresh", action="store_true", help="without what it held before")
    parser.add_argument("--property", action="append", default=[], help="a line of Nacos' application.properties")
    options = parser.parse_args()
    pid_file = options.home / "pid"
    if options.what == "stop":
        if not pid_file.exists():
            print(f"nothing was started with its data in {options.home}", file=sys.stderr)
            return 1
        pid = int(pid_file.read_text())
        pid_file.unlink()
        if not ended(pid):
            os.kill(pid, signal.SIGTERM)
            wait_for(lambda: ended(pid), 30, "the end of Nacos", pause=0.1)
        return 0
    if pid_file.exists() and not ended(int(pid_file.read_text())):
        print(f"one runs already with its data in {options.home}: process {pid_file.read_text()}", file=sys.stderr)
        return 1
    if options.fresh:
        shutil.rmtree(options.home, ignore_errors=True)
    server = NacosServer(options.home, options.port, options.auth, options.token_ttl, dict(p.split("=", 1) for p in options.property))
    server.launch()
    pid_file.write_text(str(server.pid))
    try:
        server.wait_ready()
    except (HarnessError, KeyboardInterrupt):
        server.stop()
        pid_file.unlink()
        raise
    print(f"Nacos is ready on {server.address}, gRPC on {server.port + 1000}, process {server.pid}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
