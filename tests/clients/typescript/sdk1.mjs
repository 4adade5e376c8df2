// The previous major version of the TypeScript SDK: @modelcontextprotocol/sdk 1.x.
//
//   node sdk1.mjs http|sse URL http|sse
import { tool } from './resolve.mjs';
import { ELICITED, ROOT, SAMPLED, run } from './checks.mjs';

const { Client } = await tool('@modelcontextprotocol/sdk/client/index.js');
const { SSEClientTransport } = await tool('@modelcontextprotocol/sdk/client/sse.js');
const { StreamableHTTPClientTransport } = await tool('@modelcontextprotocol/sdk/client/streamableHttp.js');
const types = await tool('@modelcontextprotocol/sdk/types.js');

const notifications = {
  'notifications/message': types.LoggingMessageNotificationSchema,
  'notifications/resources/updated': types.ResourceUpdatedNotificationSchema,
};

await run({
  async connect({ transport, url, sessionId }) {
    const client = new Client(
      { name: 'router-test-ts1', version: '1.0.0' },
      { capabilities: { roots: { listChanged: true }, sampling: {}, elicitation: { form: {}, url: {} } } },
    );
    client.setRequestHandler(types.ListRootsRequestSchema, async () => ({ roots: [ROOT] }));
    client.setRequestHandler(types.CreateMessageRequestSchema, async () => ({
      model: 'test', role: 'assistant', content: { type: 'text', text: SAMPLED },
    }));
    client.setRequestHandler(types.ElicitRequestSchema, async () => ({ action: 'accept', content: ELICITED }));
    const link =
      transport === 'sse' ? new SSEClientTransport(url) : new StreamableHTTPClientTransport(url, { sessionId });
    await client.connect(link);
    return { client, transport: link };
  },
  on: (client, method, handler) => client.setNotificationHandler(notifications[method], (n) => handler(n.params)),
  call: (client, params, options) => client.callTool(params, undefined, options),
});
