"""The page of an invitation: shows it, and takes the answer."""

import asyncio
from dataclasses import dataclass
from urllib.parse import parse_qs

import structlog
from aiohttp import web

from bot.web.errors import Problem
from bot.web.forgery import FormGuard
from bot.web.limits import RateLimit, client_address
from bot.web.link_state import HTTP_STATUS, InvitationPage, LinkState, invitation_page
from bot.web.pages import Pages
from domain.changes import AcceptInvitation, Change, DeclineInvitation
from domain.errors import Busy, NoSuchInvitation, NotSetUp, Refusal
from domain.front_desk import FrontDesk, LinkHolder
from domain.keys import hash_token
from domain.model import Invitee
from domain.texts import LONGEST_NAME

PATH = "/invitations/{token}"
LARGEST_FORM = 16 * 1024
FORM_SECONDS = 10.0
FORM_FIELDS = 10
_FORM_TYPE = "application/x-www-form-urlencoded"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the form said."""

    accept: bool
    name: str
    form_key: str


class InvitationDoor:
    """The handlers of `/invitations/{token}`."""

    def __init__(self, *, front_desk: FrontDesk, pages: Pages, guard: FormGuard) -> None:
        self._front_desk, self._pages, self._guard = front_desk, pages, guard
        self._views = RateLimit(burst=120, per_minute=120)
        self._answers = RateLimit(burst=60, per_minute=60)
        self._answers_to_one = RateLimit(burst=8, per_minute=8)

    async def show(self, request: web.Request) -> web.Response:
        """Answer GET and HEAD: nothing changes, whoever follows the link."""
        _within(self._views.wait(client_address(request)))
        token = _token_of(request)
        _, page = await self._read(token)
        welcome = "answered" in request.query and page.state is LinkState.ACCEPTED
        return self._shown(request, token, page, welcome=welcome)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer POST: accept or decline, then lead to the page that says what became of it."""
        token = _token_of(request)
        _within(self._answers.wait(client_address(request)))
        _within(self._answers_to_one.wait(hash_token(token)))
        answer = _parsed(await _body(request))
        invitation_id, page = await self._read(token)
        if page.state is not LinkState.OPEN:
            return self._shown(request, token, page, status=409)
        if not self._guard.genuine(request, token, answer.form_key):
            log.warning("invitation.form_refused", invitation=invitation_id)
            return self._shown(request, token, page, status=403, error="not_genuine", name=answer.name)
        if answer.accept and (error := _name_error(answer.name)):
            return self._shown(request, token, page, status=422, error=error, name=answer.name)
        return await self._submit(request, token, _change(answer, invitation_id))

    async def _submit(self, request: web.Request, token: str, change: Change) -> web.StreamResponse:
        try:
            await self._front_desk.submit(LinkHolder(token), change)
        except (Busy, NotSetUp, NoSuchInvitation):
            raise
        except Refusal as refusal:
            _, page = await self._read(token)
            if page.state is LinkState.OPEN:
                raise
            log.info("invitation.answered_too_late", refusal=refusal.code)
            return self._shown(request, token, page, status=409)
        response = web.Response(status=303, headers={"Location": "?answered"})
        self._pages.protect(response)
        return response

    async def _read(self, token: str) -> tuple[str, InvitationPage]:
        async with self._front_desk.reading(LinkHolder(token)) as (tx, actor):
            assert isinstance(actor, Invitee)
            return actor.invitation.id, await invitation_page(tx, actor)

    def _shown(
        self,
        request: web.Request,
        token: str,
        page: InvitationPage,
        *,
        status: int | None = None,
        welcome: bool = False,
        error: str = "",
        name: str | None = None,
    ) -> web.Response:
        if status is None:
            status = HTTP_STATUS.get(page.state, 200)
        if page.state is not LinkState.OPEN:
            return self._pages.page(request, "over.html", {"page": page, "welcome": welcome}, status=status)
        nonce = self._guard.nonce(request)
        context = {
            "page": page,
            "form_key": self._guard.form_key(nonce, token),
            "error": error,
            "name": page.name if name is None else name,
            "longest_name": LONGEST_NAME,
        }
        response = self._pages.page(request, "open.html", context, status=status, form=True)
        self._guard.set_cookie(response, nonce)
        return response


def _token_of(request: web.Request) -> str:
    # Whatever was sent is looked up: only the database knows that a link leads nowhere.
    return request.match_info["token"].encode("ascii", "backslashreplace").decode()


def _within(wait: float) -> None:
    if wait:
        raise Problem(429, retry_after=wait)


async def _body(request: web.Request) -> bytes:
    """Read a form of modest size, without waiting forever."""
    if request.content_type != _FORM_TYPE:
        raise Problem(415)
    if (request.content_length or 0) > LARGEST_FORM:
        raise Problem(413)
    body = bytearray()
    try:
        async with asyncio.timeout(FORM_SECONDS):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > LARGEST_FORM:
                    raise Problem(413)
    except TimeoutError:
        raise Problem(408) from None
    except (ConnectionError, web.RequestPayloadError):  # the sender stopped halfway
        raise Problem(400) from None
    return bytes(body)


def _parsed(body: bytes) -> Answer:
    try:
        fields = parse_qs(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FORM_FIELDS
        )
    except ValueError:  # not ASCII, not UTF-8 within, or too many fields
        raise Problem(400) from None
    answer = fields.get("answer", [""])[0]
    if answer not in ("accept", "decline"):
        raise Problem(400)
    name = " ".join(fields.get("name", [""])[0].split())
    return Answer(accept=answer == "accept", name=name, form_key=fields.get("form_key", [""])[0])


def _name_error(name: str) -> str:
    if not name:
        return "no_name"
    return "long_name" if len(name) > LONGEST_NAME else ""


def _change(answer: Answer, invitation_id: str) -> Change:
    if answer.accept:
        return AcceptInvitation(invitation_id=invitation_id, name=answer.name)
    return DeclineInvitation(invitation_id=invitation_id)
