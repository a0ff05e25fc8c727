"""The people of the workspace, in the shape `users.info` tells them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.sandbox.ids import Json, stable_id
from bot.sandbox.team import Kind, PersonSpec

_COLORS = ("9f69e7", "4bbe2e", "e7392d", "3c989f", "674b1b", "e96699", "2b6836", "5b89d5", "de5f24", "84b22f")
SLACKBOT = "USLACKBOT"
ELSEWHERE = "T0ELSEWHERE"


@dataclass(slots=True, kw_only=True)
class Org:
    """An Enterprise org as its people tell of it; `teams` are the ids of its workspaces."""

    id: str
    name: str
    domain: str
    teams: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Account:
    """Somebody with an address: a Slack user, a bot, or a stranger who only has a mailbox."""

    id: str
    team_id: str
    handle: str
    name: str
    email: str
    title: str = ""
    kind: Kind = Kind.MEMBER
    confirmed: bool = True
    deleted: bool = False
    color: str = _COLORS[0]
    tz: str = "Europe/London"
    bot_id: str | None = None
    org: Org | None = None
    teams: list[str] = field(default_factory=list)
    updated: int = field(default_factory=lambda: int(time.time()))

    @property
    def in_slack(self) -> bool:
        """False for a stranger."""
        return self.kind is not Kind.STRANGER

    @property
    def is_person(self) -> bool:
        """A living person of this Slack: neither bot nor stranger nor deactivated."""
        return self.in_slack and self.kind is not Kind.BOT and self.id != SLACKBOT and not self.deleted

    @property
    def is_full_member(self) -> bool:
        """A living person who is no guest and of this workspace."""
        return self.is_person and self.kind in (Kind.OWNER, Kind.ADMIN, Kind.MEMBER)

    def profile(self, *, with_email: bool) -> Json:
        """`user.profile`; strangers of other workspaces keep their address to themselves."""
        first, _, last = self.name.partition(" ")
        profile: Json = {
            "title": self.title,
            "phone": "",
            "skype": "",
            "real_name": self.name,
            "real_name_normalized": self.name,
            "display_name": self.handle,
            "display_name_normalized": self.handle,
            "fields": None,
            "status_text": "",
            "status_emoji": "",
            "status_emoji_display_info": [],
            "status_expiration": 0,
            "avatar_hash": f"g{self.color}",
            "first_name": first,
            "last_name": last,
            "team": self.team_id,
        }
        if with_email and self.email and self.kind not in (Kind.BOT, Kind.EXTERNAL):
            profile["email"] = self.email
        if self.bot_id:
            profile["bot_id"] = self.bot_id
        return profile

    def to_json(self, *, with_email: bool) -> Json:
        """The `user` object of `users.info`; a deactivated one has fewer fields, as in Slack."""
        user: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.handle,
            "deleted": self.deleted,
            "profile": self.profile(with_email=with_email),
            "is_bot": self.kind is Kind.BOT and self.id != SLACKBOT,
            "is_app_user": False,
            "updated": self.updated,
        }
        if not self.deleted:
            user |= self._standing()
        if self.org and self.kind not in (Kind.BOT, Kind.EXTERNAL):
            user["enterprise_user"] = self._enterprise_user(self.org)
        return user

    def _enterprise_user(self, org: Org) -> Json:
        return {
            "id": self.id,
            "enterprise_id": org.id,
            "enterprise_name": org.name,
            "is_admin": False,
            "is_owner": False,
            "is_primary_owner": False,
            "teams": list(self.teams),
        }

    def _standing(self) -> Json:
        standing: Json = {
            "color": self.color,
            "real_name": self.name,
            "tz": self.tz,
            "tz_label": "Greenwich Mean Time",
            "tz_offset": 0,
            "is_admin": self.kind in (Kind.ADMIN, Kind.OWNER),
            "is_owner": self.kind is Kind.OWNER,
            "is_primary_owner": self.kind is Kind.OWNER,
            "is_restricted": self.kind in (Kind.GUEST, Kind.SINGLE_CHANNEL_GUEST),
            "is_ultra_restricted": self.kind is Kind.SINGLE_CHANNEL_GUEST,
            "is_email_confirmed": self.confirmed,
            "who_can_share_contact_card": "EVERYONE",
        }
        if self.kind is Kind.EXTERNAL:
            standing["is_stranger"] = True
        return standing


class People:
    """Everybody, found by id, handle or address."""

    def __init__(self, team_id: str, *, org: Org | None = None) -> None:
        self._team_id = team_id
        self._org = org
        self._by_id: dict[str, Account] = {}
        self._by_handle: dict[str, Account] = {}
        self._by_email: dict[str, Account] = {}
        self._order: list[str] = []
        self._places: dict[str, int] = {}

    def __iter__(self) -> Iterator[Account]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, spec: PersonSpec, *, user_id: str | None = None, bot_id: str | None = None) -> Account:
        """Adds somebody; the id follows from the team and the handle.

        Raises ValueError when the handle or the address is taken.
        """
        if spec.handle in self._by_handle or (spec.email and spec.email.lower() in self._by_email):
            raise ValueError(f"{spec.handle} <{spec.email}> is already there")
        account = Account(
            id=user_id or stable_id("W" if self._org else "U", self._team_id, spec.handle),
            org=self._org,
            teams=[] if spec.kind is Kind.EXTERNAL else [self._team_id],
            team_id=ELSEWHERE if spec.kind is Kind.EXTERNAL else self._team_id,
            handle=spec.handle,
            name=spec.name,
            email=spec.email,
            title=spec.title,
            kind=spec.kind,
            confirmed=spec.confirmed,
            deleted=spec.deleted,
            color=_COLORS[len(self._by_id) % len(_COLORS)],
            bot_id=bot_id,
        )
        return self._keep(account)

    def share(self, account: Account) -> Account:
        """Lets somebody of another workspace of the same org in, with the id they have.

        Raises ValueError when the handle or the address is taken, or there is no common org.
        """
        if self._org is None or account.org is not self._org:
            raise ValueError(f"{account.handle} is of no workspace of this org")
        if account.handle in self._by_handle or account.email.lower() in self._by_email:
            raise ValueError(f"{account.handle} <{account.email}> is already there")
        account.teams.append(self._team_id)
        return self._keep(account)

    def _keep(self, account: Account) -> Account:
        self._by_id[account.id] = self._by_handle[account.handle] = account
        if account.email:
            self._by_email[account.email.lower()] = account
        if account.in_slack:
            self._places[account.id] = len(self._order)
            self._order.append(account.id)
        return account

    def get(self, user_id: str) -> Account | None:
        """The account with that id."""
        return self._by_id.get(user_id)

    def handle(self, handle: str) -> Account | None:
        """The account with that handle, with or without `@`."""
        return self._by_handle.get(handle.removeprefix("@"))

    def email(self, address: str) -> Account | None:
        """The account with that address, letter case aside."""
        return self._by_email.get(address.lower())

    def move(self, account: Account, *, email: str) -> None:
        """Gives somebody another address."""
        self._by_email.pop(account.email.lower(), None)
        account.email = email
        self._by_email[email.lower()] = account

    def page(self, *, after: str | None, limit: int) -> tuple[list[Account], str | None]:
        """The next `limit` Slack users after an id, and the id to continue after."""
        start = 0 if after is None else self._places[after] + 1
        ids = self._order[start : start + limit]
        more = start + limit < len(self._order)
        return [self._by_id[user_id] for user_id in ids], ids[-1] if more else None
