"""The rules of the approval policy: listed in plain sentences, one edited at a time."""

from collections.abc import Mapping

from bot.slack.answers import Answer, Close, Offer, Push, Refresh, Say, Screen, Several, Update
from bot.slack.blocks import (
    Block,
    Option,
    View,
    actions,
    button,
    context,
    divider,
    message,
    modal,
    option,
    overflow,
    section,
    suggestions,
)
from bot.slack.deciding import rules_said
from bot.slack.entering import require_active
from bot.slack.forms import outdated
from bot.slack.limits import OPTION_TEXT, SELECT_OPTIONS
from bot.slack.results import result_words
from bot.slack.screens.policy_form import (
    ANYONE,
    DEPARTMENT,
    FORM,
    OWNER,
    PEOPLE,
    ROLE,
    Around,
    Draft,
    StepDraft,
    build,
    parse,
)
from bot.slack.screens.settings_overview import RULES, build_overview, holds
from bot.slack.text import Mrkdwn, md, plain
from bot.slack.visit import Visit
from domain.authority import no_permission
from domain.changes import ChangeApprovalRules
from domain.errors import AlreadySo, BadValue
from domain.model import Approvers, Kind, Member, Rule, Step
from domain.operations import Operation
from domain.permissions import Outcome, owner_role, roles_of
from domain.policies import is_own, rules_in_force
from domain.ports import Transaction

NEW = "policy_new"
ACT = "policy_act"
EDIT, REMOVE = "edit", "remove"


async def build_list(tx: Transaction, *, said: Mrkdwn | None = None) -> View:
    """The rules in force; `said` is what became of a change."""
    organization = tx.organization
    blocks: list[Block] = [section(said), divider()] if said else []
    blocks.append(actions(button("New rule", NEW, value="new", style="primary"), block_id="new"))
    rules = rules_in_force(organization)
    for number, (rule, words) in enumerate(zip(rules, await rules_said(tx, rules), strict=True)):
        own = is_own(organization, rule)
        menu = [option("Change", _key(EDIT, rule)), *([option("Remove", _key(REMOVE, rule))] if own else [])]
        text = md("{words}{default}", words=words, default="" if own else Mrkdwn(" _(default)_"))
        blocks.append(section(text, accessory=overflow(ACT, menu), block_id=f"rule:{number}"))
    note = (
        "A narrower rule holds instead of a wider one; where neither is narrower, both hold. "
        "People are counted over the whole list or file. Version {version}."
    )
    blocks.append(context(md(note, version=organization.policy_version)))
    return modal("Approval rules", blocks, callback_id=RULES, close="Back")


def _key(act: str, rule: Rule) -> str:
    return ":".join((act, *_conditions(rule)))


def _conditions(rule: Rule) -> tuple[str, ...]:
    return tuple(str(one) for one in rule.conditions)


def rule_at(tx: Transaction, conditions: tuple[str, ...]) -> Rule:
    """Return the rule in force with these conditions.

    Raises:
        BadValue: there is none by now.
    """
    for rule in rules_in_force(tx.organization):
        if _conditions(rule) == conditions:
            return rule
    raise outdated()


async def draft_of(tx: Transaction, rule: Rule) -> Draft:
    """A rule as its form says it."""
    ids = {one for step in rule.steps for one in step.people} | set(rule.pinged)
    known = await tx.members.many(ids)

    def users(member_ids: tuple[str, ...]) -> tuple[str, ...]:
        found = (known[one].slack_user_id for one in member_ids if one in known)
        return tuple(user_id for user_id in found if user_id)

    def step(one: Step) -> StepDraft:
        who = ROLE + one.role if one.approvers is Approvers.ROLE else str(one.approvers)
        return StepDraft(who=who, users=users(one.people), needed=one.needed)

    return Draft(
        kind=rule.kind,
        role=rule.role,
        people=rule.people,
        department=rule.department,
        steps=tuple(step(one) for one in rule.steps),
        deadlines=rule.deadlines,
        pinged=users(rule.pinged),
        basis=tx.organization.policy_version,
        original=_conditions(rule),
    )


async def rule_of(tx: Transaction, draft: Draft) -> Rule:
    """The rule that a form says.

    Raises:
        BadValue: somebody named is no member, or a choice is none of ours.
    """
    known = await tx.members.by_users({*draft.pinged, *(one for step in draft.steps for one in step.users)})
    steps = [_step_of(step, known, number) for number, step in enumerate(draft.steps, start=1)]
    return Rule(
        kind=draft.kind,
        role=draft.role,
        people=draft.people,
        department=draft.department,
        steps=tuple(steps),
        deadlines=draft.deadlines,
        pinged=_members(draft.pinged, known, "pinged"),
    )


def _step_of(step: StepDraft, known: Mapping[str, Member], number: int) -> Step:
    if step.who.startswith(ROLE):
        return Step(approvers=Approvers.ROLE, role=step.who.removeprefix(ROLE), needed=step.needed)
    if step.who not in (OWNER, ANYONE, PEOPLE):
        raise outdated()
    people = _members(step.users, known, f"people_{number}")
    return Step(approvers=Approvers(step.who), people=people, needed=step.needed)


def _members(users: tuple[str, ...], known: Mapping[str, Member], field: str) -> tuple[str, ...]:
    if any(user_id not in known for user_id in users):
        raise BadValue("Somebody named is not a member here.", remedy="Name members only.", field=field)
    return tuple(known[user_id].id for user_id in users)


async def form_of(tx: Transaction, draft: Draft) -> View:
    """The form of a rule."""
    department: Option | None = None
    if draft.department and (found := await tx.departments.get(draft.department)):
        department = option(plain(found.name, OPTION_TEXT), found.id)
    owner = owner_role(tx.organization).slug
    roles = [role for slug, role in roles_of(tx.organization).items() if slug != owner]
    return build(draft, Around(roles=roles, department=department))


async def _require(tx: Transaction, visit: Visit, member: Member) -> None:
    if not holds(tx, member, Operation.APPROVAL_POLICY):
        raise await no_permission(tx, member, Operation.APPROVAL_POLICY, Outcome())


async def added(visit: Visit) -> Answer:
    """The form of a new rule."""
    async with visit.reading() as (tx, actor):
        await _require(tx, visit, await require_active(tx, actor))
        return Push(await form_of(tx, Draft(kind=Kind.INVITE, basis=tx.organization.policy_version)))


async def acted(visit: Visit) -> Answer:
    """An entry of a rule's menu: its form, or the rule removed."""
    act, *conditions = visit.value.split(":")
    async with visit.reading() as (tx, actor):
        await _require(tx, visit, await require_active(tx, actor))
        rule = rule_at(tx, tuple(conditions))
        if act == EDIT:
            return Push(await form_of(tx, await draft_of(tx, rule)))
        rules = tuple(one for one in tx.organization.rules if one != rule)
        change = ChangeApprovalRules(rules=rules, basis=tx.organization.policy_version)
    answer = await visit.services.front_desk.submit(visit.who, change, delivery=visit.delivery)
    async with visit.reading() as (tx, _):
        said = await result_words(tx, answer, done=Mrkdwn("*Removed.*"))
        return Update(await build_list(tx, said=said))


async def saved(visit: Visit) -> Answer:
    """Set the rule that the form says, in the place of the one it was made from."""
    draft = parse(visit.view)
    async with visit.reading() as (tx, _):
        rule = await rule_of(tx, draft)
        kept = [one for one in tx.organization.rules if _conditions(one) != draft.original]
        change = ChangeApprovalRules(rules=(*kept, rule), basis=draft.basis)
    try:
        answer = await visit.services.front_desk.submit(visit.who, change, delivery=visit.delivery)
    except AlreadySo:
        return Close()  # saved as it was
    previous, root = (str(visit.view.get(name) or "") for name in ("previous_view_id", "root_view_id"))
    async with visit.reading() as (tx, actor):
        said = await result_words(tx, answer, done=Mrkdwn("*Saved.*"))
        if not previous:
            return Say(message(said, [section(said)]), title="Approval rules")
        renewed: list[Answer] = [Refresh(await build_list(tx, said=said), previous)]
        if root and root != previous:
            renewed.append(Refresh(await build_overview(tx, await require_active(tx, actor)), root))
    return Several((Close(), *renewed))


async def suggest_departments(visit: Visit) -> Answer:
    """Open departments with a word that begins with what was typed."""
    typed = visit.text.strip().casefold()
    async with visit.reading() as (tx, actor):
        await require_active(tx, actor)
        found = [
            option(plain(one.name, OPTION_TEXT), one.id)
            for one in await tx.departments.all()
            if any(word.startswith(typed) for word in (one.name.casefold(), *one.name.casefold().split()))
        ]
    return Offer(suggestions(found[:SELECT_OPTIONS], more=len(found) > SELECT_OPTIONS))


SCREEN = Screen(
    actions={NEW: added, ACT: acted},
    views={FORM: saved},
    options={DEPARTMENT: suggest_departments},
)
