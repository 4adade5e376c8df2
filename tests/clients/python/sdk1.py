"""The previous major version of the Python SDK: mcp 1.x.

python sdk1.py http|sse URL http|sse
"""

import contextlib
import types as python_types

import anyio
import checks
from mcp import ClientSession, types
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from pydantic import AnyUrl


class Adapter:
    def __init__(self):
        self.logs, self.updates, self.stray, self.steps = checks.Inbox(), checks.Inbox(), [], checks.Inbox()
        self.session = None

    async def on_message(self, message):
        if isinstance(message, Exception):
            self.stray.append(str(message))
        elif isinstance(message, types.ServerNotification):
            if isinstance(message.root, types.ResourceUpdatedNotification):
                self.updates.put(str(message.root.params.uri))
            elif isinstance(message.root, types.ProgressNotification):
                self.steps.put(message.root.params)

    async def on_log(self, params):
        self.logs.put((params.level, params.data))

    async def on_sampling(self, _context, _params):
        content = types.TextContent(type="text", text=checks.SAMPLED)
        return types.CreateMessageResult(role="assistant", content=content, model="test")

    async def on_elicitation(self, _context, _params):
        return types.ElicitResult(action="accept", content=checks.ELICITED)

    async def on_roots(self, _context):
        return types.ListRootsResult(roots=[types.Root(uri=AnyUrl(checks.ROOT_URI), name="router test root")])

    async def ignore_progress(self, _step, _total, _message):
        pass

    async def tool_names(self):
        return [tool.name for tool in (await self.session.list_tools()).tools]

    async def call(self, name, arguments, on_progress=None):
        result = await self.session.call_tool(name, arguments, progress_callback=on_progress)
        text = "\n".join(c.text for c in result.content if c.type == "text")
        return python_types.SimpleNamespace(text=text, structured=result.structuredContent, error=result.isError)

    async def set_level(self, level):
        await self.session.set_logging_level(level)

    async def read(self, uri):
        return str((await self.session.read_resource(AnyUrl(uri))).contents[0].uri)

    async def subscribe(self, uri):
        await self.session.subscribe_resource(AnyUrl(uri))

    async def unsubscribe(self, uri):
        await self.session.unsubscribe_resource(AnyUrl(uri))

    async def prompt_names(self):
        return [prompt.name for prompt in (await self.session.list_prompts()).prompts]

    async def prompt(self, name, arguments):
        return (await self.session.get_prompt(name, arguments)).model_dump_json()

    async def complete(self, prompt, name, value):
        reference = types.PromptReference(type="ref/prompt", name=prompt)
        return (await self.session.complete(reference, {"name": name, "value": value})).completion.values

    async def cancel_after_first_step(self, name, arguments):
        """This SDK does not tell the server by itself; its progress token is the id of the request."""
        outcome = []

        async def run():
            outcome.append(await self.call(name, arguments, self.ignore_progress))

        async with anyio.create_task_group() as group:
            group.start_soon(run)
            first = await self.steps.next(lambda p: p.total == arguments["steps"], "the first step")
            cancelled = types.CancelledNotification(
                method="notifications/cancelled",
                params=types.CancelledNotificationParams(requestId=first.progressToken, reason="enough"),
            )
            await self.session.send_notification(types.ClientNotification(cancelled))
            group.cancel_scope.cancel()
        checks.expect(not outcome, "the call was answered all the same")


@contextlib.asynccontextmanager
async def connect(transport, url):
    adapter = Adapter()
    opened = sse_client(url) if transport == "sse" else streamable_http_client(url)
    async with opened as streams, ClientSession(
        streams[0],
        streams[1],
        sampling_callback=adapter.on_sampling,
        elicitation_callback=adapter.on_elicitation,
        list_roots_callback=adapter.on_roots,
        logging_callback=adapter.on_log,
        message_handler=adapter.on_message,
        client_info=types.Implementation(name="router-test-py1", version="1.0.0"),
    ) as session:
        adapter.session = session
        result = await session.initialize()
        adapter.server_name, adapter.instructions = result.serverInfo.name, result.instructions
        yield adapter


if __name__ == "__main__":
    anyio.run(checks.main, connect)
