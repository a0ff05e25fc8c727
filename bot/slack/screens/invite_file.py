"""A file of people attached to the invitation form: its progress, its review page by page, sending it."""

import re

from bot.slack import text
from bot.slack.answers import Answer, Errors, Replace, Say, Screen, Show, Update
from bot.slack.blocks import Block, View, context, divider, message, modal, paged, pager, section
from bot.slack.forms import metadata, number_in, reason_of
from bot.slack.messages.imports import (
    CANCEL,
    LINES,
    PROBLEMS,
    SEND,
    SUMMARY,
    card,
    forecast,
    outcome,
    reviewed,
    send_words,
    standing,
)
from bot.slack.scopes import WRITE_FILES
from bot.slack.screens.invite_lines import Draft
from bot.slack.screens.invite_review import role_words
from bot.slack.text import Mrkdwn, md
from bot.slack.visit import Visit
from domain import import_links, import_sending, imports
from domain.import_accounts import Account, accounts
from domain.import_jobs import ImportJob, ImportState
from domain.model import Actor
from domain.notices import ImportListed
from domain.permissions import roles_of
from domain.ports import Transaction

REVIEW = "import_review"
PAGE = "import_page"
PER_PAGE = 20
FIELD = "file"


async def begun(visit: Visit, draft: Draft) -> Answer:
    """Take the file to be read in the background, and say so at once."""
    if draft.addresses or draft.users:
        words = "A file is sent by itself. Take it out, or empty the fields for addresses and Slack users."
        return Errors({FIELD: words})
    file_id, name = visit.form.files(FIELD)[0]

    async def work(tx: Transaction, actor: Actor) -> ImportJob:
        return await imports.begin(
            tx,
            actor,
            file_id=file_id,
            file_name=name,
            view_id=str(visit.view.get("id") or ""),
            role=draft.role,
            departments=draft.departments,
            reason=reason_of(draft.reason),
        )

    job = await visit.services.front_desk.act(visit.who, work, delivery=visit.delivery)
    return Update(progress(job))


def progress(job: ImportJob) -> View:
    """What stands in the place of the form while the file is read."""
    words = md("*Reading {name} …*", name=job.file_name)
    more = "This takes some seconds. You can close this: the review comes as a message from Steward too."
    return modal("Invite people", [section(words), context(more)], callback_id=REVIEW, close="Close")


async def review_view(tx: Transaction, job: ImportJob, *, page: int = 1) -> View:
    """The review page by page, with Send while nothing is sent."""
    open_ = job.state is ImportState.REVIEWED
    head = [*reviewed(job), *await forecast(tx, job)] if open_ else await standing(tx, job)
    blocks: list[Block] = [section(text.shorten(text.lines(*head), 2900))]
    if job.state not in (ImportState.READING, ImportState.FAILED, ImportState.CANCELLED):
        blocks += await _page(tx, job, page)
    return modal(
        "Review invitations",
        blocks,
        callback_id=REVIEW,
        submit=send_words(job) if open_ and job.good else None,
        close="Close",
        private_metadata=metadata(job=job.id, page=page),
    )


async def _page(tx: Transaction, job: ImportJob, page: int) -> list[Block]:
    rows = sorted(await accounts(tx, job), key=lambda one: not one.problem)
    names = {slug: role.name for slug, role in roles_of(tx.organization).items()}
    names |= {each.id: each.name for each in await tx.departments.all(retired=True)}
    shown = paged(rows, page, PER_PAGE)
    found = [section(_row(one, names)) for one in shown.items]
    if shown.pages > 1:
        found.append(context(f"Shown: {shown.label}"))
    return [divider(), *found, *pager(shown, PAGE, block_id=PAGE)]


def _row(one: Account, names: dict[str, str]) -> Mrkdwn:
    line = one.line.line
    who = text.escape(text.shorten(text.email(line.email), 200)) if line.email else Mrkdwn("(no address)")
    if one.problem:
        why = text.shorten(one.problem, 1500)
        return md("✗ Line {number}, {who}: {why}", number=one.line.number, who=who, why=why)
    role = text.shorten(role_words(line, names), 500)
    return md("✓ Line {number}, *{who}* as {role}", number=one.line.number, who=who, role=role)


async def _renewed(visit: Visit, import_id: str, page: int = 1) -> View:
    async with visit.reading() as (tx, actor):
        return await review_view(tx, await imports.load_own(tx, actor, import_id), page=page)


async def looked(visit: Visit) -> Answer:
    """Show the lines of the file."""
    return Show(await _renewed(visit, visit.value))


async def turned(visit: Visit) -> Answer:
    """Show another page of them."""
    page = int(visit.value) if visit.value.isdecimal() else 1
    return Update(await _renewed(visit, str(visit.metadata.get("job")), page))


async def _send(visit: Visit, import_id: str) -> ImportJob:
    async def work(tx: Transaction, actor: Actor) -> ImportJob:
        return await import_sending.send(tx, actor, import_id)

    return await visit.services.front_desk.act(visit.who, work, delivery=visit.delivery)


async def submitted(visit: Visit) -> Answer:
    """Send from the form."""
    number_in(visit.metadata, "page", 1)
    job = await _send(visit, str(visit.metadata.get("job")))
    async with visit.reading() as (tx, _):
        words = text.lines(
            md("*{name} is being sent.*", name=job.file_name),
            *outcome(tx, job),
            "Your messages from Steward show how far it is. You can close this.",
        )
    return Say(message(words, [section(words)]), title="Invitations")


async def sent(visit: Visit) -> Answer:
    """Send from the message."""
    job = await _send(visit, visit.value)
    async with visit.reading() as (tx, _):
        return Replace(await card(tx, job))


async def cancelled(visit: Visit) -> Answer:
    """Send nothing, or nothing more."""

    async def work(tx: Transaction, actor: Actor) -> ImportJob:
        return await imports.cancel(tx, actor, visit.value)

    job = await visit.services.front_desk.act(visit.who, work, delivery=visit.delivery)
    async with visit.reading() as (tx, _):
        return Replace(await card(tx, job))


async def problems(visit: Visit) -> Answer:
    """Hand out the lines with a problem."""
    return await _listed(visit, problems=True)


async def summary(visit: Visit) -> Answer:
    """Hand out every line with what became of it."""
    return await _listed(visit, problems=False)


async def _listed(visit: Visit, *, problems: bool) -> Answer:
    """As a file in the conversation where Slack lets the app write one, else as a link."""
    import_id = visit.value
    if not visit.services.scopes.has(visit.who.team_id, WRITE_FILES):
        async with visit.reading() as (tx, actor):
            job = await imports.load_own(tx, actor, import_id)
            url = import_links.address(tx, job, problems=problems)
        words = md(
            "{link}. The link works for an hour; whoever has it can read the file.",
            link=text.link(url, f"Download {job.file_name} as CSV"),
        )
        return Say(message(words, [section(words)]), title="CSV")

    async def work(tx: Transaction, actor: Actor) -> None:
        job = await imports.load_own(tx, actor, import_id)
        await tx.outbox.add(ImportListed(import_id=job.id, problems=problems, at=visit.delivery[:16]))

    await visit.services.front_desk.act(visit.who, work, delivery=visit.delivery)
    words = Mrkdwn("The file comes as a message from Steward in a moment.")
    return Say(message(words, [section(words)]), title="CSV")


SCREEN = Screen(
    actions={
        SEND: sent,
        LINES: looked,
        CANCEL: cancelled,
        PROBLEMS: problems,
        SUMMARY: summary,
        re.compile(rf"{PAGE}:(previous|next)"): turned,
    },
    views={REVIEW: submitted},
)
