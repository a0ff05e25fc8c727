"""Where the app is installed, and the codes and tokens that came of it."""

import secrets
import time
from dataclasses import dataclass, field

from bot.sandbox.errors import ApiError

CODE_SECONDS = 600
TOKEN_SECONDS = 43_200
UNINSTALLED = "account_inactive"
REVOKED = "token_revoked"


@dataclass(slots=True, kw_only=True, eq=False)
class Installation:
    """The app as one workspace, or a whole Enterprise org, has installed it.

    `team_id` is None when it is org-wide; `teams` are the workspaces it speaks for. `bot_token` and
    `refresh_token` are the newest ones. `ended` is the error its tokens are answered with once it is over.
    """

    bot_user: str
    bot_id: str
    installer: str
    scopes: tuple[str, ...]
    teams: set[str]
    team_id: str | None = None
    enterprise_id: str | None = None
    bot_token: str = ""
    refresh_token: str | None = None
    ended: str | None = None

    @property
    def is_enterprise_install(self) -> bool:
        """Whether a whole org installed it."""
        return self.team_id is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a code stands for: somebody allowed the app to be installed in their workspace, or their org."""

    user: str
    team_id: str
    org_wide: bool
    scopes: tuple[str, ...]
    redirect_uri: str
    add_to: frozenset[str] | None = None
    """The workspaces an admin adds an org-wide app to at once; None: all of them."""


@dataclass(slots=True, kw_only=True)
class _Code:
    consent: Consent
    born: float
    used: bool = False


@dataclass(slots=True, kw_only=True)
class _Token:
    installation: Installation
    expires: float | None = None
    revoked: bool = False


@dataclass(slots=True)
class Grants:
    """Every code, access token and refresh token given out; time can be made to pass for all of them."""

    _codes: dict[str, _Code] = field(default_factory=dict)
    _tokens: dict[str, _Token] = field(default_factory=dict)
    _refresh: dict[str, Installation] = field(default_factory=dict)
    _passed: float = 0.0

    def pass_time(self, seconds: float) -> None:
        """Makes codes and tokens that much older."""
        self._passed += seconds

    def _now(self) -> float:
        return time.time() + self._passed

    def code(self, consent: Consent) -> str:
        """A new code, good for one exchange within ten minutes."""
        code = f"{secrets.randbelow(10**10)}.{secrets.randbelow(10**13)}.{secrets.token_hex(32)}"
        self._codes[code] = _Code(consent=consent, born=self._now())
        return code

    def redeem(self, code: str, redirect_uri: str) -> Consent:
        """Uses a code up; raises ApiError as `oauth.v2.access` words it."""
        found = self._codes.get(code)
        if found is None or self._now() - found.born > CODE_SECONDS:
            raise ApiError("invalid_code")
        if found.used:
            raise ApiError("code_already_used")
        if redirect_uri != found.consent.redirect_uri:
            raise ApiError("bad_redirect_uri")
        found.used = True
        return found.consent

    def issue(self, installation: Installation, *, token: str = "", rotating: bool = False) -> None:
        """Gives an installation an access token (this one, or a new one), that expires where they rotate."""
        made = f"xoxb-{secrets.randbelow(10**12)}-{secrets.randbelow(10**13)}-{secrets.token_hex(12)}"
        expires = None
        if rotating:
            made, expires = f"xoxe.xoxb-1-{secrets.token_hex(40)}", self._now() + TOKEN_SECONDS
            installation.refresh_token = f"xoxe-1-{secrets.token_hex(24)}"
            self._refresh[installation.refresh_token] = installation
        installation.bot_token = token or made
        self._tokens[installation.bot_token] = _Token(installation=installation, expires=expires)

    def rotate(self, refresh_token: str) -> Installation:
        """Uses a refresh token up for a new pair; the access token before it lives until it expires.

        Raises ApiError `invalid_refresh_token` for one that is unknown, used, or of an app that is gone.
        """
        installation = self._refresh.pop(refresh_token, None)
        if installation is None or installation.ended:
            raise ApiError("invalid_refresh_token")
        self.issue(installation, rotating=True)
        return installation

    def holder(self, token: str) -> Installation:
        """Whose access token it is; raises ApiError when it is unknown, expired or revoked."""
        found = self._tokens.get(token)
        if found is None:
            raise ApiError("invalid_auth")
        if found.installation.ended or found.revoked:
            raise ApiError(found.installation.ended or REVOKED)
        if found.expires is not None and self._now() >= found.expires:
            raise ApiError("token_expired")
        return found.installation

    def revoke(self, token: str) -> Installation:
        """Ends one access token, and with the newest one all the app can do there; returns whose it was."""
        installation = self.holder(token)
        self._tokens[token].revoked = True
        if token == installation.bot_token:
            installation.ended = REVOKED
        return installation
