"""Rules for rich text: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block."""

from bot.sandbox.schema import Rule, array, by_type, choice, flag, record, string, whole

_NAME = string(255, least=1)
_STYLES = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
_STYLE = record({}, dict.fromkeys(_STYLES, flag))
_MOST = 1000


def _part(kind: str, required: dict[str, Rule], optional: dict[str, Rule] | None = None) -> Rule:
    return record({"type": choice(kind), **required}, {"style": _STYLE, **(optional or {})})


_PARTS = by_type(
    {
        "text": _part("text", {"text": string(12_000, least=1)}),
        "user": _part("user", {"user_id": _NAME}),
        "usergroup": _part("usergroup", {"usergroup_id": _NAME}),
        "channel": _part("channel", {"channel_id": _NAME}),
        "team": _part("team", {"team_id": _NAME}),
        "emoji": _part("emoji", {"name": _NAME}, {"unicode": string(100), "skin_tone": whole(1, 6)}),
        "link": _part("link", {"url": string(3000, least=1)}, {"text": string(3000), "unsafe": flag}),
        "date": _part(
            "date",
            {"timestamp": whole(0, 10**11), "format": string(255, least=1)},
            {"url": string(3000), "fallback": string(3000)},
        ),
        "broadcast": _part("broadcast", {"range": choice("here", "channel", "everyone")}),
        "color": _part("color", {"value": string(9)}),
    }
)
_SECTION = record({"type": choice("rich_text_section"), "elements": array(_PARTS, most=_MOST)})
_BORDER: dict[str, Rule] = {"border": whole(0, 1)}
_LIST = record(
    {
        "type": choice("rich_text_list"),
        "style": choice("bullet", "ordered"),
        "elements": array(_SECTION, most=_MOST, least=1),
    },
    {"indent": whole(0, 8), "offset": whole(0, 10**6), **_BORDER},
)
_BLOCKS = by_type(
    {
        "rich_text_section": _SECTION,
        "rich_text_list": _LIST,
        "rich_text_preformatted": record(
            {"type": choice("rich_text_preformatted"), "elements": array(_PARTS, most=_MOST)},
            {**_BORDER, "language": string(50)},
        ),
        "rich_text_quote": record(
            {"type": choice("rich_text_quote"), "elements": array(_PARTS, most=_MOST)}, _BORDER
        ),
    }
)
RICH_TEXT = record(
    {"type": choice("rich_text"), "elements": array(_BLOCKS, most=_MOST, least=1)}, {"block_id": _NAME}
)
