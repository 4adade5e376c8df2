// The checks that both TypeScript clients make; what differs between the two major versions of the SDK comes as `sdk`.
//
//   sdk.connect(transport, sessionId)  → {client, transport}; a session id resumes that session without `initialize`
//   sdk.on(client, method, handler)    → a handler for a notification, given its params
//   sdk.call(client, params, options)  → tools/call
//
// Prints one JSON line a check: {check, ok, detail}. `skip` says why this pairing cannot show it.
import { setTimeout as sleep } from 'node:timers/promises';

const WAIT = 10_000;
export const ROOT = { uri: 'file:///srv/router-test', name: 'router test root' };
export const SAMPLED = 'sampled by the test client';
export const ELICITED = { name: 'Ada Lovelace', check: true, integer: 7 };

function expect(condition, what) {
  if (!condition) throw new Error(what);
}

async function within(promise, what, ms = WAIT) {
  const timer = new AbortController();
  const late = sleep(ms, undefined, { signal: timer.signal }).then(
    () => { throw new Error(`${what}: nothing within ${ms} ms`); },
    () => {},
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}

// A queue of what a handler was given; next(match) waits for an entry and takes it.
export class Inbox {
  #entries = [];
  #waiters = [];
  put(entry) {
    this.#entries.push(entry);
    for (const w of this.#waiters.splice(0)) w();
  }
  async next(match, what) {
    const end = Date.now() + WAIT;
    for (;;) {
      const at = this.#entries.findIndex(match);
      if (at >= 0) return this.#entries.splice(at, 1)[0];
      await within(new Promise((r) => this.#waiters.push(r)), what, Math.max(1, end - Date.now()));
    }
  }
}

const text = (result) => result.content.filter((c) => c.type === 'text').map((c) => c.text).join('\n');

export async function run(sdk) {
  const [transport, url, server] = process.argv.slice(2);
  if (!transport || !url || !server) {
    console.error('usage: <script> http|sse URL http|sse   (transport of the client, its URL, transport of the server)');
    process.exit(2);
  }
  let failed = 0;
  const say = (line) => process.stdout.write(JSON.stringify(line) + '\n');
  async function check(name, body) {
    try {
      const detail = await within(body(), name, 3 * WAIT);
      say({ check: name, ok: true, detail: detail ?? '' });
    } catch (error) {
      failed += 1;
      say({ check: name, ok: false, detail: String(error?.message ?? error) });
    }
  }

  const logs = new Inbox();
  const updates = new Inbox();
  const stray = []; // answers to requests that nobody waits for any more, and other protocol errors
  const connect = async (sessionId) => {
    const made = await within(sdk.connect({ transport, url: new URL(url), sessionId }), 'connecting');
    made.client.onerror = (error) => stray.push(String(error?.message ?? error));
    sdk.on(made.client, 'notifications/message', (p) => logs.put(p));
    sdk.on(made.client, 'notifications/resources/updated', (p) => updates.put(p));
    return made;
  };

  let client;
  let link;
  await check('connect', async () => {
    ({ client, transport: link } = await connect());
    const info = client.getServerVersion();
    expect(info?.name === 'mcp-servers/everything', `the server is ${JSON.stringify(info)}`);
    expect((client.getInstructions() ?? '').length > 100, 'the instructions are missing');
    if (transport === 'http') expect(link.sessionId, 'no session id');
    return `${info.name} ${info.version}`;
  });
  if (!client) process.exit(1);

  await check('tools-list', async () => {
    // Tools that need a capability of the client appear once `initialized` has been handled.
    let names = [];
    for (const end = Date.now() + WAIT; Date.now() < end; await sleep(50)) {
      names = (await client.listTools()).tools.map((t) => t.name);
      if (names.includes('trigger-sampling-request')) break;
    }
    for (const name of ['echo', 'get-sum', 'trigger-sampling-request', 'trigger-elicitation-request', 'get-roots-list']) {
      expect(names.includes(name), `${name} is missing: ${names.join(', ')}`);
    }
    return `${names.length} tools`;
  });

  await check('tools-call', async () => {
    const message = 'Grüße, 世界 🌍 "quoted" \\ \u2028 ' + 'x'.repeat(20_000);
    const echo = await sdk.call(client, { name: 'echo', arguments: { message } });
    expect(text(echo) === `Echo: ${message}`, 'echo: not what was sent');
    expect(text(await sdk.call(client, { name: 'get-sum', arguments: { a: 20, b: 22 } })).includes('42'), 'get-sum: not 42');
    const weather = await sdk.call(client, { name: 'get-structured-content', arguments: { location: 'Chicago' } });
    expect(typeof weather.structuredContent?.temperature === 'number', 'get-structured-content: no structured content');
    const bad = await sdk.call(client, { name: 'get-sum', arguments: { a: 'x' } }).then((r) => r.isError, () => true);
    expect(bad === true, 'wrong arguments were accepted');
  });

  await check('parallel', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => sdk.call(client, { name: 'echo', arguments: { message: `no ${i}` } })),
    );
    answers.forEach((answer, i) => expect(text(answer) === `Echo: no ${i}`, `answer ${i} is ${text(answer)}`));
    return '40 calls at once';
  });

  await check('progress', async () => {
    const seen = [];
    const result = await sdk.call(
      client,
      { name: 'trigger-long-running-operation', arguments: { duration: 0.5, steps: 5 } },
      { onprogress: (p) => seen.push(`${p.progress}/${p.total}`) },
    );
    expect(text(result).includes('completed'), text(result));
    // The SDK forgets the handler when the answer comes, so a last step that is read together with it may be lost there.
    expect(seen.length >= 4 && seen.every((s, i) => s === `${i + 1}/5`), `progress: ${seen.join(' ')}`);
    return seen.join(' ');
  });

  await check('sampling', async () => {
    const result = await sdk.call(client, { name: 'trigger-sampling-request', arguments: { prompt: 'say it' } });
    expect(text(result).includes(SAMPLED), text(result));
  });

  await check('elicitation', async () => {
    const result = await sdk.call(client, { name: 'trigger-elicitation-request', arguments: {} });
    expect(text(result).includes(ELICITED.name), text(result));
  });

  await check('roots', async () => {
    let answer = '';
    for (const end = Date.now() + WAIT; Date.now() < end; await sleep(50)) {
      answer = text(await sdk.call(client, { name: 'get-roots-list', arguments: {} }));
      if (answer.includes(ROOT.uri)) return;
    }
    throw new Error(`${ROOT.uri} is missing: ${answer}`);
  });

  await check('logging', async () => {
    await client.setLoggingLevel('debug');
    await sdk.call(client, { name: 'toggle-simulated-logging', arguments: {} });
    const message = await logs.next((p) => /-level message|level-message/.test(String(p.data)), 'a log message');
    await sdk.call(client, { name: 'toggle-simulated-logging', arguments: {} });
    return message.level;
  });

  await check('subscription', async () => {
    const uri = 'demo://resource/dynamic/text/1';
    expect((await client.readResource({ uri })).contents[0].uri === uri, 'resources/read: another resource');
    await client.subscribeResource({ uri });
    await sdk.call(client, { name: 'toggle-subscriber-updates', arguments: {} });
    await updates.next((p) => p.uri === uri, 'notifications/resources/updated');
    await sdk.call(client, { name: 'toggle-subscriber-updates', arguments: {} });
    await client.unsubscribeResource({ uri });
  });

  await check('prompts', async () => {
    const names = (await client.listPrompts()).prompts.map((p) => p.name);
    expect(names.includes('args-prompt'), `args-prompt is missing: ${names.join(', ')}`);
    const prompt = await client.getPrompt({ name: 'args-prompt', arguments: { city: 'Oslo', state: 'Norway' } });
    expect(JSON.stringify(prompt.messages).includes('Oslo'), 'the argument is missing in the prompt');
    const found = await client.complete({
      ref: { type: 'ref/prompt', name: 'completable-prompt' }, argument: { name: 'department', value: 'E' },
    });
    expect(found.completion.values.includes('Engineering'), `completion: ${JSON.stringify(found.completion)}`);
  });

  await check('cancellation', async () => {
    const stop = new AbortController();
    const started = Date.now();
    let steps = 0;
    const outcome = await sdk
      .call(
        client,
        { name: 'trigger-long-running-operation', arguments: { duration: 2, steps: 8 } },
        { signal: stop.signal, onprogress: () => (++steps === 1 ? stop.abort('enough') : undefined) },
      )
      .then(() => 'answered', () => 'cancelled');
    expect(outcome === 'cancelled', 'the call was answered all the same');
    expect(Date.now() - started < 1500, `the call ended only after ${Date.now() - started} ms`);
    expect(text(await sdk.call(client, { name: 'echo', arguments: { message: 'on' } })) === 'Echo: on', 'echo failed after it');
    // A server that was told sends no answer. One that was not would answer after two seconds, and nobody waits for that.
    await sleep(2300 - (Date.now() - started));
    const late = stray.filter((e) => e.includes('unknown message ID'));
    expect(late.length === 0, `the server was not told: ${late[0]}`);
  });

  if (process.env.MCPR_CUTTER) {
    await check('reconnection', async () => {
      // The relay in front cuts this answer after its second step; the transport is to come back for the rest.
      const request = { name: 'trigger-long-running-operation', arguments: { duration: 0.9, steps: 6 } };
      const result = await sdk.call(client, request, { onprogress: () => {} });
      expect(text(result).includes('completed'), text(result));
    });
  } else {
    say({ check: 'reconnection', skip: 'needs streamable HTTP on both sides and the relay of run.py' });
  }

  if (transport === 'http' && server === 'http') {
    await check('resumption', async () => {
      let token;
      let steps = 0;
      const request = { name: 'trigger-long-running-operation', arguments: { duration: 0.9, steps: 7 } };
      const cut = new Promise((resolve) => {
        sdk
          .call(client, request, {
            onresumptiontoken: (t) => (token = t),
            onprogress: () => (++steps === 2 ? resolve() : undefined),
          })
          .catch(() => {});
      });
      await cut;
      const session = link.sessionId;
      expect(token, 'the events of the answer carry no id');
      await client.close(); // drops the connections; the session goes on
      await sleep(1200);
      ({ client, transport: link } = await connect(session));
      let more = 0;
      const result = await sdk.call(client, request, { resumptionToken: token, onprogress: () => (more += 1) });
      expect(text(result).includes('completed'), text(result));
      expect(link.sessionId === session, 'another session');
      return `cut after ${steps} steps, the rest came after Last-Event-ID ${token.slice(0, 8)}…`;
    });
  } else {
    say({ check: 'resumption', skip: 'legacy SSE has no event ids' });
  }

  await check('close', async () => {
    if (transport === 'http') {
      const session = link.sessionId;
      await link.terminateSession();
      const gone = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json', accept: 'application/json, text/event-stream', 'mcp-session-id': session,
        },
        body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
      });
      expect(gone.status >= 400, `a request of the ended session was answered ${gone.status}`);
    }
    await client.close();
  });
  process.exit(failed ? 1 : 0);
}
