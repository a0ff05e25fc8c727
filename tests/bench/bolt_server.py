"""A process with two stock Bolt apps whose command does nothing: `python -m tests.bench.bolt_server`.

They share nothing with Steward: this is what the platform itself costs.
"""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from aiohttp import web
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.bench.children import Handle, serve
from tests.bench.traffic import PATH


def empty_app(workspace: dict[str, Any], *, process_before_response: bool) -> AsyncApp:
    """A Bolt app that acknowledges `/team` and nothing else."""
    app = AsyncApp(
        client=AsyncWebClient(token=workspace["bot_token"], base_url=workspace["api_url"]),
        signing_secret=workspace["signing_secret"],
        process_before_response=process_before_response,
    )

    @app.command("/team")
    async def nothing(ack: AsyncAck) -> None:
        await ack()

    return app


async def main(listen: Callable[[Handle], Awaitable[None]]) -> None:
    """Serve until the parent hangs up."""
    async with AsyncExitStack() as stack:

        async def handle(request: dict[str, Any]) -> str:
            before = bool(request["process_before_response"])
            app = empty_app(request["workspace"], process_before_response=before)
            runner = web.AppRunner(app.web_app(path=PATH), access_log=None)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            return f"http://127.0.0.1:{runner.addresses[0][1]}"

        await listen(handle)


if __name__ == "__main__":
    serve(main)
