"""The line to each workspace: a client with its token, and a caller that keeps its pace."""

from dataclasses import dataclass
from typing import Protocol

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.calls import Caller


class NotInstalled(Exception):
    """There is no token for the workspace: the app was never installed there, or was removed."""


class NotRenewed(Exception):
    """The token has expired, and Slack has not given the next one yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """How one workspace is called.

    Args:
        client: with its token, the shared session and no retry handlers.
        caller: holds what Slack limits there, and nowhere else.
    """

    client: AsyncWebClient
    caller: Caller


class Lines(Protocol):
    """Whoever calls Slack asks for the line of the workspace."""

    async def of(self, team_id: str) -> Line:
        """Return the line.

        Args:
            team_id: under which the organization is kept.

        Raises:
            NotInstalled, NotRenewed: see there.
            Busy, StoreUnavailable: the token cannot be read now.
        """


class OneLine:
    """The line of the one workspace whose token is set."""

    def __init__(self, *, client: AsyncWebClient, caller: Caller) -> None:
        self._line = Line(client=client, caller=caller)

    async def of(self, team_id: str) -> Line:
        """Return the line, whatever workspace is named: the outbox is claimed for one alone."""
        return self._line
