"""A process of local Slacks, one for each workspace, without limits: `python -m tests.bench.local_slack`."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from typing import Any

from bot.manifest import manifest
from bot.sandbox.conversations import Message
from bot.sandbox.files import file_json, keep_file
from bot.sandbox.server import LocalSlack
from bot.sandbox.team import Kind, PersonSpec, Team
from tests.bench.children import Handle, serve
from tests.bench.traffic import Workspace

SECRET = "the-signing-secret-of-the-bench"


@dataclass(slots=True)
class Slacks:
    """The local Slacks by workspace."""

    stack: AsyncExitStack
    of: dict[str, LocalSlack]

    async def handle(self, request: dict[str, Any]) -> Any:
        """Do what the parent asks."""
        match request["do"]:
            case "open":
                return asdict(await self._open(request["team_id"], request["people"]))
            case "card":
                return self._card(self.of[request["team_id"]], request["urls"])
            case "attach":
                slack = self.of[request["team_id"]]
                owner, content = slack.person("olivia").id, request["content"].encode()
                return file_json(
                    slack.workspace, keep_file(slack.workspace, user=owner, name="p.csv", content=content)
                )
            case "delivered":
                return self._delivered(self.of[request["team_id"]])
        raise ValueError(request["do"])

    async def _open(self, team_id: str, people: int) -> Workspace:
        team = Team(
            id=team_id,
            name="Bench",
            domain="bench",
            email_domain="bench.example",
            people=(_person("olivia", Kind.OWNER), *(_person(f"p{number:05d}") for number in range(people))),
        )
        slack = LocalSlack(
            manifest=manifest(socket=False, url="https://steward.example"), signing_secret=SECRET, team=team
        )
        await self.stack.enter_async_context(slack)
        self.of[team_id] = slack
        others = [account for account in slack.workspace.people if account.handle.startswith("p0")]
        return Workspace(
            team_id=team_id,
            app_id=slack.core.app.id,
            bot_token=slack.bot_token,
            signing_secret=SECRET,
            api_url=slack.api_url,
            smtp_url=slack.smtp_url,
            owner_id=slack.person("olivia").id,
            people=tuple((account.id, account.email) for account in others),
        )

    def _card(self, slack: LocalSlack, urls: int) -> dict[str, Any]:
        """A message of the app in the owner's conversation, and places to answer a click on it."""
        workspace, owner = slack.workspace, slack.person("olivia")
        channel, ts = owner.dm.id, workspace.stamps.next()
        said = Message(ts=ts, channel=channel, user=workspace.bot.user, text="Approve?", from_app=True)
        workspace.conversations.say(said)
        where = {"user": owner.id, "channel": channel, "message_ts": ts}
        message = {"type": "message", "ts": ts, "channel": channel, "text": "Approve?", "blocks": []}
        return {"message": message, "urls": [workspace.response_url(**where) for _ in range(urls)]}

    def _delivered(self, slack: LocalSlack) -> list[float]:
        """When each message was posted."""
        return [call.time for call in slack.calls.of("chat.postMessage")]


def _person(handle: str, kind: Kind = Kind.MEMBER) -> PersonSpec:
    return PersonSpec(handle=handle, name=handle.capitalize(), email=f"{handle}@bench.example", kind=kind)


async def main(listen: Callable[[Handle], Awaitable[None]]) -> None:
    """Serve until the parent hangs up."""
    async with AsyncExitStack() as stack:
        await listen(Slacks(stack, {}).handle)


if __name__ == "__main__":
    serve(main)
