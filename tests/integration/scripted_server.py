"""An MCP server that answers as a test tells it to, byte for byte: what the demo server would never say.

    server = ScriptedServer()
    server.answers["tools/list"] = Reply('{"jsonrpc":"2.0","id":1,"result":{"tools":[]}}')

Handshake era where a request has no MCP-Protocol-Version of 2026-07-28; one session for all. Python's standard library only.
"""

import contextlib
import http.server
import json
import threading

STATELESS = "2026-07-28"


class Reply:
    """What a request is answered with: `body` as it is, in `pieces` where given (an event among them is waited for);
    `hold`: the connection then stays open until the event is set."""

    def __init__(self, body="", status=200, type="application/json", pieces=None, hold=None):
        self.pieces = [p.encode() if isinstance(p, str) else p for p in (pieces or [body])]
        self.status, self.type, self.hold = status, type, hold


def sse(*messages):
    return "".join(f"event: message\ndata: {m if isinstance(m, str) else json.dumps(m)}\n\n" for m in messages)


def stream(*messages, hold=None):
    return Reply(pieces=[sse(m) for m in messages], type="text/event-stream", hold=hold)


class ScriptedServer:
    def __init__(self, capabilities=None):
        self.capabilities = {"tools": {}} if capabilities is None else capabilities
        self.answers = {}   # by method, "GET" for the stream: a Reply, or a function of the message that gives one
        self.seen = []      # the messages that came, in order
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.seen.append(body)
                first = body[0] if isinstance(body, list) else body
                answer = outer.answers.get("batch" if isinstance(body, list) else first.get("method"))
                if answer is None:
                    answer = outer.usual(first, self.headers.get("MCP-Protocol-Version") == STATELESS)
                self.give(answer(body) if callable(answer) else answer, first.get("method") == "initialize")

            def do_GET(self):
                answer = outer.answers.get("GET", Reply(status=405))
                self.give(answer(None) if callable(answer) else answer)

            def do_DELETE(self):
                self.give(Reply())

            def give(self, reply, opens=False):
                streams = reply.type == "text/event-stream"
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.type)
                if opens:
                    self.send_header("Mcp-Session-Id", "scripted-session")
                if streams:
                    self.send_header("Transfer-Encoding", "chunked")
                else:
                    self.send_header("Content-Length", str(sum(map(len, reply.pieces))))
                self.end_headers()
                with contextlib.suppress(OSError):
                    for piece in reply.pieces:
                        if isinstance(piece, threading.Event):
                            piece.wait(60)
                            continue
                        if not piece:
                            continue
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if streams else piece)
                        self.wfile.flush()
                    if reply.hold:
                        reply.hold.wait(60)
                    if streams:
                        self.wfile.write(b"0\r\n\r\n")

        class Http(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):  # a client that went away
                pass

        self.http = Http(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http.server_address[1]}/mcp"

    def methods(self):
        return [m.get("method") for body in list(self.seen) for m in (body if isinstance(body, list) else [body])]

    def usual(self, message, stateless):
        method, id = message.get("method"), message.get("id")
        if id is None:
            return Reply(status=202)
        if method == "initialize":
            result = {"protocolVersion": message["params"]["protocolVersion"], "capabilities": self.capabilities,
                      "serverInfo": {"name": "scripted", "version": "1"}}
        elif method == "server/discover":
            result = {"supportedVersions": [STATELESS, "2025-11-25"], "capabilities": self.capabilities,
                      "resultType": "complete", "ttlMs": 0, "cacheScope": "public"}
        elif method == "tools/call":
            result = {"content": [{"type": "text", "text": "called " + message["params"]["name"]}]}
        elif method == "ping":
            result = {}
        else:
            return Reply(json.dumps({"jsonrpc": "2.0", "id": id, "error": {"code": -32601, "message": "Method not found"}}),
                         404 if stateless else 200)
        return Reply(json.dumps({"jsonrpc": "2.0", "id": id, "result": result}))

    def close(self):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join(5)
