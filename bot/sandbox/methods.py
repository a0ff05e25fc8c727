"""Every Web API method the local Slack has, by name."""

from bot.sandbox import (
    methods_chat,
    methods_conversations,
    methods_files,
    methods_oauth,
    methods_team,
    methods_users,
    methods_views,
)
from bot.sandbox.method import Method

METHODS: dict[str, Method] = {
    **methods_team.METHODS,
    **methods_chat.METHODS,
    **methods_conversations.METHODS,
    **methods_users.METHODS,
    **methods_views.METHODS,
    **methods_files.METHODS,
    **methods_oauth.METHODS,
}
