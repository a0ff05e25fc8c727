"""The JSON the page lives on, under `/page/`.

State and events are as follows; times are epoch seconds unless a Slack `ts`.

GET /page/state?as=U..  (404 `{ok:false,error}` when there is no such person; without `as`, the first one)
    team {id,name,domain} · clock {now: ISO 8601, movable: bool} · version int · limits bool
    faults {name: value} as in `Faults`
    app {id,name,bot_user_id,installed, home_tab, messages_tab, messages_read_only,
         commands [{command,description,usage_hint}], shortcuts [{name,callback_id,description,type}]}
    people [{id,handle,name,real_name,email,title,kind,color,in_slack,deleted,unread}] · people_hidden int
        at most 200 people: those of the team first, then addresses that got mail; the rest are counted
    me: one of people · notice: words or null
    channels [{id,name,is_private,topic,archived,app_in,unread}] · dms [{id,user or app,name,unread}]
    conversations {channel id: [{ts, user or bot, username, icon, text, blocks, attachments, files, edited,
         ephemeral, metadata_hidden, reply_to}]}  the last 200 of each, oldest first
    home {id,blocks,hash,values} or null · views [{id,hash,view,values,errors,busy}] newest last
    mail [{id,to,from,subject,text,html,links,received,read}] oldest first
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
    /page/clock    {advance_seconds} -> {now}
    `channel` of command and message may be a user id: their direct conversation is opened.
Words of an error reach the person once: in the answer of the POST that caused it. `notice` only has words
that no POST answered (an act done through the Python driver), until that person's next act.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

from aiohttp import web

from bot.sandbox.acts import Acts, Outcome, Place
from bot.sandbox.conversations import Channel
from bot.sandbox.core import Core
from bot.sandbox.files import MOST_ATTACHED, TOO_LARGE, keep_file
from bot.sandbox.ids import Json
from bot.sandbox.mail import Mailboxes
from bot.sandbox.page_state import Clock, page_state
from bot.sandbox.people import Account

_EVENT_PAUSE = 0.1

Handler = Callable[[Account, Json], Awaitable[Outcome]]
Setting = Callable[[Json], Awaitable[Json]]


class PageError(Exception):
    """A request of the page that makes no sense; its words are for the person."""


class Page:
    """Routes under `/page/`."""

    def __init__(self, core: Core, acts: Acts, boxes: Mailboxes, clock: Clock | None) -> None:
        self._core = core
        self._acts = acts
        self._boxes = boxes
        self._clock = clock
        self._ending = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        """Every route of the page's API."""
        posts: dict[str, Handler] = {
            "command": self._command,
            "message": self._message,
            "shortcut": self._shortcut,
            "home": self._home,
            "action": self._action,
            "options": self._options,
            "submit": self._submit,
            "close": self._close,
            "read": self._read,
            "mail/read": self._read_mail,
        }
        settings: dict[str, Setting] = {
            "faults": self._faults,
            "limits": self._limits,
            "clock": self._advance,
        }
        return [
            web.get("/page/state", self._state),
            web.get("/page/events", self._events),
            web.post("/page/upload", self._upload),
            *(web.post(f"/page/{name}", _answered(setting)) for name, setting in settings.items()),
            *(web.post(f"/page/{name}", self._posted(handler)) for name, handler in posts.items()),
        ]

    def end(self) -> None:
        """Ends the event streams."""
        self._ending.set()
        self._core.changes.mark()

    async def _state(self, request: web.Request) -> web.Response:
        first = next((each.id for each in self._core.people if each.is_person), "")
        account = self._core.people.get(request.query.get("as") or first)
        if account is None:
            return web.json_response({"ok": False, "error": "There is no such person."}, status=404)
        return web.json_response(page_state(self._core, account, self._boxes, self._clock))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await stream.prepare(request)
        with self._core.changes.listen() as changed:
            while not self._ending.is_set():
                changed.clear()
                line = f'data: {{"version":{self._core.changes.version}}}\n\n'
                try:
                    await stream.write(line.encode())
                except ConnectionError:
                    break
                await changed.wait()
                await asyncio.sleep(_EVENT_PAUSE)
        return stream

    def _posted(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def act(body: Json) -> Json:
            account = self._somebody(body)
            self._core.notices.pop(account.id, None)
            outcome = await handler(account, body)
            if outcome.error:
                raise PageError(outcome.error)
            return outcome.data

        return _answered(act)

    def _somebody(self, body: Json) -> Account:
        account = self._core.people.get(str(body.get("as", "")))
        if account is None:
            raise PageError("There is no such person.")
        return account

    def _slack_user(self, account: Account) -> Account:
        if not account.is_person:
            raise PageError(f"{account.name} cannot use this Slack.")
        return account

    def _channel(self, account: Account, body: Json, name: str = "channel") -> Channel:
        core, wanted = self._core, str(body.get(name, ""))
        self._slack_user(account)
        if core.people.get(wanted):
            if wanted == core.app.user:
                return core.conversations.with_app(account.id)
            return core.conversations.between(account.id, wanted)
        channel = core.conversations.get(wanted)
        if channel is None or account.id not in channel.members:
            raise PageError("You are not in that conversation.")
        return channel

    def _place(self, account: Account, body: Json) -> Place:
        core, container = self._core, body.get("container") or {}
        match container.get("type"):
            case "message":
                channel = self._channel(account, container)
                message = channel.find(str(container.get("ts", "")), account.id)
                if message is None:
                    raise PageError("That message is gone.")
                return Place(channel=channel, message=message)
            case "view":
                view = core.views.get(str(container.get("view_id", "")))
            case "home":
                view = core.views.home(account.id)
            case _:
                view = None
        if view is None or view.user != account.id:
            raise PageError("That form is no longer open.")
        return Place(view=view)

    async def _command(self, account: Account, body: Json) -> Outcome:
        channel = self._channel(account, body)
        return await self._acts.command(
            account, channel, str(body.get("command", "")), str(body.get("text", ""))
        )

    async def _message(self, account: Account, body: Json) -> Outcome:
        return self._acts.say(account, self._channel(account, body), str(body.get("text", "")))

    async def _shortcut(self, account: Account, body: Json) -> Outcome:
        self._slack_user(account)
        callback_id = str(body.get("callback_id", ""))
        if not body.get("ts"):
            return await self._acts.shortcut(account, callback_id)
        channel = self._channel(account, body)
        return await self._acts.shortcut(account, callback_id, channel, channel.find(str(body["ts"])))

    async def _home(self, account: Account, body: Json) -> Outcome:
        return self._acts.open_home(self._slack_user(account), str(body.get("tab", "home")))

    async def _action(self, account: Account, body: Json) -> Outcome:
        place = self._place(account, body)
        ids = {name: body.get(name) for name in ("block_id", "action_id")}
        action = {**body.get("action", {}), **ids}
        values = (body.get("state") or {}).get("values")
        return await self._acts.act(account, place, action, values)

    async def _options(self, account: Account, body: Json) -> Outcome:
        return await self._acts.options(
            account,
            self._place(account, body),
            block_id=str(body.get("block_id", "")),
            action_id=str(body.get("action_id", "")),
            value=str(body.get("value", "")),
        )

    async def _submit(self, account: Account, body: Json) -> Outcome:
        place = self._place(account, {"container": {"type": "view", "view_id": body.get("view_id")}})
        assert place.view is not None
        outcome = await self._acts.submit(account, place.view, body.get("values") or {})
        return Outcome(outcome.error, data={"errors": outcome.errors})

    async def _close(self, account: Account, body: Json) -> Outcome:
        place = self._place(account, {"container": {"type": "view", "view_id": body.get("view_id")}})
        assert place.view is not None
        return await self._acts.close(account, place.view, everything=bool(body.get("all")))

    async def _read(self, account: Account, body: Json) -> Outcome:
        self._channel(account, body).mark_read(account.id, self._core.stamps.next())
        self._core.changes.mark()
        return Outcome()

    async def _read_mail(self, account: Account, body: Json) -> Outcome:
        for mail in self._boxes.of(account.email):
            if mail.id == body.get("id"):
                mail.read = True
        self._core.changes.mark()
        return Outcome()

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        account = self._core.people.get(str(form.get("as", "")))
        upload = form.get("file")
        if account is None or not isinstance(upload, web.FileField):
            return _refusal("There is no file, or nobody who uploads it.")
        content = upload.file.read()
        if len(content) > MOST_ATTACHED:
            return _refusal(TOO_LARGE)
        stored = keep_file(
            self._core, user=account.id, name=upload.filename, content=content, mimetype=upload.content_type
        )
        shown = {"id": stored.id, "name": stored.name, "mimetype": stored.mimetype, "size": len(content)}
        return web.json_response({"ok": True, "file": shown})

    async def _faults(self, body: Json) -> Json:
        try:
            self._core.faults.update(body)
        except ValueError as error:
            raise PageError(str(error)) from None
        self._core.changes.mark()
        return {"faults": self._core.faults.to_json()}

    async def _limits(self, body: Json) -> Json:
        self._core.limits = bool(body.get("on"))
        self._core.limiter.clear()
        self._core.changes.mark()
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


def _answered(act: Setting) -> Callable[[web.Request], Awaitable[web.Response]]:
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
