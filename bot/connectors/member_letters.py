"""Letters about a person's own membership."""

from bot.connectors.words import Words, said, team, why_member
from domain.descriptions import role_name
from domain.joining import CODE_WINDOW
from domain.model import Member, MemberStatus
from domain.notices import AccessChanged, LinkCodeMailed, MemberWelcomed, RoleChanged
from domain.ports import Transaction

_IN_SLACK = "In Slack, open Steward under Apps: it shows what you may do. /team help lists the commands."


async def member_welcomed(tx: Transaction, notice: MemberWelcomed) -> Words | None:
    """A welcome; nothing for who left meanwhile."""
    member = await tx.members.get(notice.member_id)
    if member is None or not member.active:
        return None
    return Words(
        subject=f"Welcome to {team(tx)}",
        heading=f"Welcome, {said(member.name or member.email)}",
        before=(f"You are a member of {team(tx)} now, as {role_name(tx.organization, member.role)}.",),
        facts=await _departments(tx, member),
        after=(_IN_SLACK,),
        why=why_member(tx),
    )


async def role_changed(tx: Transaction, notice: RoleChanged) -> Words | None:
    """The new role; nothing when it has changed again, for then a newer letter says so."""
    member = await tx.members.get(notice.member_id)
    if member is None or not member.active or member.role != notice.role:
        return None
    role = role_name(tx.organization, member.role)
    return Words(
        subject=f"You are {role} of {team(tx)}",
        heading="You have a new role",
        before=(f"Your role in {team(tx)} is now {role}.",),
        after=(_IN_SLACK,),
        why=why_member(tx),
    )


async def access_changed(tx: Transaction, notice: AccessChanged) -> Words | None:
    """Access ended or returned; nothing when it has changed back, or the person was removed."""
    member = await tx.members.get(notice.member_id)
    if member is None or member.active is not notice.active or member.status is MemberStatus.REMOVED:
        return None
    if member.active:
        subject = f"You have access to {team(tx)} again"
        before = f"You are an active member again, as {role_name(tx.organization, member.role)}."
        after = _IN_SLACK
        why = why_member(tx)
    else:
        subject = f"Your access to {team(tx)} has ended"
        before = "An admin deactivated your membership. Your role is kept, in case you return."
        after = f"If you think this is a mistake, ask an admin of {team(tx)}."
        why = f"You get this mail because you were a member of {team(tx)}."
    return Words(subject=subject, heading=subject, before=(before,), after=(after,), why=why)


async def link_code_mailed(tx: Transaction, notice: LinkCodeMailed) -> Words | None:
    """The code that links a Slack user; nothing when the member is linked, gone, or the code too old."""
    member = await tx.members.get(notice.member_id)
    window = int(tx.now.timestamp() // CODE_WINDOW.total_seconds())
    if member is None or not member.active or member.slack_user_id or notice.window < window - 1:
        return None
    person = await tx.people.get(notice.slack_user_id)
    slack_name = f"“{said(person.name)}”" if person and person.name else "somebody"
    role = role_name(tx.organization, member.role)
    question = (
        f"In Slack {slack_name} says to be you, {role} of {team(tx)}. "
        "If that is you, type this code where Steward asks for it:"
    )
    warning = (
        "It is valid for an hour. If this was not you, do not pass the code on, and tell an admin: "
        "somebody tried to act in your name."
    )
    code = tx.facilities.keys.link_code(member.id, notice.slack_user_id, notice.window)
    return Words(
        subject=f"Your code for {team(tx)}",
        heading="Is this you in Slack?",
        before=(question,),
        code=f"{code[:4]} {code[4:]}",
        after=(warning,),
        why=f"You get this mail because your address belongs to a member of {team(tx)}.",
    )


async def _departments(tx: Transaction, member: Member) -> tuple[tuple[str, str], ...]:
    if not member.departments:
        return ()
    names = [said(one.name) for one in await tx.departments.all() if one.id in member.departments]
    return (("Departments", ", ".join(names)),) if names else ()
