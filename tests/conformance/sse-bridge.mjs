// Lets the official suite, which speaks streamable HTTP only, judge a legacy HTTP+SSE endpoint: a client's session here is
// one SSE stream there. Messages pass as the text they are; only the way they travel is this program's.
//
//   node sse-bridge.mjs PORT http://127.0.0.1:8052/sse/conf      serves http://127.0.0.1:PORT/mcp
//
// Host and Origin of an `initialize` are sent on as they came, so that the endpoint's own check of them is what is judged.
import http from 'node:http';
import { randomUUID } from 'node:crypto';

const [port, target] = [Number(process.argv[2]), process.argv[3]];
if (!port || !target) {
  console.error('usage: sse-bridge.mjs PORT SSE-URL');
  process.exit(2);
}
const sessions = new Map();

const key = (id) => `${typeof id}:${id}`;
const refuse = (res, status, text) =>
  res.writeHead(status, { 'Content-Type': 'application/json' })
    .end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32000, message: text } }));

// An answer to one POST: an event stream that ends with the response to the last request of the POST.
class PostStream {
  constructor(res, requests) {
    this.res = res;
    this.open = new Set(requests.map((m) => key(m.id)));
    this.tokens = new Set(requests.map((m) => m.params?._meta?.progressToken).filter((t) => t !== undefined).map(key));
  }
  write(text) {
    this.res.write(`event: message\ndata: ${text}\n\n`);
  }
}

class Session {
  constructor(id) {
    this.id = id;
    this.posts = new Set();
    this.listener = null; // the client's GET stream
  }

  // Resolves with the refusal when there is no stream, else when the endpoint is known.
  connect(headers) {
    return new Promise((resolve, reject) => {
      this.request = http.get(target, { headers: { ...headers, Accept: 'text/event-stream' }, agent: false });
      this.request.on('error', reject);
      this.request.on('response', (response) => {
        if (response.statusCode !== 200) {
          let text = '';
          response.setEncoding('utf8').on('data', (d) => (text += d)).on('end', () => resolve({ status: response.statusCode, text }));
          return;
        }
        let buffered = '';
        response.setEncoding('utf8');
        response.on('data', (piece) => {
          buffered += piece;
          for (let end; (end = buffered.search(/\r?\n\r?\n/)) >= 0; ) {
            const block = buffered.slice(0, end);
            buffered = buffered.slice(end).replace(/^\r?\n\r?\n/, '');
            const lines = block.split(/\r?\n/);
            const field = (name) => lines.filter((l) => l.startsWith(`${name}:`)).map((l) => l.slice(name.length + 1).replace(/^ /, ''));
            if (field('event')[0] === 'endpoint') {
              this.endpoint = new URL(field('data')[0], target);
              resolve(null);
            } else if (field('data').length) {
              this.deliver(field('data').join('\n'));
            }
          }
        });
        response.on('close', () => this.end());
      });
    });
  }

  deliver(text) {
    const message = JSON.parse(text);
    if (message.method === undefined) {
      for (const post of this.posts) {
        if (!post.open.delete(key(message.id))) continue;
        post.write(text);
        if (post.open.size === 0) {
          this.posts.delete(post);
          post.res.end();
        }
        return;
      }
      console.error(`a response that nobody waits for: ${text.slice(0, 200)}`);
      return;
    }
    // SSE has one stream for everything: progress belongs to its request; what may belong to one goes with the latest.
    const token = message.method === 'notifications/progress' ? key(message.params?.progressToken) : null;
    const owner = [...this.posts].find((p) => p.tokens.has(token)) ?? [...this.posts].at(-1);
    if (owner) owner.write(text);
    else if (this.listener) this.listener.write(`event: message\ndata: ${text}\n\n`);
  }

  send(body, headers) {
    return new Promise((resolve, reject) => {
      const request = http.request(this.endpoint, {
        method: 'POST',
        headers: { ...headers, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) },
      });
      request.on('error', reject);
      request.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (d) => (text += d)).on('end', () => resolve({ status: response.statusCode, text }));
      });
      request.end(body);
    });
  }

  end() {
    sessions.delete(this.id);
    for (const post of this.posts) post.res.end();
    this.listener?.end();
    this.request?.destroy();
  }
}

async function onPost(req, res, body) {
  let parsed;
  try {
    parsed = JSON.parse(body);
  } catch {
    return refuse(res, 400, 'the body is not JSON');
  }
  const messages = Array.isArray(parsed) ? parsed : [parsed];
  const guard = { host: req.headers.host };
  if (req.headers.origin !== undefined) guard.origin = req.headers.origin;
  let session = sessions.get(req.headers['mcp-session-id']);
  if (messages.some((m) => m.method === 'initialize')) {
    session = new Session(randomUUID());
    const refused = await session.connect(guard);
    if (refused) return res.writeHead(refused.status, { 'Content-Type': 'application/json' }).end(refused.text);
    sessions.set(session.id, session);
  } else if (!req.headers['mcp-session-id']) {
    return refuse(res, 400, 'no Mcp-Session-Id');
  } else if (!session) {
    return refuse(res, 404, 'unknown session');
  }
  const requests = messages.filter((m) => m.method !== undefined && m.id !== undefined);
  let post = null;
  if (requests.length) {
    post = new PostStream(res, requests);
    session.posts.add(post);
    res.on('close', () => session.posts.delete(post));
  }
  // What stands on the bridge's own leg is not the endpoint's business, but the version header is.
  const version = req.headers['mcp-protocol-version'];
  if (post) {
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache', 'Mcp-Session-Id': session.id });
    res.flushHeaders();
  }
  const answer = await session.send(body, version ? { 'MCP-Protocol-Version': version } : {});
  if (answer.status === 202) {
    if (!post) res.writeHead(202).end();
    return;
  }
  console.error(`POST ${session.endpoint}: ${answer.status} ${answer.text.slice(0, 200)}`);
  if (!post) return res.writeHead(answer.status).end(answer.text);
  for (const m of requests) {
    post.write(JSON.stringify({ jsonrpc: '2.0', id: m.id, error: { code: -32603, message: `POST answered ${answer.status}` } }));
  }
  session.posts.delete(post);
  res.end();
}

http.createServer((req, res) => {
  if (req.method === 'POST') {
    let body = '';
    req.setEncoding('utf8').on('data', (d) => (body += d)).on('end', () => {
      onPost(req, res, body).catch((error) => (res.headersSent ? res.destroy() : refuse(res, 502, String(error))));
    });
    return;
  }
  const session = sessions.get(req.headers['mcp-session-id']);
  if (!session) return refuse(res, req.headers['mcp-session-id'] ? 404 : 400, 'no such session');
  if (req.method === 'DELETE') {
    session.end();
    return res.writeHead(200).end();
  }
  if (req.method !== 'GET') return refuse(res, 405, 'POST, GET or DELETE');
  session.listener?.end();
  session.listener = res;
  res.on('close', () => session.listener === res && (session.listener = null));
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache', 'Mcp-Session-Id': session.id });
  res.flushHeaders();
}).listen(port, '127.0.0.1', () => console.error(`bridge on ${port} to ${target}`));
