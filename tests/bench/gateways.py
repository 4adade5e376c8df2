"""How each program under comparison is started in front of one upstream. Each gives a Target."""
import dataclasses
import os
import shutil

from procs import Process, free_port


@dataclasses.dataclass
class Target:
    name: str
    port: int
    path: str = "/mcp"
    process: Process | None = None  # None: the upstream itself
    tool_prefix: str = ""


NGINX = """daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr crit;
{user}
events {{ worker_connections 8192; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 100000000;
  upstream demo {{ server 127.0.0.1:{upstream}; keepalive 64; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://demo;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_buffering off;
    }}
  }}
}}
"""

HAPROXY = """global
  nbthread 1
  maxconn 8192
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option http-keep-alive
  http-reuse always
frontend in
  bind 127.0.0.1:{port}
  default_backend demo
backend demo
  server demo 127.0.0.1:{upstream} maxconn 8192 pool-max-conn 64
"""

CRATE = """[proxy]
name = "bench"
separator = "/"
[proxy.listen]
host = "127.0.0.1"
port = {port}
[[backends]]
name = "demo"
transport = "http"
url = "http://127.0.0.1:{upstream}/mcp"
"""


def _write(processes, name, text):
    path = os.path.join(processes.folder, name)
    with open(path, "w") as f:
        f.write(text)
    return path


def _sbin(program):
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin:/usr/local/sbin")


def direct(processes, upstream, options):
    return Target("direct", upstream)


def nginx(processes, upstream, options):
    program = _sbin("nginx")
    if not program:
        return None
    port = free_port()
    folder = os.path.join(processes.folder, f"nginx-{port}")
    os.mkdir(folder)
    user = "user root;" if os.geteuid() == 0 else ""
    config = _write(processes, f"nginx-{port}.conf", NGINX.format(folder=folder, port=port, upstream=upstream, user=user))
    process = processes.start("nginx", [program, "-p", folder, "-c", config, "-e", "stderr"])
    process.wait_ready(port, "/mcp", None)
    return Target("nginx", port, process=process)


def haproxy(processes, upstream, options):
    program = _sbin("haproxy")
    if not program:
        return None
    port = free_port()
    config = _write(processes, f"haproxy-{port}.cfg", HAPROXY.format(port=port, upstream=upstream))
    process = processes.start("haproxy", [program, "-db", "-f", config])
    process.wait_ready(port, "/mcp", None)
    return Target("haproxy", port, process=process)


def router_argv(options, upstream, port, threads):
    return [options.router, f"--server.port={port}", f"--server.threads={threads}", f"--admin.port={free_port()}",
            "--drain.announce=0s", "--drain.timeout=2s", f"--plugins.directory={options.plugins}",
            "--upstream", f"demo=http://127.0.0.1:{upstream}/mcp"]


def router(processes, upstream, options, threads=1):
    if not os.access(options.router, os.X_OK):
        return None
    port = free_port()
    process = processes.start(f"router {threads}", router_argv(options, upstream, port, threads))
    process.wait_ready(port, "/actuator/health/readiness", {200})
    return Target(process.name, port, "/mcp/demo", process)


def router2(processes, upstream, options):
    return router(processes, upstream, options, threads=2)


def crate(processes, upstream, options):
    """https://crates.io/crates/mcp-proxy: `cargo install mcp-proxy --version 0.6.0`. Other programs have that name too."""
    program = options.crate or shutil.which("mcp-proxy", path=os.path.expanduser("~/.cargo/bin"))
    if not program:
        return None
    port = free_port()
    config = _write(processes, f"mcp-proxy-{port}.toml", CRATE.format(port=port, upstream=upstream))
    process = processes.start("mcp-proxy crate", [program, "--config", config])
    process.wait_ready(port, "/mcp", None)
    return Target("mcp-proxy crate", port, process=process, tool_prefix="demo/")


ALL = {"direct": direct, "nginx": nginx, "haproxy": haproxy, "router": router, "router2": router2, "crate": crate}
