"""The tables of the README, made from the code: `python -m tests.support.readme` writes them."""

import re
from datetime import UTC, datetime
from pathlib import Path

from bot.config import settings_table
from bot.slack.commands import TEAM, reachable
from domain.model import Organization, Preset
from domain.operations import OPERATION_NAMES, Access
from domain.permissions import ROLES, TABLE, Rank
from domain.policies import rules_in_force, sentence

README = Path(__file__).parents[2] / "README.md"
PRESET_NAMES = {
    Preset.PORTAL: "Portal",
    Preset.SUPPORT: "Support",
    Preset.ANALYTICS: "Analytics",
    Preset.SUITE: "Suite",
}
CELLS = {
    Access.FULL: "full",
    Access.LIMITED: "own",
    Access.OWN: "own",
    Access.SCOPE: "scope",
    Access.ASKS: "asks",
    Access.ASKS_FOR_SELF: "asks for self",
    Access.NONE: "",
}


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def settings() -> str:
    """Return what can be set."""
    rows = [[f"`{line.name}`", line.default, line.meaning] for line in settings_table()]
    return table(["Setting", "Default", "Meaning"], rows)


def verbs() -> str:
    """Return what can be typed after `/team`."""
    rows = [[f"`{TEAM} {verb.name} {verb.usage}".rstrip() + "`", verb.help] for verb in reachable()]
    return table(["Command", "What it does"], rows)


def approvals() -> str:
    """Return what needs a yes as long as the owner makes no rule."""
    team = Organization(id="", team_id="", name="", preset=Preset.PORTAL, created_at=datetime.now(UTC))
    return "\n".join(f"- {sentence(team, rule)}" for rule in rules_in_force(team))


def permissions() -> str:
    """Return one table for each preset."""
    parts = []
    for preset, name in PRESET_NAMES.items():
        roles = list(ROLES[preset].values())
        rows = []
        for operation, words in OPERATION_NAMES.items():
            if operation in TABLE[preset]:
                cells = TABLE[preset][operation]
                rows.append([words, *(CELLS[cells[list(Rank).index(role.rank)]] for role in roles)])
        body = table([f"**{name}**", *(role.name for role in roles)], rows)
        parts.append(f"<details><summary>{name}</summary>\n\n{body}\n\n</details>")
    return "\n".join(parts)


PARTS = {"settings": settings, "verbs": verbs, "approvals": approvals, "permissions": permissions}


def filled(text: str) -> str:
    """Return the README's text with every table as the code has it now."""
    for part, made in PARTS.items():
        pattern = rf"(<!-- {part} -->\n).*?(<!-- /{part} -->)"
        body = made()
        text, found = re.subn(pattern, lambda m, body=body: f"{m[1]}{body}\n{m[2]}", text, flags=re.DOTALL)  # type: ignore[misc]
        assert found == 1, f"the README has no place for {part}"
    return text


if __name__ == "__main__":
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
