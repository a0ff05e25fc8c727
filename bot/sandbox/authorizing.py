"""The page on which somebody allows the app into their workspace, or their org: `/oauth/v2/authorize`."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from aiohttp import web

from bot.sandbox.core import Core, Workspace
from bot.sandbox.grants import Consent
from bot.sandbox.people import Account
from bot.sandbox.scopes import words_of_scope
from bot.sandbox.team import Kind

PATH = "/oauth/v2/authorize"
_PAGE = Path(__file__).parent / "static" / "authorize.html"


class Unauthorizable(Exception):
    """The address asks for something Slack does not offer; its words are for the person at the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the address the browser was sent to asks for, checked; `redirect_uri` as it was sent, or empty."""

    scopes: tuple[str, ...]
    redirect_uri: str
    back: str
    state: str | None

    @classmethod
    def read(cls, core: Core, query: Mapping[str, str]) -> "Wish":
        """Reads the parameters; raises Unauthorizable."""
        declared = core.app.manifest.bot_scopes
        scopes = tuple(each for each in query.get("scope", "").replace(" ", ",").split(",") if each)
        sent = query.get("redirect_uri", "")
        if query.get("client_id") != core.app.client_id:
            raise Unauthorizable("invalid_client_id: no app has this client_id.")
        if query.get("user_scope"):
            raise Unauthorizable("invalid_user_scope: the apps of this local Slack have bots only.")
        if not scopes:
            raise Unauthorizable("no_scopes: the address names no scope.")
        if unknown := [each for each in scopes if each not in declared]:
            raise Unauthorizable(f"invalid_scope: the app does not declare {', '.join(unknown)}.")
        back = sent or next(iter(core.redirect_urls), "")
        if not any(_covers(url, back) for url in core.redirect_urls):
            words = "bad_redirect_uri: redirect_uri did not match any configured URIs. Passed URI:"
            raise Unauthorizable(f"{words} {sent or 'none'}")
        return cls(scopes=scopes, redirect_uri=sent, back=back, state=query.get("state"))

    def answer(self, **answer: str) -> str:
        """The address the browser goes back to."""
        parts = urlsplit(self.back)
        state = {} if self.state is None else {"state": self.state}
        query = urlencode([*parse_qsl(parts.query), *answer.items(), *state.items()])
        return urlunsplit(parts._replace(query=query))


def _covers(configured: str, sent: str) -> bool:
    """A redirect address is a configured one, or lies beneath it."""
    base = configured.rstrip("/")
    return sent in (configured, base) or sent.startswith((f"{base}/", f"{base}?"))


def allow(
    core: Core,
    wish: Wish,
    workspace: Workspace,
    account: Account,
    *,
    org_wide: bool,
    add_to: frozenset[str] | None = None,
) -> str:
    """Somebody clicks Allow; returns the address with the code. Raises Unauthorizable if they may not."""
    if not account.is_full_member:
        raise Unauthorizable(f"{account.name} cannot install apps in {workspace.team.name}.")
    if org_wide and workspace.enterprise is None:
        raise Unauthorizable(f"{workspace.team.name} belongs to no Enterprise org.")
    if org_wide and not core.app.manifest.org_deploy:
        raise Unauthorizable("The app is not made for whole orgs.")
    if org_wide and account.kind not in (Kind.OWNER, Kind.ADMIN):
        raise Unauthorizable(f"{account.name} is no admin: only admins install for a whole org.")
    consent = Consent(
        user=account.id,
        team_id=workspace.team.id,
        org_wide=org_wide,
        scopes=wish.scopes,
        redirect_uri=wish.redirect_uri,
        add_to=add_to,
    )
    return wish.answer(code=core.grants.code(consent))


def cancel(wish: Wish) -> str:
    """Somebody clicks Cancel; returns the address with `access_denied`."""
    return wish.answer(error="access_denied")


class Authorizing:
    """The page, and what its buttons do."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def routes(self) -> list[web.RouteDef]:
        """Where the browser is sent, and where the form goes."""
        return [web.get(PATH, self._show), web.post(PATH, self._decide)]

    async def _show(self, request: web.Request) -> web.Response:
        try:
            wish = Wish.read(self._core, request.query)
        except Unauthorizable as refused:
            return _page(self._core, problem=str(refused), status=400)
        return _page(self._core, form=_form(self._core, wish, request.query))

    async def _decide(self, request: web.Request) -> web.Response:
        fields = {name: str(value) for name, value in (await request.post()).items()}
        try:
            wish = Wish.read(self._core, fields)
            where = self._decided(wish, fields)
        except Unauthorizable as refused:
            return _page(self._core, problem=str(refused), status=400)
        return web.Response(status=302, headers={"Location": where})

    def _decided(self, wish: Wish, fields: Mapping[str, str]) -> str:
        if fields.get("decision") != "allow":
            return cancel(wish)
        team_id, _, user_id = fields.get("who", "").partition("/")
        workspace = self._core.workspaces.get(team_id)
        account = workspace.people.get(user_id) if workspace else None
        if workspace is None or account is None:
            raise Unauthorizable("Choose who installs the app.")
        return allow(self._core, wish, workspace, account, org_wide=bool(fields.get("org_wide")))


def _page(core: Core, *, form: str = "", problem: str = "", status: int = 200) -> web.Response:
    name = core.app.manifest.name
    title = f"{name} asks to be installed" if form else "Something went wrong when authorizing this app."
    body = form or f'<p class="problem">{escape(problem)}</p>'
    page = Template(_PAGE.read_text(encoding="utf-8"))
    text = page.substitute(title=escape(title), initial=escape(name[:1]), body=body)
    return web.Response(text=text, status=status, content_type="text/html")


def _form(core: Core, wish: Wish, query: Mapping[str, str]) -> str:
    kept = ("client_id", "scope", "state", "redirect_uri")
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(query[name])}">' for name in kept if name in query
    )
    groups = "".join(_group(workspace) for workspace in core.workspaces.values())
    rights = "".join(f"<li>{escape(words_of_scope(scope))}</li>" for scope in wish.scopes)
    everywhere = ""
    if core.enterprises and core.app.manifest.org_deploy:
        everywhere = (
            '<label class="wide"><input type="checkbox" name="org_wide" value="1">'
            " Install for the whole Enterprise org</label>"
        )
    return (
        f'<form method="post" action="{PATH}">{hidden}'
        f'<label for="who">Workspace and who you are</label><select id="who" name="who">{groups}</select>'
        f"{everywhere}<h2>What it will be able to do</h2><ul>{rights}</ul>"
        '<div class="buttons"><button name="decision" value="cancel">Cancel</button>'
        '<button class="primary" name="decision" value="allow">Allow</button></div></form>'
    )


def _group(workspace: Workspace) -> str:
    org = f" ({workspace.enterprise.name})" if workspace.enterprise else ""
    team = workspace.team
    people = "".join(
        f'<option value="{team.id}/{account.id}">{escape(f"{account.name}, {team.name}")}</option>'
        for account in workspace.people
        if account.is_full_member
    )
    return f'<optgroup label="{escape(team.name + org)}">{people}</optgroup>'
