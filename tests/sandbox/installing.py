"""Installs the app in a local Slack as a bot on the web would: over HTTP, with the unmodified client."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import LocalSlack, Person
from tests.sandbox.conftest import MANIFEST, SCOPES

Json = dict[str, Any]

CALLBACK = "https://bot.example/slack/oauth_redirect"
OAUTH = {"scopes": {"bot": SCOPES}, "redirect_urls": [CALLBACK]}
EVENTS = {"bot_events": [*MANIFEST["settings"]["event_subscriptions"]["bot_events"], "message.channels"]}
EVENTS["bot_events"] += ["team_access_granted", "team_access_revoked"]


def manifest(**settings: Any) -> Json:
    """A manifest with a redirect address, and these settings more."""
    more = {"event_subscriptions": EVENTS, **settings}
    return {**MANIFEST, "oauth_config": OAUTH, "settings": {**MANIFEST["settings"], **more}}


def ask(slack: LocalSlack, **changed: str | None) -> str:
    """The address a bot sends the browser to; a parameter of None is left out."""
    query: dict[str, str | None] = {
        "client_id": slack.client_id,
        "scope": ",".join(SCOPES),
        "state": "s-1",
        "redirect_uri": CALLBACK,
        **changed,
    }
    sent = {name: value for name, value in query.items() if value is not None}
    return f"{slack.authorize_url}?{urlencode(sent)}"


def answers(address: str) -> dict[str, str]:
    """The parameters of an address the browser was sent back to."""
    return dict(parse_qsl(urlsplit(address).query))


async def exchange(slack: LocalSlack, code: str, **changed: str) -> Json:
    """`oauth.v2.access` with a code."""
    return await access(slack, **{"code": code, "redirect_uri": CALLBACK, **changed})


async def refresh(slack: LocalSlack, refresh_token: str) -> Json:
    """`oauth.v2.access` with a refresh token."""
    return await access(slack, grant_type="refresh_token", refresh_token=refresh_token)


async def access(slack: LocalSlack, **sent: str) -> Json:
    """`oauth.v2.access`; raises SlackApiError."""
    given = {"client_id": slack.client_id, "client_secret": slack.client_secret, **sent}
    api = AsyncWebClient(base_url=slack.api_url, retry_handlers=[])
    answer = await api.api_call("oauth.v2.access", data=given)
    return dict(answer.data)  # type: ignore[arg-type]


async def installed(slack: LocalSlack, person: Person, *, org_wide: bool = False) -> Json:
    """Somebody installs the app; what `oauth.v2.access` answered."""
    back = slack.allow(ask(slack), person, org_wide=org_wide)
    return await exchange(slack, answers(back)["code"])


def client(slack: LocalSlack, token: str) -> AsyncWebClient:
    """The unmodified client with a token."""
    return AsyncWebClient(token=token, base_url=slack.api_url)


async def auth_test(slack: LocalSlack, token: str) -> Json:
    """Who a token speaks for; raises SlackApiError."""
    return dict((await client(slack, token).auth_test()).data)  # type: ignore[arg-type]
