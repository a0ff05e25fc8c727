"""What is built only where people install Steward in several workspaces: installing, tokens, keeping."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import Settings
from bot.slack.directory import Directory
from bot.slack.rotation import AppCredentials
from bot.slack.scopes import Granted
from bot.slack.socket import SocketMode
from bot.web.mount import Install
from domain.errors import Busy
from domain.installations import Installation, Installations
from domain.ports import StoreUnavailable

if TYPE_CHECKING:  # loaded only where there are several workspaces
    from bot.slack.keeping import Keeping
    from bot.slack.several import Several

log = structlog.get_logger("steward.process")


class Many:
    """The workspaces where the app is installed.

    Args:
        slack: how they are reached.
        wake: look at the outbox now.
    """

    def __init__(self, installations: Installations, slack: "Several", *, wake: Callable[[], None]) -> None:
        self._installations, self.slack, self._wake = installations, slack, wake
        self.keeping: Keeping | None = None

    async def renew_seals(self) -> None:
        """Seal with the newest key what older ones have sealed."""
        try:
            renewed = await self._installations.renew_seals()
        except (Busy, StoreUnavailable) as unavailable:  # the older key reads them as well
            log.warning("steward.seals_not_renewed", error=str(unavailable))
        else:
            log.info("steward.seals_renewed", installations=renewed)

    def contact(self, *, directory: Directory, socket: SocketMode | None) -> "Keeping":
        """Return what keeps in contact with Slack for all of them."""
        from bot.slack.keeping import Keeping

        self.keeping = Keeping(
            installations=self._installations,
            accounts=self.slack.accounts,
            directory=directory,
            socket=socket,
        )
        return self.keeping

    def install(self) -> Install:
        """Return what the pages for installing work with."""
        return Install(
            installations=self._installations, installing=self.slack.installing, installed=self._installed
        )

    def _installed(self, installation: Installation) -> None:
        """Begin to serve a workspace: who is in it, and what waited for it."""
        self.slack.accounts.drop(installation.team_id)
        if self.keeping is not None:
            self.keeping.installed()
        self._wake()


def many(
    settings: Settings,
    installations: Installations,
    *,
    public_url: str,
    quick: AsyncWebClient,
    patient: AsyncWebClient,
    scopes: Granted,
    limited: Callable[[str], None],
    wake: Callable[[], None],
) -> Many:
    """Put together what serves several workspaces; arguments as for `several` and `Many`."""
    from bot.slack.several import several

    assert settings.client_id is not None
    assert settings.client_secret is not None
    app = AppCredentials(
        client_id=settings.client_id, client_secret=settings.client_secret.get_secret_value()
    )
    slack = several(
        installations,
        app=app,
        public_url=public_url,
        quick=quick,
        patient=patient,
        scopes_known=scopes,
        limited=limited,
    )
    return Many(installations, slack, wake=wake)
