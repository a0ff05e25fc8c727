"""A Slack user whose address is a member's, where the address alone is not proof enough (product §12)."""

from bot.slack.answers import Answer, Say, Screen, Show
from bot.slack.blocks import View, actions, button, context, input_block, message, modal, section, text_input
from bot.slack.refusals import ASK, refusal_words
from bot.slack.text import md
from bot.slack.visit import Visit
from domain.errors import AccountNotLinked
from domain.permissions import roles_of

SEND = "link_code_send"
FORM = "link_code"


async def unlinked(visit: Visit, refusal: AccountNotLinked) -> Answer:
    """Return why the person is not linked, with the ways to prove who they are."""
    async with visit.reading() as (tx, _):
        words = await refusal_words(tx, refusal)
    buttons = []
    if refusal.can_ask and visit.services.mail:
        buttons.append(button("Enter code", SEND, value="send", style="primary"))
    if refusal.can_ask and refusal.refusal_id:
        buttons.append(button("Ask an admin", ASK, value=refusal.refusal_id))
    blocks = [section(words)]
    if buttons:
        blocks.append(actions(*buttons))
    return Say(message(words, blocks), title="Is this you?")


def build() -> View:
    """The form for the code in the mail."""
    blocks = [
        section("A code was sent to the member's e-mail address. It is valid for about an hour."),
        input_block("Code", text_input("code", max_length=40, placeholder="ABCD2345"), block_id="code"),
        context("No mail? Look into the spam folder, or ask an admin to confirm that it is you."),
    ]
    return modal("Enter the code", blocks, callback_id=FORM, submit="Confirm")


async def send(visit: Visit) -> Answer:
    """Mail the code and ask for it."""
    await visit.services.front_desk.send_link_code(visit.who)
    return Show(build())


async def submitted(visit: Visit) -> Answer:
    """Link the person with the code."""
    member = await visit.services.front_desk.link_with_code(visit.who, visit.form.text("code"))
    async with visit.reading() as (tx, _):
        role = roles_of(tx.organization)[member.role].name
        words = md("*That is you, then.* You are {role} of {name}.", role=role, name=tx.organization.name)
    return Say(message(words, [section(words)]), title="Welcome")


SCREEN = Screen(actions={SEND: send}, views={FORM: submitted})
