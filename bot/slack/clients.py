"""Clients of Slack's Web API that share the process's session and never repeat a call by themselves."""

import logging

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

SLACK_API = "https://slack.com/api/"


def web_client(
    *, token: str | None, session: aiohttp.ClientSession, base_url: str = SLACK_API, timeout: int = 3
) -> AsyncWebClient:
    """A Web API client that shares `session` and never repeats a call by itself.

    Args:
        token: bot token; None where each call brings its own.
        session: the process's one aiohttp session.
        base_url: Slack's Web API, or another one for tests; a missing last slash is added.
        timeout: seconds a call may take.
    """
    return AsyncWebClient(
        token=token,
        base_url=base_url.rstrip("/") + "/",
        session=session,
        timeout=timeout,
        retry_handlers=[],
        logger=quiet("steward.slack_sdk"),
    )


def with_token(client: AsyncWebClient, token: str | None) -> AsyncWebClient:
    """A copy of a client with another token, or without one."""
    return AsyncWebClient(
        token=token,
        base_url=client.base_url,
        timeout=client.timeout,
        ssl=client.ssl,
        proxy=client.proxy,
        session=client.session,
        trust_env_in_session=client.trust_env_in_session,
        headers=client.headers,
        logger=quiet("steward.slack_sdk"),
        retry_handlers=[],
    )


def quiet(name: str) -> logging.Logger:
    """A logger of a library that would write bodies at INFO and below; a level of its own keeps it quick."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.WARNING)
    return logger
