"""The audit channel."""

from bot.slack.messages import render
from domain.changes import ChangeRole, ChangeSeatHolding, ChangeSettings
from domain.notices import AuditPosted
from tests.slack.local import Local


async def test_new_entries_are_posted_without_anybodys_address(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    channel = northwind.slack.workspace.conversations.named("team-admins")
    assert channel is not None
    change = ChangeSettings(name="Northwind", audit_channel=channel.id)
    await northwind.front_desk.submit(northwind.who("olivia"), change)
    await olivia.command("/team", "invite bob@example.org as admin")
    dana = await northwind.member_of("dana")
    await northwind.front_desk.submit(northwind.who("olivia"), ChangeRole(member_id=dana.id, role="admin"))

    def posted() -> str:
        return "\n".join(message.words for message in olivia.messages("team-admins") if message.from_app)

    await olivia.until(lambda: "has another role" in posted())
    assert f"<@{northwind.person('dana').id}> has another role · by <@{olivia.id}>" in posted()
    assert "before: Developer · after: Admin" in posted()
    assert "was sent · by" in posted()
    assert "bob@example.org" not in posted()


async def test_a_change_of_settings_says_what_it_was_before(northwind: Local) -> None:
    change = ChangeSeatHolding(pending_holds_seat=False)
    await northwind.front_desk.submit(northwind.who("olivia"), change)
    async with northwind.front_desk.reading(northwind.who("olivia")) as (tx, _):
        count = tx.organization.audit_count
        message = await render(tx, AuditPosted(first=count, last=count, channel="C1"))
    assert message is not None
    assert "pending holds seat: yes → no" in message["text"]


async def test_more_entries_than_fit_are_counted(northwind: Local) -> None:
    async with northwind.front_desk.reading(northwind.who("olivia")) as (tx, _):
        message = await render(tx, AuditPosted(first=1, last=500, channel="C1"))
        assert message is not None
        count = tx.organization.audit_count
    assert count < 30
    assert f"and {500 - count} more, in the audit." in message["blocks"][-1]["text"]["text"]
