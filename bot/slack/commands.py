"""The one table of what can be typed and picked in Slack; help and the manifest are made from it."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import unquote

from bot.slack.text import Mrkdwn, clean, lines, md, shorten

TEAM = "/team"

_SPACES = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_BECAUSE = re.compile(r"(?:^|(?<=\s))because(?=$|[\s:,])[\s:,]*", re.IGNORECASE)
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|([^>]*))?>")
_MAIL_LINK = re.compile(r"(?:mailto:)?<mailto:([^|>?]+)[^|>]*(?:\|[^>]*)?>", re.IGNORECASE)
_WORD = r"(?:&(?:lt|gt|amp);|[^\s,;<])+"
_TOKEN = re.compile(rf"{_MENTION.pattern}|{_MAIL_LINK.pattern}|<[^>]*>|{_WORD}", re.IGNORECASE)
_BRACKETED = re.compile(r"&lt;\s*((?:mailto:)?<mailto:[^>]*>|[^\s<>&,;]+@[^\s<>&,;]+)\s*&gt;", re.IGNORECASE)
_NAME_BEFORE = re.compile(r"(?:^|[\s\"'(])[^\W\d_](?:[^\W\d_]|['’-])*\.?[\"')]*\s*$")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """What follows `/team`.

    Attributes:
        usage: what may be typed after the verb, empty if nothing.
        help: one line that says what it does.
        example: a whole command somebody could send.
        reachable: whether people can use it in this version; help and nearest verb leave out the rest.
    """

    name: str
    usage: str = ""
    help: str
    example: str
    reachable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashCommand:
    """A command Slack completes; `verb` is what it stands for, None where the verb is typed after it."""

    command: str
    description: str
    usage_hint: str
    verb: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A global shortcut and the verb whose form it opens."""

    name: str
    callback_id: str
    description: str
    verb: str


VERBS = (
    Verb(
        name="setup",
        usage="[code]",
        help="Set Steward up for this workspace, with the one-time code from whoever runs it.",
        example="/team setup",
    ),
    Verb(
        name="invite",
        usage="[e-mails or @people] [as role] [because …]",
        help="Invite people, or ask an admin to when you may not.",
        example="/team invite ann@example.com as developer because she joins support",
    ),
    Verb(
        name="join",
        usage="[because …]",
        help="Ask to become a member.",
        example="/team join because I work with the support team",
    ),
    Verb(
        name="members",
        usage="[name or e-mail]",
        help="See who is in the team and act on one of them.",
        example="/team members ann",
    ),
    Verb(
        name="role",
        usage="[@person role] [because …]",
        help="Give somebody another role, or ask for it.",
        example="/team role @ann admin because she leads support",
    ),
    Verb(
        name="deactivate",
        usage="[@person] [because …]",
        help="End somebody's access and free their seat.",
        example="/team deactivate @ann because she left",
    ),
    Verb(
        name="activate",
        usage="[@person] [because …]",
        help="Give a deactivated member access again, with the role they had.",
        example="/team activate @ann",
    ),
    Verb(
        name="approvals",
        help="See what waits for you, what you asked for and what was decided.",
        example="/team approvals",
    ),
    Verb(
        name="can",
        usage="[@person] what",
        help="Ask whether you or somebody may do something, and which rule says so.",
        example="/team can @ann invite",
    ),
    Verb(
        name="who",
        usage="can what",
        help="List who may do something.",
        example="/team who can invite",
    ),
    Verb(
        name="why",
        help="Explain the last thing Steward refused you.",
        example="/team why",
    ),
    Verb(
        name="preview",
        usage="what you would type",
        help="See what would happen and who would be asked; nothing is done.",
        example="/team preview invite ann@example.com as admin",
    ),
    Verb(
        name="settings",
        help="Change the team's name, seats, departments and approvals.",
        example="/team settings",
    ),
    Verb(
        name="help",
        help="Show this list.",
        example="/team help",
    ),
)

COMMANDS = (
    SlashCommand(
        command=TEAM,
        description="Run your team's membership: invite, approve, look up.",
        usage_hint="invite | join | members | role | deactivate | activate | approvals | can | who | why "
        "| preview | settings | help",
    ),
    SlashCommand(
        command="/team-invite",
        description="Invite people to the team, or ask for it.",
        usage_hint="[e-mails or @people] [as role] [because …]",
        verb="invite",
    ),
    SlashCommand(
        command="/team-approvals",
        description="See what waits for you and what you asked for.",
        usage_hint="",
        verb="approvals",
    ),
)

SHORTCUTS = (
    Shortcut(
        name="Invite people",
        callback_id="invite_people",
        description="Invite people to the team, or ask an admin to.",
        verb="invite",
    ),
    Shortcut(
        name="Approvals",
        callback_id="approvals",
        description="See what waits for you and what you asked for.",
        verb="approvals",
    ),
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody sent: the `verb` it means (None for nothing or an unknown one) and the `rest` after it.

    `word` is the first word as typed, for an answer about an unknown verb.
    """

    verb: Verb | None
    rest: str
    word: str = ""

    @property
    def nearest(self) -> Verb | None:
        """The verb most like the unknown word, if one is."""
        return nearest(self.word) if self.verb is None and self.word else None


def verb(name: str) -> Verb | None:
    """The reachable verb of that name."""
    return next((each for each in reachable() if each.name == name), None)


def reachable() -> tuple[Verb, ...]:
    """The verbs people can use, in the order of the help."""
    return tuple(each for each in VERBS if each.reachable)


def parse(text: str, command: str = TEAM) -> Typed:
    """Reads what was typed after `command`; a command that stands for a verb has no verb typed after it."""
    text = _SPACES.sub(" ", clean(text)).strip()
    meant = next((each.verb for each in COMMANDS if each.command == command), None)
    if meant is not None:
        return Typed(verb(meant), text)
    word, _, rest = text.partition(" ")
    return Typed(verb(word.casefold()), rest, word)


def nearest(word: str) -> Verb | None:
    """The reachable verb `word` most likely meant: one it begins, else one spelled alike."""
    word = word.casefold()
    names = [each.name for each in reachable()]
    begun = [name for name in names if len(word) > 1 and name.startswith(word)]
    alike = begun or get_close_matches(word, names, n=1, cutoff=0.5)
    return verb(alike[0]) if alike else None


def split_reason(text: str) -> tuple[str, str | None]:
    """What comes before the first word "because", and the reason after it (None without one)."""
    found = _BECAUSE.search(text)
    if found is None:
        return text.strip(), None
    return text[: found.start()].strip(), unescaped(text[found.end() :].strip()) or None


@dataclass(frozen=True, slots=True)
class Mention:
    """A Slack user picked while typing."""

    user_id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Email:
    """Something with an @ in it, meant as an address; whether it is a good one is not decided here."""

    address: str


@dataclass(frozen=True, slots=True)
class Word:
    """Any other word, as it was typed."""

    text: str


Token = Mention | Email | Word


def tokens(text: str) -> tuple[Token, ...]:
    """Splits typed or pasted text at blanks, commas and semicolons into people, addresses and words."""
    # "Ann Lee <ann@example.com>" arrives with its brackets escaped, around a link or a bare address.
    return tuple(_token(found) for found in _TOKEN.finditer(_BRACKETED.sub(r" \1 ", text)))


def _token(found: re.Match[str]) -> Token:
    user_id, shown, mailed = found.groups()
    if user_id:
        return Mention(user_id.upper(), shown or "")
    if mailed:
        return Email(mailed)
    word = found[0]
    if "@" in word[1:] and word[0] != "<":
        return Email(unescaped(word).strip("\"'()[]<>"))
    return Word(word)


def split_mentions(text: str) -> tuple[tuple[str, ...], str]:
    """The Slack users picked while typing, by id, and the rest as typed; a link after a name stands in <>."""
    users = tuple(dict.fromkeys(found[1].upper() for found in _MENTION.finditer(text)))
    rest = _BRACKETED.sub(lambda found: found[1] if "<" in found[1] else found[0], _MENTION.sub(", ", text))
    return users, unescaped(_MAIL_LINK.sub(_linked, rest))


def _linked(found: re.Match[str]) -> str:
    # A word with a dot or a digit inside is an address mistyped rather than somebody's name.
    named = _NAME_BEFORE.search(found.string, 0, found.start())
    return f"<{unquote(found[1])}>" if named else unquote(found[1])


def unescaped(text: str) -> str:
    """Typed text with Slack's three entities turned back into the characters people typed."""
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


def as_typed(text: str) -> str:
    """Typed text as the person wrote it: `@ann` for a mention, the address alone for a linked one."""
    shown = _MENTION.sub(lambda found: f"@{found[2]}" if found[2] else "@…", text)
    return unescaped(_MAIL_LINK.sub(lambda found: found[1], shown))


def help_text() -> Mrkdwn:
    """All that can be typed, with an example each."""
    rows = (
        md(
            "*{typed}*  {help}\n      e.g. `{example}`",
            typed=_typed(each),
            help=each.help,
            example=each.example,
        )
        for each in reachable()
    )
    return lines("*What you can type*", *rows, "Leave out what follows a verb to get a form.")


def unknown_text(typed: Typed) -> Mrkdwn:
    """The answer to a verb that does not exist: the nearest one, and the help."""
    meant = typed.nearest
    words = md("I don't know “{word}”.", word=shorten(as_typed(typed.word), 80))
    if meant is not None:
        words = words + Mrkdwn(f" Did you mean `{TEAM} {meant.name}`?")
    return lines(words, help_text())


def _typed(each: Verb) -> str:
    return f"{TEAM} {each.name} {each.usage}".rstrip()
