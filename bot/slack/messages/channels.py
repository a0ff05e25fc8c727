"""What a channel chosen in the settings is told, and whoever chose one that Steward cannot post in."""

from bot.slack.blocks import Message, section
from bot.slack.messages.rendering import Renderer, said
from bot.slack.text import channel, lines, md, mention, name
from domain.notices import ChannelChosen, ChannelClosed, Notice
from domain.ports import Transaction

_SHOWN = {
    "approvals": "Requests for {team} are shown here from now on. Being in this channel gives nobody the "
    "right to decide.",
    "audit": "What happens in {team} is noted here from now on.",
}
_MISSED = {
    "approvals": "Requests are still asked of everybody who may decide, in direct messages.",
    "audit": "Nothing is lost: the audit itself is complete.",
}


async def channel_chosen(tx: Transaction, notice: ChannelChosen) -> Message | None:
    """First words in the channel; None when another was chosen meanwhile."""
    organization = tx.organization
    now = {"approvals": organization.approvals_channel, "audit": organization.audit_channel}[notice.use]
    if now is None or not notice.to.endswith(f":{now}"):
        return None
    words = md(_SHOWN[notice.use], team=name(organization.name))
    chooser = await tx.members.get(notice.chosen_by)
    if chooser is not None and chooser.slack_user_id:
        words = lines(words, md("{who} chose this channel.", who=mention(chooser.slack_user_id)))
    return said([words], [section(words)])


async def channel_closed(tx: Transaction, notice: ChannelClosed) -> Message | None:
    """Which channel, and how Steward gets into it."""
    words = lines(
        md(
            "*Steward cannot post in {channel}*, the {use} channel.",
            channel=channel(notice.channel),
            use=notice.use,
        ),
        "Type `/invite @Steward` there, or choose another channel in `/team settings`.",
        _MISSED[notice.use],
    )
    return said([words], [section(words)])


RENDERERS: dict[type[Notice], Renderer] = {ChannelChosen: channel_chosen, ChannelClosed: channel_closed}
