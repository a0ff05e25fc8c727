"""The app comes into a workspace or an Enterprise org, and goes again."""

from collections.abc import Iterable

from bot.sandbox.core import Core, Workspace
from bot.sandbox.errors import ApiError
from bot.sandbox.grants import REVOKED, UNINSTALLED, Consent, Installation
from bot.sandbox.payloads import app_event_payload


def install(core: Core, consent: Consent, *, token: str = "") -> Installation:
    """Installs the app as somebody allowed it, or gives what is installed the scopes it lacks.

    Without rotation a second installation keeps the token of the first; a `token` given is used instead of
    a new one. Raises ApiError `cannot_install_an_org_installed_app` in a workspace the org-wide app is in.
    """
    workspace = core.workspaces[consent.team_id]
    before = _before(workspace, org_wide=consent.org_wide)
    if before is None or before.ended:
        found = _fresh(workspace, consent)
        if before is not None:
            _put_out(core, found.teams)
        core.grants.issue(found, token=token, rotating=core.rotating and not token)
    else:
        found = before
        found.scopes = tuple(dict.fromkeys([*found.scopes, *consent.scopes]))
        found.installer = consent.user
        if core.rotating:
            core.grants.issue(found, rotating=True)
    _keep(workspace, found)
    core.changes.mark()
    return found


def _before(workspace: Workspace, *, org_wide: bool) -> Installation | None:
    org = workspace.enterprise
    if org_wide:
        return org.installation if org else None
    if workspace.org_wide:
        raise ApiError("cannot_install_an_org_installed_app")
    return workspace.own_installation


def _fresh(workspace: Workspace, consent: Consent) -> Installation:
    org = workspace.enterprise
    teams = {workspace.team.id}
    if org and consent.org_wide:
        teams = set(org.org.teams if consent.add_to is None else consent.add_to)
    return Installation(
        bot_user=workspace.bot.user,
        bot_id=workspace.bot.id,
        installer=consent.user,
        scopes=consent.scopes,
        teams=teams,
        team_id=None if consent.org_wide else workspace.team.id,
        enterprise_id=org.id if org else None,
    )


def _put_out(core: Core, teams: Iterable[str]) -> None:
    """Whoever left has to be invited to channels again."""
    for workspace in (core.workspaces[team_id] for team_id in teams):
        for channel in workspace.conversations:
            if not channel.is_im:
                channel.app_in = False
                channel.members.discard(workspace.bot.user)


def _keep(workspace: Workspace, installation: Installation) -> None:
    if installation.is_enterprise_install and workspace.enterprise:
        workspace.enterprise.installation = installation
    else:
        workspace.own_installation = installation


def uninstall(core: Core, installation: Installation) -> None:
    """Removes the app: it hears of it, and its tokens are worth nothing from then on."""
    _tell_revoked(core, installation)
    _tell(core, installation, {"type": "app_uninstalled"})
    installation.ended = UNINSTALLED
    core.changes.mark()


def revoke(core: Core, token: str) -> None:
    """Ends an access token; the app hears of it when it was the last."""
    installation = core.grants.revoke(token)
    if installation.ended == REVOKED:
        _tell_revoked(core, installation)
    core.changes.mark()


def add_to(core: Core, installation: Installation, workspace: Workspace) -> None:
    """An admin adds an org-wide app to one more workspace; the app hears of it."""
    installation.teams.add(workspace.team.id)
    _tell(core, installation, {"type": "team_access_granted", "team_ids": [workspace.team.id]})
    core.changes.mark()


def take_from(core: Core, installation: Installation, workspace: Workspace) -> None:
    """An admin takes an org-wide app out of a workspace; the app hears of it."""
    installation.teams.discard(workspace.team.id)
    _tell(core, installation, {"type": "team_access_revoked", "team_ids": [workspace.team.id]})
    core.changes.mark()


def _tell_revoked(core: Core, installation: Installation) -> None:
    tokens = {"oauth": [], "bot": [installation.bot_user]}
    _tell(core, installation, {"type": "tokens_revoked", "tokens": tokens})


def _tell(core: Core, installation: Installation, event: dict[str, object]) -> None:
    if event["type"] in core.app.manifest.bot_events:
        core.tell(app_event_payload(core, installation, event))
