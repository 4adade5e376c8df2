"""The current major version of the Python SDK: mcp 2.x. It asks by server/discover first and falls back to initialize.

python sdk2.py http|sse URL http|sse
"""

import contextlib
import types as python_types

import anyio
import checks
import mcp_types as types
from mcp import Client
from mcp.client.sse import sse_client


class Adapter:
    def __init__(self):
        self.logs, self.updates, self.stray, self.steps = checks.Inbox(), checks.Inbox(), [], checks.Inbox()
        self.client = None

    async def on_message(self, message):
        if isinstance(message, Exception):
            self.stray.append(str(message))
        elif isinstance(message, types.ResourceUpdatedNotification):
            self.updates.put(str(message.params.uri))

    async def on_log(self, params):
        self.logs.put((params.level, params.data))

    async def on_sampling(self, _context, _params):
        content = types.TextContent(type="text", text=checks.SAMPLED)
        return types.CreateMessageResult(role="assistant", content=content, model="test")

    async def on_elicitation(self, _context, _params):
        return types.ElicitResult(action="accept", content=checks.ELICITED)

    async def on_roots(self, _context):
        return types.ListRootsResult(roots=[types.Root(uri=checks.ROOT_URI, name="router test root")])

    async def ignore_progress(self, _step, _total, _message):
        pass

    async def tool_names(self):
        return [tool.name for tool in (await self.client.list_tools()).tools]

    async def call(self, name, arguments, on_progress=None):
        result = await self.client.call_tool(name, arguments, progress_callback=on_progress)
        text = "\n".join(c.text for c in result.content if c.type == "text")
        return python_types.SimpleNamespace(text=text, structured=result.structured_content, error=result.is_error)

    async def set_level(self, level):
        await self.client.set_logging_level(level)

    async def read(self, uri):
        return str((await self.client.read_resource(uri)).contents[0].uri)

    async def subscribe(self, uri):
        await self.client.subscribe_resource(uri)

    async def unsubscribe(self, uri):
        await self.client.unsubscribe_resource(uri)

    async def prompt_names(self):
        return [prompt.name for prompt in (await self.client.list_prompts()).prompts]

    async def prompt(self, name, arguments):
        return (await self.client.get_prompt(name, arguments)).model_dump_json()

    async def complete(self, prompt, name, value):
        reference = types.PromptReference(type="ref/prompt", name=prompt)
        return (await self.client.complete(reference, {"name": name, "value": value})).completion.values

    async def cancel_after_first_step(self, name, arguments):
        """This SDK tells the server when the caller's scope is cancelled."""
        outcome = []

        async def on_progress(step, _total, _message):
            self.steps.put(step)

        async def run():
            outcome.append(await self.call(name, arguments, on_progress))

        async with anyio.create_task_group() as group:
            group.start_soon(run)
            await self.steps.next(lambda _: True, "the first step")
            group.cancel_scope.cancel()
        checks.expect(not outcome, "the call was answered all the same")


@contextlib.asynccontextmanager
async def connect(transport, url):
    adapter = Adapter()
    async with Client(
        sse_client(url) if transport == "sse" else url,
        sampling_callback=adapter.on_sampling,
        elicitation_callback=adapter.on_elicitation,
        list_roots_callback=adapter.on_roots,
        logging_callback=adapter.on_log,
        message_handler=adapter.on_message,
        client_info=types.Implementation(name="router-test-py2", version="1.0.0"),
    ) as client:
        adapter.client = client
        adapter.server_name, adapter.instructions = client.server_info.name, client.instructions
        yield adapter


if __name__ == "__main__":
    anyio.run(checks.main, connect)
