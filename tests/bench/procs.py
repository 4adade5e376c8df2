"""Processes under test: started, waited for, measured from /proc, and ended by their own pid."""
import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def _children(pid):
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{task}/children") as f:
            for child in f.read().split():
                found += [int(child)] + _children(int(child))
    return found


class Process:
    """A program and all its children; `log` keeps what it prints."""

    def __init__(self, name, argv, log, env=None):
        self.name, self.argv, self.log_path = name, [str(a) for a in argv], log
        self.log = open(log, "w+b")
        self.started = time.monotonic()
        self.popen = subprocess.Popen(self.argv, stdout=self.log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                      env=env, cwd=os.path.dirname(log), start_new_session=True)

    @property
    def pid(self):
        return self.popen.pid

    def wait_ready(self, port, path, statuses, seconds=15, pause=0.05):
        """Polls until GET `path` answers with one of `statuses` (None: any), and gives the time since the start."""
        deadline = self.started + seconds
        last = "nothing listens"
        while time.monotonic() < deadline:
            if self.popen.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self.popen.returncode}: {self.tail()}")
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                connection.request("GET", path)
                status = connection.getresponse().status
                connection.close()
                if statuses is None or status in statuses:
                    return time.monotonic() - self.started
                last = f"GET {path}: {status}"
            except OSError as error:
                last = str(error)
            except http.client.HTTPException as error:
                last = repr(error)
            time.sleep(pause)
        raise RuntimeError(f"{self.name} was not ready after {seconds} s ({last}): {self.tail()}")

    def tail(self, size=800):
        with open(self.log_path, errors="replace") as f:
            return f.read()[-size:].strip()

    def cpu_seconds(self):
        """User and system time of the program and its children, those that ended left out."""
        total = 0
        for pid in [self.pid] + _children(self.pid):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/stat") as f:
                fields = f.read().rsplit(")", 1)[1].split()
                total += int(fields[11]) + int(fields[12])
        return total / TICK

    def memory_kb(self, field="VmRSS"):
        total = 0
        for pid in [self.pid] + _children(self.pid):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/status") as f:
                for line in f:
                    if line.startswith(field + ":"):
                        total += int(line.split()[1])
        return total

    def stop(self):
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(8)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        self.log.close()


class Processes(contextlib.AbstractContextManager):
    """Those of one part of the benchmark; leaving it ends them, the last started first."""

    def __init__(self, folder):
        self.folder, self.all = folder, []

    def start(self, name, argv, env=None):
        log = os.path.join(self.folder, f"{name.replace(' ', '-')}-{len(self.all)}.log")
        process = Process(name, argv, log, env)
        self.all.append(process)
        return process

    def __exit__(self, *_):
        for process in reversed(self.all):
            process.stop()
        self.all.clear()
