// The current major version of the TypeScript SDK: @modelcontextprotocol/client 2.x.
//
//   node sdk2.mjs http|sse URL http|sse [auto]
//
// auto: asks by server/discover which era the server speaks, instead of beginning with initialize.
import { tool } from './resolve.mjs';
import { ELICITED, ROOT, SAMPLED, run } from './checks.mjs';

const { Client, SSEClientTransport, StreamableHTTPClientTransport } = await tool('@modelcontextprotocol/client');
const versionNegotiation = process.argv[5] === 'auto' ? { mode: 'auto' } : undefined;

await run({
  async connect({ transport, url, sessionId }) {
    const client = new Client(
      { name: 'router-test-ts2', version: '1.0.0' },
      {
        capabilities: { roots: { listChanged: true }, sampling: {}, elicitation: { form: {}, url: {} } },
        ...(versionNegotiation && { versionNegotiation }),
      },
    );
    client.setRequestHandler('roots/list', async () => ({ roots: [ROOT] }));
    client.setRequestHandler('sampling/createMessage', async () => ({
      model: 'test', role: 'assistant', content: { type: 'text', text: SAMPLED },
    }));
    client.setRequestHandler('elicitation/create', async () => ({ action: 'accept', content: ELICITED }));
    const link =
      transport === 'sse' ? new SSEClientTransport(url) : new StreamableHTTPClientTransport(url, { sessionId });
    await client.connect(link);
    return { client, transport: link };
  },
  on: (client, method, handler) => client.setNotificationHandler(method, (n) => handler(n.params)),
  call: (client, params, options) => client.callTool(params, options),
});
