"""Everything by which Slack is reached for several workspaces, put together."""

from collections.abc import Callable
from dataclasses import dataclass

from slack_sdk.web.async_client import AsyncWebClient

from bot.manifest import REDIRECT_PATH, optional_scopes, scopes
from bot.slack.accounts import Accounts, InstalledLines
from bot.slack.calls import Caller
from bot.slack.edge import InstalledAuthorize
from bot.slack.installing import Installing
from bot.slack.pacing import Pacing
from bot.slack.rotation import AppCredentials, Rotation
from bot.slack.scopes import Granted
from domain.installations import Installations


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """The parts that know of more than one workspace."""

    accounts: Accounts
    lines: InstalledLines
    authorize: InstalledAuthorize
    installing: Installing


def several(
    installations: Installations,
    *,
    app: AppCredentials,
    public_url: str,
    quick: AsyncWebClient,
    patient: AsyncWebClient,
    scopes_known: Granted,
    limited: Callable[[str], None] | None = None,
) -> Several:
    """Put the parts together.

    Args:
        public_url: the address of Steward's web pages, without a trailing slash.
        quick: a client for while a person waits.
        patient: one for the background.
        scopes_known: learns what each workspace granted.
        limited: told of each method that Slack limited.
    """
    caller = Caller(Pacing(), limited=limited)
    rotation = Rotation(installations, app=app, client=patient, caller=caller)
    accounts = Accounts(installations, rotation, scopes=scopes_known)
    return Several(
        accounts=accounts,
        lines=InstalledLines(accounts, client=patient, limited=limited),
        authorize=InstalledAuthorize(accounts, client=quick),
        installing=Installing(
            app=app,
            client=patient,
            caller=caller,
            redirect_uri=f"{public_url}{REDIRECT_PATH}",
            scopes=scopes(),
            optional=optional_scopes(),
        ),
    )
