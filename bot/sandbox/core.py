"""What the parts of the local Slack share: the workspaces, and what belongs to one of them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from bot.sandbox.calls import Calls
from bot.sandbox.changes import Changes
from bot.sandbox.conversations import Channel, Conversations, Directs, Message
from bot.sandbox.faults import Faults
from bot.sandbox.grants import Grants, Installation
from bot.sandbox.ids import Json, Stamps, fresh_id, stable_id
from bot.sandbox.limits import Limiter
from bot.sandbox.manifest import Manifest
from bot.sandbox.people import SLACKBOT, Account, Org, People
from bot.sandbox.team import ChannelSpec, Kind, PersonSpec, Team
from bot.sandbox.triggers import ResponseUrls, Triggers
from bot.sandbox.views import Views


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The app and its secrets, the same for every workspace that installs it."""

    id: str
    manifest: Manifest
    signing_secret: str
    app_token: str
    client_id: str
    client_secret: str
    verification_token: str = field(default_factory=lambda: fresh_id("", 24).lower())


@dataclass(frozen=True, slots=True)
class Bot:
    """The app's user in a workspace or an org."""

    user: str
    id: str


@dataclass(slots=True, kw_only=True)
class StoredFile:
    """A file somebody, or the app, uploaded."""

    id: str
    user: str
    name: str
    mimetype: str
    content: bytes
    created: int
    title: str = ""
    channels: list[str] = field(default_factory=list)
    complete: bool = True


@dataclass(slots=True, kw_only=True, eq=False)
class Enterprise:
    """An Enterprise org: direct conversations, forms and Home tabs are the same in all its workspaces."""

    org: Org
    directs: Directs
    bot: Bot
    views: Views = field(default_factory=Views)
    installation: Installation | None = None

    @property
    def id(self) -> str:
        """`E…`."""
        return self.org.id

    @property
    def name(self) -> str:
        """What people call it."""
        return self.org.name


@dataclass(slots=True, kw_only=True, eq=False)
class Core:
    """What all workspaces of this Slack share: the app, its address, time, faults, tokens."""

    app: App
    rotating: bool
    redirect_urls: tuple[str, ...]
    stamps: Stamps = field(default_factory=Stamps)
    changes: Changes = field(default_factory=Changes)
    faults: Faults = field(default_factory=Faults)
    triggers: Triggers = field(default_factory=Triggers)
    responses: ResponseUrls = field(default_factory=ResponseUrls)
    calls: Calls = field(default_factory=Calls)
    grants: Grants = field(default_factory=Grants)
    tickets: set[str] = field(default_factory=set)
    workspaces: dict[str, "Workspace"] = field(default_factory=dict)
    enterprises: dict[str, Enterprise] = field(default_factory=dict)
    limits: bool = False
    base_url: str = ""
    tell: Callable[[Json], None] = lambda _payload: None
    """Delivers an event; set by who delivers."""

    @property
    def first(self) -> "Workspace":
        """The workspace it began with."""
        return next(iter(self.workspaces.values()))

    def limit(self, *, on: bool) -> None:
        """Says whether Slack's rate limits apply; counting starts anew."""
        self.limits = on
        for workspace in self.workspaces.values():
            workspace.limiter.clear()
        self.changes.mark()

    def home_of(self, user_id: str) -> "Workspace | None":
        """The first workspace that knows somebody."""
        return next((each for each in self.workspaces.values() if each.people.get(user_id)), None)

    def add_enterprise(self, name: str, domain: str) -> Enterprise:
        """Makes an Enterprise org without workspaces; the id follows from its domain."""
        org = Org(id=stable_id("E", domain), name=name, domain=domain)
        bot = Bot(stable_id("W", org.id, self.app.id), stable_id("B", org.id, self.app.id))
        made = Enterprise(org=org, bot=bot, directs=Directs(org.id, bot.user, self.stamps))
        self.enterprises[org.id] = made
        return made

    def add_workspace(self, team: Team, *, app_in: bool, enterprise: Enterprise | None = None) -> "Workspace":
        """Makes a workspace with its people and channels; raises ValueError when its id is taken.

        With `app_in` the app is in the channels that say so; nobody has installed it yet either way.
        """
        if team.id in self.workspaces:
            raise ValueError(f"{team.id} is already there")
        bot, views = Bot(stable_id("U", team.id, self.app.id), stable_id("B", team.id, self.app.id)), Views()
        directs = Directs(team.id, bot.user, self.stamps)
        if enterprise:
            bot, views, directs = enterprise.bot, enterprise.views, enterprise.directs
            enterprise.org.teams.append(team.id)
        people = People(team.id, org=enterprise.org if enterprise else None)
        made = Workspace(
            core=self,
            team=team,
            bot=bot,
            enterprise=enterprise,
            people=people,
            conversations=Conversations(team.id, directs, self.stamps, knows=people.get),
            views=views,
        )
        self.workspaces[team.id] = made
        made.settle(app_in=app_in)
        return made


@dataclass(slots=True, kw_only=True, eq=False)
class Workspace:
    """One workspace: its people, what they said, what they see, and the app in it."""

    core: Core
    team: Team
    bot: Bot
    people: People
    conversations: Conversations
    views: Views
    enterprise: Enterprise | None = None
    own_installation: Installation | None = None
    files: dict[str, StoredFile] = field(default_factory=dict)
    notices: dict[str, str] = field(default_factory=dict)
    limiter: Limiter = field(default_factory=Limiter)

    @property
    def app(self) -> App:
        """The app."""
        return self.core.app

    @property
    def stamps(self) -> Stamps:
        """The time stamps of this Slack."""
        return self.core.stamps

    @property
    def changes(self) -> Changes:
        """Who waits for something to change."""
        return self.core.changes

    @property
    def faults(self) -> Faults:
        """What goes wrong on demand."""
        return self.core.faults

    @property
    def installation(self) -> Installation | None:
        """The installation that counts here: the org's where it was added to this workspace, else its own."""
        org_wide = self.enterprise.installation if self.enterprise else None
        if org_wide and not org_wide.ended and self.team.id in org_wide.teams:
            return org_wide
        return self.own_installation

    @property
    def installed(self) -> bool:
        """Whether the app works here."""
        return self.installation is not None and self.installation.ended is None

    @property
    def org_wide(self) -> bool:
        """Whether the app works here because the whole org installed it."""
        return self.installed and self.installation is not self.own_installation

    @property
    def scopes(self) -> tuple[str, ...]:
        """What the app may do here."""
        return self.installation.scopes if self.installation else ()

    def settle(self, *, app_in: bool) -> None:
        """Fills the workspace with Slackbot, the app's user, and the people and channels of its team."""
        manifest = self.app.manifest
        slackbot = PersonSpec(handle="slackbot", name="Slackbot", email="", kind=Kind.BOT)
        self.people.add(slackbot, user_id=SLACKBOT)
        handle = manifest.bot_name.lower().replace(" ", "")
        bot = PersonSpec(handle=handle, name=manifest.bot_name, email="", kind=Kind.BOT)
        self.people.add(bot, user_id=self.bot.user, bot_id=self.bot.id)
        for person in self.team.people:
            self.join(person)
        for channel in self.team.channels:
            self.add_channel(channel if app_in else replace(channel, app_in=False))

    def trigger(self, user: str, view_id: str | None = None) -> str:
        """A trigger for an act, already expired if that fault is on."""
        expired = self.faults.take("expired_trigger")
        return self.core.triggers.mint(user, team=self.team.id, view_id=view_id, expired=expired)

    def response_url(self, *, user: str, channel: str, message_ts: str | None = None) -> str:
        """An address the bot may answer at."""
        mint = self.core.responses.mint
        response_id = mint(team=self.team.id, user=user, channel=channel, message_ts=message_ts)
        return f"{self.core.base_url}/response/{response_id}"

    def post(self, channel: Channel, **content: Any) -> Message:
        """Says something as the app; `content` are further fields of Message."""
        message = Message(
            ts=self.stamps.next(), channel=channel.id, user=self.bot.user, from_app=True, **content
        )
        self.conversations.say(message)
        self.changes.mark()
        return message

    def whisper(self, channel: Channel, user: str, **content: Any) -> Message:
        """Shows a message from the app to one person only; `content` as in `post`."""
        return self.post(channel, ephemeral_to=user, **content)

    def join(self, spec: PersonSpec) -> Account:
        """Adds somebody; whoever is no guest comes into the channels that are for everybody."""
        return self.admit(self.people.add(spec))

    def admit(self, account: Account) -> Account:
        """Puts somebody who was added into their conversations."""
        if account.is_person:
            self.conversations.with_app(account.id)
            if account.is_full_member:
                for channel in self.conversations.for_everybody():
                    self.conversations.join(channel, account.id)
        self.changes.mark()
        return account

    def add_channel(self, spec: ChannelSpec) -> Channel:
        """Makes a channel with its members, given by handle; raises KeyError for an unknown one."""
        if unknown := [handle for handle in spec.members if self.people.handle(handle) is None]:
            raise KeyError(unknown[0])
        channel = self.conversations.open_channel(
            spec.name,
            topic=spec.topic,
            is_private=spec.is_private,
            app_in=spec.app_in,
            for_everybody=not spec.members,
        )
        for account in self.people:
            if account.handle in spec.members or (not spec.members and account.is_full_member):
                self.conversations.join(channel, account.id)
        if spec.app_in:
            self.conversations.join(channel, self.bot.user)
        return channel
