"""What a scope lets the app do, in words for who installs it."""

_WORDS = {
    "channels:history": "Read messages in public channels it is in",
    "channels:join": "Join public channels",
    "channels:read": "See public channels and who is in them",
    "chat:write": "Send messages as itself",
    "chat:write.customize": "Send messages under another name and picture",
    "chat:write.public": "Send messages to public channels it is not in",
    "commands": "Add shortcuts and slash commands",
    "files:read": "See files shared with it",
    "files:write": "Upload and change files as itself",
    "groups:history": "Read messages in private channels it is in",
    "groups:read": "See private channels it is in",
    "im:history": "Read direct messages sent to it",
    "im:read": "See its direct conversations",
    "im:write": "Start direct conversations with people",
    "team:read": "See the name and address of the workspace",
    "usergroups:read": "See user groups",
    "usergroups:write": "Create and change user groups",
    "users.profile:read": "See profiles of people",
    "users:read": "See people in the workspace",
    "users:read.email": "See the e-mail addresses of people",
}


def words_of_scope(scope: str) -> str:
    """What the scope allows, or its name where that is unknown."""
    return _WORDS.get(scope, scope)
