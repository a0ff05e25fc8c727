"""A file of people as whoever attached it reads it: the review, the progress, what became of it."""

from bot.slack import text
from bot.slack.blocks import Block, Element, Message, actions, button, confirm, section
from bot.slack.deciding import split_said
from bot.slack.messages.rendering import Renderer, said
from bot.slack.text import Mrkdwn, md
from domain.descriptions import role_name
from domain.import_accounts import unanswered
from domain.import_jobs import ImportJob, ImportState, Part, PartState
from domain.import_sending import plan
from domain.notices import ImportFinished, ImportLapsed, ImportTold, Notice
from domain.ports import Transaction
from domain.seats import seats_now

SEND = "import_send"
LINES = "import_lines"
PROBLEMS = "import_problems"
SUMMARY = "import_summary"
CANCEL = "import_cancel"
"""The value of these is the import's id."""

_KINDS = {
    "BadAddress": "no e-mail address, or a wrong one",
    "BadLine": "a line that cannot be read",
    "DomainNotAllowed": "at a domain invitations may not go to",
    "TwiceInList": "more than once in the file",
    "AlreadyMember": "a member already",
    "AlreadyInvited": "invited already",
    "MemberIsDeactivated": "a deactivated member: activate them in `/team members`",
    "OutsidersNever": "a guest, a bot or from another workspace",
    "NoSuchRole": "a role that cannot be given",
    "RoleNotYoursToGrant": "a role you may not give",
    "NoPermission": "what you may not do",
    "NoSuchDepartment": "a department that is not known",
    "DepartmentRetired": "a closed department",
}


async def told(tx: Transaction, notice: ImportTold) -> Message | None:
    """The card of a file."""
    job = await tx.imports.get(notice.import_id)
    return None if job is None else await card(tx, job)


async def finished(tx: Transaction, notice: ImportFinished) -> Message | None:
    """All of a file is sent, in a message of its own."""
    job = await tx.imports.get(notice.import_id)
    if job is None or job.state is not ImportState.DONE:
        return None
    words = [md("*{name} is done.*", name=job.file_name), *outcome(tx, job)]
    return said(words, [section(text.lines(*words)), actions(_summary(job), *_problems(job))])


async def lapsed(tx: Transaction, notice: ImportLapsed) -> Message | None:
    """How many have not answered in time; nothing when all have."""
    job = await tx.imports.get(notice.import_id)
    left = await unanswered(tx, job) if job else 0
    if job is None or not left:
        return None
    words = md(
        "*{name}: {left} of {sent} have not answered in 7 days*, so their invitations have expired. "
        "Send the same file again with `/team invite` to invite them anew; whoever is a member is left out.",
        name=job.file_name,
        left=_n(left),
        sent=_n(job.sent),
    )
    return said([words], [section(words)])


async def card(tx: Transaction, job: ImportJob) -> Message:
    """A file as it stands now, with what can be done about it."""
    words = await standing(tx, job)
    blocks: list[Block] = [section(text.shorten(text.lines(*words), 2900))]
    if row := _buttons(job):
        blocks.append(actions(*row))
    return said(words, blocks)


async def standing(tx: Transaction, job: ImportJob) -> list[Mrkdwn]:
    """Where a file stands, line by line."""
    match job.state:
        case ImportState.READING:
            return [md("*Reading {name} …*", name=job.file_name)]
        case ImportState.FAILED:
            return [md("*{name} could not be used.* {why}", name=job.file_name, why=job.why)]
        case ImportState.CANCELLED:
            return [md("*{name} was cancelled.* Nothing was sent.", name=job.file_name)]
        case ImportState.REVIEWED:
            return [*reviewed(job), *await forecast(tx, job), *_examples(job)]
        case ImportState.SENDING:
            good = sum(part.count for part in job.parts)
            head = md(
                "*{name}: {sent} of {good} sent.*", name=job.file_name, sent=_n(job.sent), good=_n(good)
            )
            return [head, *outcome(tx, job)]
        case ImportState.DONE:
            return [md("*{name} is done.*", name=job.file_name), *outcome(tx, job)]
    raise AssertionError("every state is told")


def _n(number: int) -> str:
    return f"{number:,}"


def reviewed(job: ImportJob) -> list[Mrkdwn]:
    """How many lines are ready, and how many have which problem."""
    head = md(
        "*{name}: {good} ready to send, {bad} with a problem.*",
        name=job.file_name,
        good=_n(job.good),
        bad=_n(job.bad),
    )
    kinds = sorted(job.problems.items(), key=lambda item: -item[1])
    found = [
        md("• {count}: {kind}", count=_n(count), kind=Mrkdwn(_KINDS.get(code, "another problem")))
        for code, count in kinds
    ]
    if job.ignored:
        found.append(md("Columns that are not used: {names}.", names=", ".join(job.ignored)[:300]))
    return [head, *found]


async def forecast(tx: Transaction, job: ImportJob) -> list[Mrkdwn]:
    """What stands in the way of sending all good lines: seats, approvals."""
    found: list[Mrkdwn] = []
    free = (await seats_now(tx)).free if tx.organization.pending_holds_seat else None
    if free is not None and free < job.good:
        few = "Only {free} seats are free: the first {free} are invited, the summary names the others."
        one = "Only 1 seat is free: the first one is invited, the summary names the others."
        none = "No seat is free, so nobody can be invited now. Free one, or have the limit raised."
        words = {0: none, 1: one}.get(free, few)
        found.append(md(f":warning: {words}", free=_n(free)))
    member = await tx.members.get(job.member_id)
    assert member is not None  # members are never erased
    planned = await plan(tx, member, job)
    found += [md(":warning: {why}", why=str(one.refusal)) for one in planned if one.refusal]
    asked = [(one.count, one.requirement) for one in planned if not one.refusal]
    return [*found, *await split_said(tx, asked)]


def _examples(job: ImportJob) -> list[Mrkdwn]:
    lines = [
        md("✗ Line {number}: {words}", number=number, words=text.shorten(words, 250))
        for number, words in job.examples
    ]
    more = job.bad - len(lines)
    return [*lines, md("… and {more} more.", more=_n(more))] if more > 0 else lines


def outcome(tx: Transaction, job: ImportJob) -> list[Mrkdwn]:
    """What became of the lines so far, all of them accounted for."""
    failed = sum(part.failed for part in job.parts)
    found = [md("• {sent} sent", sent=_invitations(job.sent))]
    found += [line for part in job.parts if (line := _part(tx, part))]
    if job.sent and not tx.facilities.mail:
        found.append(
            Mrkdwn(
                "Whoever is not in this Slack gets no message: pass on the links, which the summary lists."
            )
        )
    if failed:
        turn = "its" if failed == 1 else "their"
        words = "• {count} could not be sent when it was {turn} turn: the summary says why"
        found.append(md(words, count=_n(failed), turn=turn))
    if job.bad:
        found.append(md("• {count} had a problem already at the review", count=_n(job.bad)))
    return found


def _part(tx: Transaction, part: Part) -> Mrkdwn | None:
    roles = " and ".join(role_name(tx.organization, role) for role in part.roles)
    left = part.count - part.sent - part.failed
    match part.state:
        case PartState.WAITING:
            return md(
                "• {count} as {roles} {wait} for an approval, see `/team approvals`",
                count=_n(left),
                roles=roles,
                wait="waits" if left == 1 else "wait",
            )
        case PartState.SENDING:
            are = "is" if left == 1 else "are"
            return md("• {count} as {roles} {are} being sent", count=_n(left), roles=roles, are=are)
        case PartState.STOPPED | PartState.REFUSED:
            were = "was" if left == 1 else "were"
            words = "• {count} as {roles} {were} not sent: {why}"
            return md(words, count=_n(left), roles=roles, were=were, why=part.why)
    return None


def _buttons(job: ImportJob) -> list[Element]:
    problems = _problems(job)
    match job.state:
        case ImportState.REVIEWED:
            sends = [send_button(job)] if job.good else []
            look = button("See the lines", LINES, value=job.id)
            return [*sends, look, *problems, button("Cancel", CANCEL, value=job.id)]
        case ImportState.SENDING:
            busy = any(part.state is PartState.SENDING for part in job.parts)
            return [*([_stop(job)] if busy else []), _summary(job)]
        case ImportState.DONE:
            return [_summary(job), *problems]
    return []


def _problems(job: ImportJob) -> list[Element]:
    ended = (part for part in job.parts if part.state not in (PartState.WAITING, PartState.SENDING))
    unsent = job.bad + sum(part.count - part.sent for part in ended)
    return [button("Problems as CSV", PROBLEMS, value=job.id)] if unsent else []


def send_button(job: ImportJob) -> Element:
    """Sends what is ready."""
    return button(send_words(job), SEND, value=job.id, style="primary")


def send_words(job: ImportJob) -> str:
    """What the button says that sends."""
    return f"Send {_invitations(job.good)}"


def _invitations(count: int) -> str:
    return "1 invitation" if count == 1 else f"{_n(count)} invitations"


def _stop(job: ImportJob) -> Element:
    question = confirm("Stop sending?", "What is sent already stays sent.", yes="Stop", no="Go on")
    return button("Stop", CANCEL, value=job.id, style="danger", confirm=question)


def _summary(job: ImportJob) -> Element:
    return button("Summary as CSV", SUMMARY, value=job.id)


RENDERERS: dict[type[Notice], Renderer] = {ImportTold: told, ImportFinished: finished, ImportLapsed: lapsed}
