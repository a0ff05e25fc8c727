"""What there is in a local Slack and who comes and goes: workspaces, orgs, people, channels, the app."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from bot.sandbox import authorizing
from bot.sandbox.acts import Acts
from bot.sandbox.authorizing import Wish
from bot.sandbox.conversations import Channel
from bot.sandbox.core import App, Core, Enterprise, Workspace
from bot.sandbox.dispatch import Dispatcher
from bot.sandbox.grants import Consent, Installation
from bot.sandbox.ids import stable_client_id, stable_id
from bot.sandbox.installs import add_to, install, revoke, take_from, uninstall
from bot.sandbox.manifest import Manifest
from bot.sandbox.person import Person
from bot.sandbox.socket import SocketMode
from bot.sandbox.team import ChannelSpec, Kind, PersonSpec, Team


class Places:
    """The workspaces of a local Slack, the first of them in `workspace`, and the app in them."""

    workspace: Workspace

    def __init__(
        self,
        *,
        manifest: Manifest,
        team_id: str,
        signing_secret: str,
        app_token: str,
        client_secret: str,
        redirect_urls: Sequence[str],
    ) -> None:
        app = App(
            id=stable_id("A", team_id, manifest.name),
            manifest=manifest,
            signing_secret=signing_secret,
            app_token=app_token,
            client_id=stable_client_id(team_id, manifest.name),
            client_secret=client_secret,
        )
        urls = tuple(redirect_urls) or manifest.redirect_urls
        self.core = Core(app=app, rotating=manifest.token_rotation, redirect_urls=urls)
        self.socket = SocketMode(self.core)
        self.dispatcher = Dispatcher(self.core, self.socket)
        self._persons: dict[tuple[str, str], Person] = {}

    @property
    def workspaces(self) -> Mapping[str, Workspace]:
        """Every workspace, by team id."""
        return self.core.workspaces

    def add_enterprise(self, name: str, domain: str | None = None) -> Enterprise:
        """Makes an Enterprise org; its workspaces are added to it as they are made."""
        return self.core.add_enterprise(name, domain or name.lower().replace(" ", "-"))

    def add_workspace(
        self,
        team: Team,
        *,
        enterprise: Enterprise | None = None,
        installed: bool = False,
        bot_token: str = "",
    ) -> Workspace:
        """Makes a workspace; with `installed` it has the app, with this token or a new one."""
        made = self.core.add_workspace(team, enterprise=enterprise, app_in=installed)
        if installed:
            scopes = self.core.app.manifest.bot_scopes
            installer = next((each.id for each in made.people if each.is_full_member), "")
            consent = Consent(user=installer, team_id=team.id, org_wide=False, scopes=scopes, redirect_uri="")
            install(self.core, consent, token=bot_token)
        self.core.changes.mark()
        return made

    def person(self, handle: str, workspace: Workspace | None = None) -> Person:
        """Somebody to act as, by handle; raises KeyError when there is nobody of that name."""
        workspace = workspace or self.workspace
        account = workspace.people.handle(handle)
        if account is None:
            raise KeyError(handle)
        key = (workspace.team.id, account.id)
        if key not in self._persons:
            self._persons[key] = Person(workspace, Acts(workspace, self.dispatcher), account)
        return self._persons[key]

    def add_person(
        self,
        *,
        name: str,
        email: str = "",
        handle: str | None = None,
        title: str = "",
        kind: Kind | str = Kind.MEMBER,
        confirmed: bool = True,
        deleted: bool = False,
        workspace: Workspace | None = None,
    ) -> Person:
        """Somebody joins a workspace (or, as a stranger, only gets a mailbox); the app hears of it."""
        workspace = workspace or self.workspace
        spec = PersonSpec(
            handle=handle or name.split()[0].lower(),
            name=name,
            email=email,
            title=title,
            kind=Kind(kind),
            confirmed=confirmed,
            deleted=deleted,
        )
        account = workspace.join(spec)
        if account.in_slack:
            Acts(workspace, self.dispatcher).person_event("team_join", account)
        return self.person(account.handle, workspace)

    def share(self, person: Person, workspace: Workspace) -> Person:
        """Somebody joins another workspace of their org with the id they have; the app hears of it."""
        account = workspace.admit(workspace.people.share(person.account))
        Acts(workspace, self.dispatcher).person_event("team_join", account)
        return self.person(account.handle, workspace)

    def add_channel(
        self,
        name: str,
        *,
        members: Sequence[str] = (),
        is_private: bool = False,
        app_in: bool = True,
        topic: str = "",
        workspace: Workspace | None = None,
    ) -> Channel:
        """Makes a channel; `members` are handles, none means everybody but guests."""
        spec = ChannelSpec(
            name=name, topic=topic, is_private=is_private, members=tuple(members), app_in=app_in
        )
        channel = (workspace or self.workspace).add_channel(spec)
        self.core.changes.mark()
        return channel

    def channel(self, name: str, workspace: Workspace | None = None) -> Channel:
        """A channel by name; raises KeyError."""
        found = (workspace or self.workspace).conversations.named(name)
        if found is None:
            raise KeyError(name)
        return found

    @property
    def signing_secret(self) -> str:
        """The secret deliveries are signed with."""
        return self.core.app.signing_secret

    @property
    def bot_token(self) -> str:
        """The app's bot token in the first workspace; empty where nobody installed it."""
        return self.workspace.installation.bot_token if self.workspace.installation else ""

    @property
    def app_token(self) -> str:
        """The app-level token for Socket Mode."""
        return self.core.app.app_token

    @property
    def client_id(self) -> str:
        """The app's id in OAuth."""
        return self.core.app.client_id

    @property
    def client_secret(self) -> str:
        """The app's secret in OAuth."""
        return self.core.app.client_secret

    @property
    def authorize_url(self) -> str:
        """Where an app sends the browser of who installs it."""
        return f"{self.core.base_url}{authorizing.PATH}"

    @property
    def redirect_urls(self) -> tuple[str, ...]:
        """Where the browser may be sent back to: these addresses and what lies beneath them."""
        return self.core.redirect_urls

    @redirect_urls.setter
    def redirect_urls(self, urls: Sequence[str]) -> None:
        self.core.redirect_urls = tuple(urls)

    def allow(
        self,
        url: str,
        person: Person,
        *,
        org_wide: bool = False,
        add_to: Sequence[Workspace] | None = None,
    ) -> str:
        """Somebody opens the authorize address and clicks Allow; returns where the browser goes then.

        An org-wide app is in the workspaces of `add_to`, or in all of them: Slack's admins add it to each
        after it was installed, as `grant` does.
        Raises Unauthorizable with the words they see instead.
        """
        wish = Wish.read(self.core, dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)))
        teams = None if add_to is None else frozenset(each.team.id for each in add_to)
        return authorizing.allow(
            self.core, wish, person.workspace, person.account, org_wide=org_wide, add_to=teams
        )

    def cancel(self, url: str) -> str:
        """Somebody opens the authorize address and clicks Cancel; returns where the browser goes then."""
        wish = Wish.read(self.core, dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)))
        return authorizing.cancel(wish)

    def pass_time(self, seconds: float) -> None:
        """Makes OAuth codes and expiring tokens that much older."""
        self.core.grants.pass_time(seconds)

    def uninstall(self, place: Workspace | Enterprise | None = None) -> None:
        """Removes the app: it hears of it, and its tokens are worth nothing from then on."""
        uninstall(self.core, self._installation(place))

    def revoke(self, place: Workspace | Enterprise | None = None) -> None:
        """Revokes the app's token as `auth.revoke` does: it hears of it, and stays installed without one."""
        revoke(self.core, self._installation(place).bot_token)

    def reinstall(self, place: Workspace | Enterprise | None = None) -> None:
        """Makes the tokens from before the app was removed good again."""
        self._installation(place).ended = None
        self.core.changes.mark()

    def _installation(self, place: Workspace | Enterprise | None) -> Installation:
        found = (place or self.workspace).installation
        if found is None:
            raise LookupError("the app is not installed there")
        return found

    def grant(self, org: Enterprise, workspace: Workspace) -> None:
        """Adds the app of an org to one of its workspaces."""
        add_to(self.core, self._installation(org), workspace)

    def withdraw(self, org: Enterprise, workspace: Workspace) -> None:
        """Takes the app of an org out of one of its workspaces."""
        take_from(self.core, self._installation(org), workspace)
