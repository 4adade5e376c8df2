"""A TCP relay that cuts one answer short, as a network does: to see whether a client comes back with Last-Event-ID.

It looks at the bytes that pass. The first request with `"steps": 6` in it arms its connection; after the second progress
notification in the answer both sides are reset. `cuts` and `resumed` count what happened.
"""

import re
import socket
import struct
import threading

ARM = re.compile(rb'"steps"\s*:\s*6\b')
STEP = b"notifications/progress"
RESUME = re.compile(rb"^last-event-id:\s*\S+", re.I | re.M)
OVERLAP = 64  # bytes kept of what has passed, so that a word that is split between two reads is found


class Cutter:
    """Use as a context manager; `port` is where to connect instead of to `target`."""

    def __init__(self, target):
        self.target = target
        self.cuts = 0
        self.resumed = 0
        self._lock = threading.Lock()
        self._open = set()
        self._closing = False

    def __enter__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        with self._lock:
            self._closing = True
            still_open = list(self._open)
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in still_open:
            connection.reset()
        self._thread.join(5)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=5)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            connection = _Connection(self, client, server)
            with self._lock:
                if self._closing:
                    connection.reset()
                    continue
                self._open.add(connection)
            connection.start()

    def may_cut(self):
        """True for the first who asks."""
        with self._lock:
            self.cuts += 1
            return self.cuts == 1

    def note_resumed(self):
        with self._lock:
            self.resumed += 1

    def forget(self, connection):
        with self._lock:
            self._open.discard(connection)


class _Connection:
    def __init__(self, cutter, client, server):
        self._cutter, self._client, self._server = cutter, client, server
        self._armed = False
        self._steps = 0

    def start(self):
        for run in (self._upward, self._downward):
            threading.Thread(target=run, daemon=True).start()

    def reset(self):
        for side in (self._client, self._server):
            try:
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self._cutter.forget(self)

    def _upward(self):
        seen = b""
        while data := self._read(self._client):
            seen += data
            if RESUME.search(seen):
                self._cutter.note_resumed()
                seen = b""
            if not self._armed and ARM.search(seen) and self._cutter.cuts == 0:
                self._armed = True
            if not self._write(self._server, data):
                break
            seen = seen[-4096:] if b"\r\n\r\n" not in seen else seen[-OVERLAP:]
        self._end(self._server)

    def _downward(self):
        seen = b""
        while data := self._read(self._server):
            if not self._write(self._client, data):
                break
            if self._armed:
                seen += data
                self._steps += seen.count(STEP)
                seen = seen[-len(STEP) + 1 :]
                if self._steps >= 2 and self._cutter.may_cut():
                    self.reset()
                    return
        self._end(self._client)

    @staticmethod
    def _read(side):
        try:
            return side.recv(65536)
        except OSError:
            return b""

    @staticmethod
    def _write(side, data):
        try:
            side.sendall(data)
            return True
        except OSError:
            return False

    def _end(self, side):
        try:
            side.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self._cutter.forget(self)
