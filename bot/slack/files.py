"""Fetches what people attached, and hands files out: only from and to Slack's own file host."""

from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.outcomes import TryLater
from bot.slack.calls import Caller, CallFailed, Trouble

log = structlog.get_logger("steward.slack")

FILE_HOSTS = {"slack.com": "files.slack.com", "slack-gov.com": "files.slack-gov.com"}
"""Where Slack keeps files, by the host of its Web API."""
LARGEST = 10 * 1024 * 1024
"""Bytes; Slack takes no more in a form."""
MOST_REDIRECTS = 3
_NO_SCOPE = frozenset({"missing_scope", "no_permission"})


class NotHandedOut(Exception):
    """The file cannot be had; the message says why and what to do."""


class Files:
    """Files in one workspace.

    Args:
        client: with a shared session and its token.
    """

    def __init__(self, *, client: AsyncWebClient, caller: Caller) -> None:
        self._client, self._caller = client, caller

    async def fetch(self, file_id: str) -> bytes:
        """Return the content of a file that somebody attached.

        Raises:
            NotHandedOut: it is gone, too large, or Slack does not let the app read it.
            TryLater: Slack does not answer now.
        """
        try:
            answer = await self._caller.call(
                "files.info", self._client.files_info, expected=_NO_SCOPE, file=file_id
            )
        except CallFailed as failed:
            if failed.trouble is not Trouble.REFUSED:
                raise TryLater(str(failed), after=failed.after) from failed
            if failed.error in _NO_SCOPE:
                raise NotHandedOut("The app may not read files here: it lacks files:read.") from failed
            raise NotHandedOut("The file is not in Slack any more.") from failed
        file: dict[str, Any] = answer.get("file") or {}
        if int(file.get("size") or 0) > LARGEST:
            raise _too_large()
        return await self.download(str(file.get("url_private_download") or ""))

    async def download(self, url: str) -> bytes:
        """Return what is at an address of Slack's file host; raises as `fetch` does."""
        try:
            for _ in range(MOST_REDIRECTS + 1):
                self._require_own_host(url)
                async with self._session.get(url, headers=self._token, allow_redirects=False) as answer:
                    if answer.status not in (301, 302, 303, 307, 308):
                        return await _content(answer)
                    url = urljoin(url, answer.headers.get("Location", ""))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise TryLater(f"download: {type(error).__name__}") from error
        raise NotHandedOut("Slack sends Steward in circles instead of the file. Try again later.")

    @property
    def _session(self) -> aiohttp.ClientSession:
        assert self._client.session is not None  # the composition root gives every client one
        return self._client.session

    @property
    def _token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._client.token}"}

    def _require_own_host(self, url: str) -> None:
        """Check that the token, or a file, goes to nobody but Slack.

        Raises:
            NotHandedOut: the address is another one.
        """
        given, api = urlsplit(url), urlsplit(self._client.base_url)
        if host := FILE_HOSTS.get(api.hostname or ""):
            known = (given.scheme, given.hostname, given.port or 443) == ("https", host, 443)
        else:  # another Slack than the real one serves its files itself
            known = (given.scheme, given.netloc) == (api.scheme, api.netloc)
        if not known:
            log.warning("slack.foreign_file_host", host=given.hostname)
            raise NotHandedOut("The file is not kept by Slack itself. Attach it from your computer.")

    async def hand_out(self, user_id: str, *, name: str, content: bytes, words: str) -> None:
        """Put a file into the direct conversation with somebody.

        Raises:
            NotHandedOut: Slack does not take it.
            TryLater: Slack does not answer now.
        """
        client, call = self._client, self._caller.call
        try:
            opened = await call("conversations.open", client.conversations_open, users=user_id)
            place = await call(
                "files.getUploadURLExternal",
                client.files_getUploadURLExternal,
                expected=_NO_SCOPE,
                filename=name,
                length=len(content),
            )
            await self._upload(str(place["upload_url"]), content)
            await call(
                "files.completeUploadExternal",
                client.files_completeUploadExternal,
                expected=_NO_SCOPE,
                files=[{"id": place["file_id"], "title": name}],
                channel_id=opened["channel"]["id"],
                initial_comment=words,
            )
        except CallFailed as failed:
            if failed.trouble is Trouble.REFUSED:
                raise NotHandedOut(str(failed)) from failed
            raise TryLater(str(failed), after=failed.after) from failed

    async def _upload(self, url: str, content: bytes) -> None:
        self._require_own_host(url)
        try:
            async with self._session.post(url, data=content, allow_redirects=False) as answer:
                if answer.status != 200:
                    raise TryLater(f"upload: status {answer.status}")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise TryLater(f"upload: {type(error).__name__}") from error


async def _content(answer: aiohttp.ClientResponse) -> bytes:
    if answer.status >= 500 or answer.status == 429:
        raise TryLater(f"download: status {answer.status}")
    if answer.status != 200:
        raise NotHandedOut("The file is not in Slack any more.")
    if answer.content_type == "text/html":  # a page to sign in, where the token is not good for files
        raise NotHandedOut("Slack does not let Steward read the file. It may lack files:read.")
    content = bytearray()
    async for chunk in answer.content.iter_chunked(64 * 1024):
        content += chunk
        if len(content) > LARGEST:
            raise _too_large()
    return bytes(content)


def _too_large() -> NotHandedOut:
    return NotHandedOut(f"The file is too large: {LARGEST // 1024 // 1024} MB are the most. Split it.")
