"""Where the app is installed, and with which tokens, when one deployment serves several workspaces."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Ended(StrEnum):
    """Why an installation no longer counts."""

    UNINSTALLED = "uninstalled"
    """Somebody removed the app in Slack, or revoked its token."""
    REFUSED = "refused"
    """Slack no longer takes the token."""
    EXPIRED = "expired"
    """The token has expired, and Slack gave no new one for the refresh token."""
    UNREADABLE = "unreadable"
    """The token was sealed with a key that `STEWARD_SECRET_KEY` does not have any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The app in one workspace, or in one Enterprise org.

    Args:
        team_id: under which the organization is kept: the Enterprise org's id where installed org-wide.
        refresh_token: gets the next token, once; None without token rotation, and once Slack refuses it.
        expires_at: when the token ends; None: it does not.
        installed_by: the Slack user who installed it.
        serial: grows with each new token.
        ended: why it no longer counts; None while it does.
    """

    team_id: str
    org_wide: bool = False
    enterprise_id: str | None = None
    name: str
    app_id: str
    bot_id: str
    bot_user_id: str
    scopes: tuple[str, ...]
    token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    installed_by: str
    installed_at: datetime
    serial: int = 1
    ended: Ended | None = None
    ended_at: datetime | None = None

    def expired(self, now: datetime) -> bool:
        """Whether the token has ended by itself."""
        return self.expires_at is not None and self.expires_at <= now


class Unreadable(Exception):
    """What was sealed cannot be opened: its key is gone, or somebody changed or moved it."""


class Sealer(Protocol):
    """Encrypts secrets that are kept in the database; the newest of the server's keys writes."""

    def seal(self, secret: str, *, about: str) -> str:
        """Return the secret sealed, so that it opens only for the same `about`."""

    def unseal(self, sealed: str, *, about: str) -> str:
        """Return the secret.

        Raises:
            Unreadable: see there.
        """

    def newest(self, sealed: str) -> bool:
        """Whether the key that writes now has sealed it."""


class InstallProblem(StrEnum):
    """Why nothing was installed."""

    DENIED = "denied"
    """The person, or their workspace, said no."""
    NO_ANSWER = "no_answer"
    CODE_USED = "code_used"
    """Slack knows the code no more: it works once, for ten minutes."""
    ORG_WIDE_ALREADY = "org_wide_already"
    WRONG_APP = "wrong_app"
    """Slack does not take the app's own credentials or address."""
    SCOPES = "scopes"
    """Something was not granted that the app cannot do without."""
    NO_BOT = "no_bot"
    REFUSED = "refused"


class InstallFailed(Exception):
    """Nothing was installed.

    Args:
        word: Slack's own for it, or what is missing; empty without one.
    """

    def __init__(self, problem: InstallProblem, *, word: str = "") -> None:
        super().__init__(f"{problem}: {word}" if word else str(problem))
        self.problem, self.word = problem, word


class StateRefusal(StrEnum):
    """Why an answer from Slack does not belong to an installation that was begun here."""

    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
    OTHER_BROWSER = "other_browser"


class Installations(Protocol):
    """Every installation of this deployment; each method is a short transaction of its own.

    Every method may raise `Busy` or `StoreUnavailable`; nothing was done then.
    """

    async def get(self, team_id: str) -> Installation | None:
        """Return the installation, ended ones too; one whose token cannot be opened is `UNREADABLE`."""

    async def page(self, *, after: str = "", limit: int) -> tuple[Installation, ...]:
        """Return installations by `team_id`, from the one after `after`."""

    async def count(self) -> int:
        """Return how many count."""

    async def install(self, installation: Installation) -> None:
        """Keep an installation, in the place of an earlier one of the same workspace."""

    async def end(self, team_id: str, why: Ended, *, serial: int | None = None) -> bool:
        """Note that an installation no longer counts; return whether it did.

        Args:
            serial: of the token it is about, so that a newer one stays.
        """

    async def expiring(self, *, before: datetime, limit: int) -> tuple[str, ...]:
        """Return those that count and whose token ends before that moment, the soonest first."""

    async def begin_refresh(self, team_id: str, *, serial: int, seconds: float) -> str | None:
        """Return a lease on the only refresh of this token; None: somebody else has it, or had it."""

    async def finish_refresh(
        self, installation: Installation, *, lease: str, problem: bool = False
    ) -> Installation | None:
        """Keep the new tokens, and return the installation with them; None when the lease was lost.

        Args:
            problem: Slack refuses the refresh token, so there is none any more; the token stays.
        """

    async def release(self, team_id: str, *, lease: str) -> None:
        """Give the lease back: nothing came of the refresh, and another may be tried."""

    async def unread(self, *, limit: int, seconds: float) -> tuple[Installation, ...]:
        """Return installations whose people are to be read now, each for one replica to do in `seconds`."""

    async def read(self, team_id: str, *, again_in: float) -> None:
        """Note that the people were read, or could not be, and when they shall be again."""

    async def renew_seals(self) -> int:
        """Seal with the newest key what an older one has sealed; return how many were."""

    async def begin_state(self, state_hash: str, browser_hash: str, *, seconds: float) -> None:
        """Keep the state of an installation that begins, for so long."""

    async def take_state(self, state_hash: str, browser_hash: str) -> StateRefusal | None:
        """Use a state, once; None when it is good."""
