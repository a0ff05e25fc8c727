"""The people and channels a local Slack starts with."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What somebody is in Slack; a stranger is not in Slack at all and only has a mailbox."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"
    SINGLE_CHANNEL_GUEST = "single_channel_guest"
    EXTERNAL = "external"
    BOT = "bot"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSpec:
    """Somebody the team starts with."""

    handle: str
    name: str
    email: str
    title: str = ""
    kind: Kind = Kind.MEMBER
    confirmed: bool = True
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSpec:
    """A channel the team starts with; `members` are handles, empty means everybody but guests."""

    name: str
    topic: str = ""
    is_private: bool = False
    members: tuple[str, ...] = ()
    app_in: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A workspace."""

    id: str
    name: str
    domain: str
    email_domain: str
    people: tuple[PersonSpec, ...] = ()
    channels: tuple[ChannelSpec, ...] = ()


def second_team() -> Team:
    """Eastwind Works: an owner, an admin and two more."""
    here = "eastwind.example"
    people = (
        PersonSpec(handle="olga", name="Olga Orlov", email=f"olga@{here}", title="Owner", kind=Kind.OWNER),
        PersonSpec(handle="ivan", name="Ivan Ilic", email=f"ivan@{here}", title="Admin", kind=Kind.ADMIN),
        PersonSpec(handle="dana", name="Dana Dunn", email=f"dana@{here}", title="Developer"),
        PersonSpec(handle="nils", name="Nils Novak", email=f"nils@{here}", title="Not a member yet"),
    )
    channels = (ChannelSpec(name="general", topic="Everything"),)
    return Team(
        id="T0EASTWIND",
        name="Eastwind Works",
        domain="eastwind-works",
        email_domain=here,
        people=people,
        channels=channels,
    )


def third_team() -> Team:
    """Southwind Studio: an owner and one more."""
    here = "southwind.example"
    people = (
        PersonSpec(handle="petra", name="Petra Palm", email=f"petra@{here}", title="Owner", kind=Kind.OWNER),
        PersonSpec(handle="remy", name="Remy Roux", email=f"remy@{here}", title="Developer"),
    )
    channels = (ChannelSpec(name="general", topic="Everything"),)
    return Team(
        id="T0SOUTHWND",
        name="Southwind Studio",
        domain="southwind-studio",
        email_domain=here,
        people=people,
        channels=channels,
    )


def demo_team() -> Team:
    """Northwind Labs: an owner, an admin, two developers, a newcomer, and a stranger with only a mailbox."""
    here = "northwind.example"
    people = (
        PersonSpec(
            handle="olivia", name="Olivia Owens", email=f"olivia@{here}", title="Owner", kind=Kind.OWNER
        ),
        PersonSpec(handle="adam", name="Adam Adler", email=f"adam@{here}", title="Admin"),
        PersonSpec(handle="dana", name="Dana Diaz", email=f"dana@{here}", title="Developer"),
        PersonSpec(handle="devi", name="Devi Das", email=f"devi@{here}", title="Developer"),
        PersonSpec(handle="nora", name="Nora Nolan", email=f"nora@{here}", title="Not a member yet"),
        PersonSpec(
            handle="sam",
            name="Sam Stone",
            email="sam@elsewhere.example",
            title="Outside, has only e-mail",
            kind=Kind.STRANGER,
        ),
    )
    channels = (
        ChannelSpec(name="general", topic="Company-wide announcements and work-based matters"),
        ChannelSpec(
            name="team-admins",
            topic="Who joins, who leaves, who decides",
            is_private=True,
            members=("olivia", "adam"),
            app_in=True,
        ),
    )
    return Team(
        id="T0NORTHWND",
        name="Northwind Labs",
        domain="northwind-labs",
        email_domain=here,
        people=people,
        channels=channels,
    )
