"""Which permissions Slack granted the app, as its own answers say: some of them are optional."""

from collections.abc import Iterable, Mapping

READ_FILES, WRITE_FILES = "files:read", "files:write"


class Granted:
    """What was granted, by workspace or Enterprise org; nothing until Slack has said it."""

    def __init__(self) -> None:
        self._scopes: dict[str, frozenset[str]] = {}

    def learn(self, team_id: str, headers: Mapping[str, str]) -> None:
        """Keep what the header of an answer says."""
        said = next((value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), "")
        self.grant(team_id, [scope.strip() for scope in said.split(",")])

    def grant(self, team_id: str, scopes: Iterable[str]) -> None:
        """Keep what is known to be granted."""
        self._scopes[team_id] = frozenset(scopes)

    def has(self, team_id: str, scope: str) -> bool:
        """Whether the app may do in the workspace what the scope stands for."""
        return scope in self._scopes.get(team_id, frozenset())
