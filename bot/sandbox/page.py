"""The JSON the page lives on, under `/page/`.

State and events are as follows; times are epoch seconds unless a Slack `ts`.

GET /page/state?as=U..[&team=T..]  (404 `{ok:false,error}` when there is no such person; without `as` the
    first one; without `team` the first workspace that knows the person)
    team {id,name,domain} · workspaces [{id,name,domain,enterprise: name or null,installed}]
    clock {now: ISO 8601, movable: bool} · version int · limits bool
    faults {name: value} as in `Faults`
    app {id,name,bot_user_id,installed,removed, home_tab, messages_tab, messages_read_only,
         commands [{command,description,usage_hint}], shortcuts [{name,callback_id,description,type}]}
    people [{id,handle,name,real_name,email,title,kind,color,in_slack,deleted,unread}] · people_hidden int
        at most 200 people: those of the team first, then addresses that got mail; the rest are counted
    me: one of people · notice: words or null
    channels [{id,name,is_private,topic,archived,app_in,unread}] · dms [{id,user or app,name,unread}]
    conversations {channel id: [{ts, user or bot, username, icon, text, blocks, attachments, files, edited,
         ephemeral, metadata_hidden, reply_to}]}  the last 200 of each, oldest first
    home {id,blocks,hash,values} or null · views [{id,hash,view,values,errors,busy}] newest last
    mail [{id,to,from,subject,text,html,links,received,read}] oldest first
    a message's files have a `page_url` beside what Slack says of them
GET /page/files/{id}?team=T..  what somebody attached or the app uploaded, to keep (404 when there is none)
GET /page/events?as=U..  `data: {"version":N}` at once and whenever something changed

POST bodies as in the table below; each answers `{ok:true,…}` or `{ok:false,error}` with status 200.
    /page/command  {as,channel,command,text}           /page/message {as,channel,text} -> {ts}
    /page/shortcut {as,callback_id[,channel,ts]}       /page/home {as[,tab:"home"|"messages"]}
    /page/action   {as,container,block_id,action_id,action,state:{values}}
    /page/options  {as,container,block_id,action_id,value} -> {options} or {option_groups}
    /page/submit   {as,view_id,values} -> {errors:{block_id:words}} (empty when it was taken)
    /page/close    {as,view_id,all}
    /page/upload   multipart as, file -> {file:{id,name,mimetype,size}}
    /page/read     {as,channel}                        /page/mail/read {as,id}
    /page/faults   {name:value,…} -> {faults}          /page/limits {on}
    /page/clock    {advance_seconds} -> {now}          /page/uninstall {team[,org_wide]}
    Each may name a `team`; without it the person's first workspace is meant.
    `channel` of command and message may be a user id: their direct conversation is opened.
Words of an error reach the person once: in the answer of the POST that caused it. `notice` only has words
that no POST answered (an act done through the Python driver), until that person's next act.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from aiohttp import web

from bot.sandbox.acts import Acts
from bot.sandbox.core import Core, Workspace
from bot.sandbox.dispatch import Dispatcher
from bot.sandbox.files import MOST_ATTACHED, TOO_LARGE, keep_file
from bot.sandbox.ids import Json
from bot.sandbox.installs import uninstall
from bot.sandbox.mail import Mailboxes
from bot.sandbox.page_acts import PageActs, PageError
from bot.sandbox.page_state import Clock, page_state

_EVENT_PAUSE = 0.1
_ACTS = (
    "command",
    "message",
    "shortcut",
    "home",
    "action",
    "options",
    "submit",
    "close",
    "read",
    "mail/read",
)

Answering = Callable[[Json], Awaitable[Json]]


class Page:
    """Routes under `/page/`; each request is about the workspace it names."""

    def __init__(self, core: Core, dispatcher: Dispatcher, boxes: Mailboxes, clock: Clock | None) -> None:
        self._core = core
        self._dispatcher = dispatcher
        self._boxes = boxes
        self._clock = clock
        self._ending = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        """Every route of the page's API."""
        settings: dict[str, Answering] = {
            "faults": self._faults,
            "limits": self._limits,
            "clock": self._advance,
            "uninstall": self._uninstall,
        }
        acts = {name: self._act(name) for name in _ACTS}
        return [
            web.get("/page/state", self._state),
            web.get("/page/events", self._events),
            web.get("/page/files/{id}", self._file),
            web.post("/page/upload", self._upload),
            *(web.post(f"/page/{name}", _answered(each)) for name, each in (settings | acts).items()),
        ]

    def end(self) -> None:
        """Ends the event streams."""
        self._ending.set()
        self._core.changes.mark()

    def _workspace(self, names: Mapping[str, Any]) -> Workspace:
        """The workspace that is named, else the first that knows the person, else the first of all."""
        core, team_id = self._core, str(names.get("team") or "")
        named = core.workspaces.get(team_id) if team_id else core.home_of(str(names.get("as") or ""))
        return named or core.first

    def _act(self, name: str) -> Answering:
        async def act(body: Json) -> Json:
            workspace = self._workspace(body)
            return await PageActs(workspace, Acts(workspace, self._dispatcher), self._boxes).act(name, body)

        return act

    async def _state(self, request: web.Request) -> web.Response:
        workspace = self._workspace(request.query)
        first = next((each.id for each in workspace.people if each.is_person), "")
        account = workspace.people.get(request.query.get("as") or first)
        if account is None:
            return web.json_response({"ok": False, "error": "There is no such person."}, status=404)
        return web.json_response(page_state(workspace, account, self._boxes, self._clock))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        changes = self._core.changes
        stream = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await stream.prepare(request)
        with changes.listen() as changed:
            while not self._ending.is_set():
                changed.clear()
                try:
                    await stream.write(f'data: {{"version":{changes.version}}}\n\n'.encode())
                except ConnectionError:
                    break
                await changed.wait()
                await asyncio.sleep(_EVENT_PAUSE)
        return stream

    async def _file(self, request: web.Request) -> web.Response:
        stored = self._workspace(request.query).files.get(request.match_info["id"])
        if stored is None or not stored.complete:
            return web.Response(status=404, text="There is no such file.")
        kept = f"attachment; filename*=UTF-8''{quote(stored.name, safe='')}"
        headers = {"Content-Disposition": kept}
        return web.Response(body=stored.content, content_type=stored.mimetype, headers=headers)

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        workspace = self._workspace(form)
        account = workspace.people.get(str(form.get("as", "")))
        upload = form.get("file")
        if account is None or not isinstance(upload, web.FileField):
            return _refusal("There is no file, or nobody who uploads it.")
        content = upload.file.read()
        if len(content) > MOST_ATTACHED:
            return _refusal(TOO_LARGE)
        stored = keep_file(
            workspace, user=account.id, name=upload.filename, content=content, mimetype=upload.content_type
        )
        shown = {"id": stored.id, "name": stored.name, "mimetype": stored.mimetype, "size": len(content)}
        return web.json_response({"ok": True, "file": shown})

    async def _faults(self, body: Json) -> Json:
        faults = self._core.faults
        try:
            faults.update(body)
        except ValueError as error:
            raise PageError(str(error)) from None
        self._core.changes.mark()
        return {"faults": faults.to_json()}

    async def _limits(self, body: Json) -> Json:
        self._core.limit(on=bool(body.get("on")))
        return {}

    async def _advance(self, body: Json) -> Json:
        if self._clock is None:
            raise PageError("The clock of this Slack cannot be moved.")
        seconds = body.get("advance_seconds")
        if not isinstance(seconds, (int, float)) or seconds < 0:
            raise PageError("The clock only moves forward, by seconds.")
        await self._clock.advance(timedelta(seconds=seconds))
        self._core.changes.mark()
        return {"now": self._clock.now().isoformat()}

    async def _uninstall(self, body: Json) -> Json:
        workspace = self._workspace(body)
        org = workspace.enterprise
        found = org.installation if org and body.get("org_wide") else workspace.installation
        if found is None or found.ended:
            raise PageError("The app is not installed there.")
        uninstall(self._core, found)
        return {}


def _answered(act: Answering) -> Callable[[web.Request], Awaitable[web.Response]]:
    """An act as a route: its answer with `ok`, or the words of why not."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response({"ok": True, **await act(await _body(request))})
        except PageError as error:
            return _refusal(str(error))

    return handle


async def _body(request: web.Request) -> Json:
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        raise PageError("That is not JSON.") from None
    if not isinstance(body, dict):
        raise PageError("That is not a JSON object.")
    return body


def _refusal(words: str) -> web.Response:
    return web.json_response({"ok": False, "error": words})
