"""Every role of every preset types every verb: each is answered as the table of the product says."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.slack.commands import reachable
from domain.model import Preset
from domain.permissions import ROLES
from tests.support.attack import INCIDENT, Watched, shown, watched_steward

OWNER, ADMIN, ORDINARY, OUTSIDER, DEACTIVATED = "olivia", "adam", "dana", "nora", "devi"
EVERYBODY = (OUTSIDER, DEACTIVATED, ORDINARY, ADMIN, OWNER)
"""In this order each types: who may least comes first, so that nothing is done before all were answered."""


@dataclass(frozen=True, kw_only=True)
class Team:
    """How a preset calls its roles, and what differs in it."""

    preset: str
    admin: str
    ordinary: str
    admins_grant_admins: bool = True
    ordinary_sees_subscription: bool = False


TEAMS = {
    "portal": Team(preset="Portal", admin="Admin", ordinary="Developer", ordinary_sees_subscription=True),
    "support": Team(preset="Support", admin="Admin", ordinary="Technician"),
    "analytics": Team(
        preset="Analytics",
        admin="Organization Administrator",
        ordinary="User",
        admins_grant_admins=False,
    ),
    "suite": Team(preset="Suite", admin="Organization Admin", ordinary="Member", admins_grant_admins=False),
}
each_team = pytest.mark.parametrize("team", TEAMS.values(), ids=TEAMS)


@pytest.fixture
async def whole(sqlite_url: str) -> AsyncIterator[Watched]:
    async with watched_steward(sqlite_url) as started:
        yield started


async def gathered(whole: Watched, team: Team) -> None:
    """Olivia owns it, Adam is admin, Dana and Devi are ordinary, Devi is deactivated, Nora is outside."""
    await whole.set_up(preset=team.preset, seats="90")
    slugs = {role.name: slug for slug, role in ROLES[Preset(team.preset.lower())].items()}
    await whole.staff(adam=slugs[team.admin], dana=slugs[team.ordinary], devi=slugs[team.ordinary])
    await whole.person(OWNER).command("/team", "deactivate @devi")


async def answer(whole: Watched, handle: str, typed: str) -> str:
    """Everything said or shown to somebody who types this; a form's title in brackets comes first."""
    person = whole.person(handle)
    reply = await person.command("/team", typed)
    assert reply.error is None, (handle, typed, reply)
    title = f"[{person.view.view['title']['text']}] " if person.view else ""
    said = title + reply.text + shown(person)
    whole.slack.workspace.views.close_all(person.id)
    assert said.strip(), (handle, typed)
    assert INCIDENT not in said, (handle, typed)
    return said


NOT_A_MEMBER = "Only members of Northwind Labs can do this"
NOT_ACTIVE = "Your membership is deactivated"
NO_PERMISSION = "does not include"

FORMS = {
    "invite": "[Invite people]",
    "members": "[Members]",
    "role": "[Change role]",
    "deactivate": "[Deactivate member]",
    "activate": "[Activate member]",
    "approvals": "[Approvals]",
    "can": "[Who may do what]",
    "who": "[Who may do what]",
    "preview": "[Preview]",
}
"""What a verb typed alone opens for whoever is an active member."""

FOR_ALL = {"approvals", "preview", "help", "why", "join", "setup"}


@each_team
async def test_every_verb_typed_alone_is_answered_for_what_somebody_is(whole: Watched, team: Team) -> None:
    await gathered(whole, team)
    for verb in (each.name for each in reachable()):
        for handle in EVERYBODY:
            said = await answer(whole, handle, verb)
            if handle == OUTSIDER and verb not in FOR_ALL:
                assert NOT_A_MEMBER in said, (verb, said)
            elif handle == DEACTIVATED and verb not in FOR_ALL:
                assert NOT_ACTIVE in said, (verb, said)
            elif verb in FORMS:
                assert said.startswith(FORMS[verb]), (handle, verb, said)
    for handle, words in {
        OUTSIDER: "[Ask to join]",
        DEACTIVATED: NOT_ACTIVE,
        ORDINARY: "member already",
        ADMIN: "member already",
        OWNER: "member already",
    }.items():
        assert words in await answer(whole, handle, "join"), handle
        assert "What you can type" in await answer(whole, handle, "help")
        assert "set up already" in await answer(whole, handle, "setup")
        assert "last refusal" in await answer(whole, handle, "why")


@each_team
async def test_settings_are_for_whom_the_table_names(whole: Watched, team: Team) -> None:
    await gathered(whole, team)
    owner, admin = await answer(whole, OWNER, "settings"), await answer(whole, ADMIN, "settings")
    for part in ("Team", "Subscription", "Pending invitations", "Approvals", "Departments"):
        assert f"*{part}*" in owner
    assert "Change\n" in owner
    assert "*Team*" in admin
    assert ("*Subscription*" in admin) is (team.preset != "Support")
    assert "Who can change this: <@" in admin  # the policy is the owner's
    ordinary = await answer(whole, ORDINARY, "settings")
    if team.ordinary_sees_subscription:
        assert "*Subscription*" in ordinary
        assert "*Team*" not in ordinary
        assert "Change\n" not in ordinary
    else:
        assert NO_PERMISSION in ordinary
    assert NOT_A_MEMBER in await answer(whole, OUTSIDER, "settings")
    assert NOT_ACTIVE in await answer(whole, DEACTIVATED, "settings")


@each_team
async def test_inviting_goes_as_far_as_the_role_goes(whole: Watched, team: Team) -> None:
    await gathered(whole, team)
    before, number = await whole.tags(), 0
    as_admin = "Asked, not sent" if team.admins_grant_admins else "You can ask those who may"
    for typed, expected in {
        "": {ORDINARY: "Asked, not sent", ADMIN: "Invitation sent", OWNER: "Invitation sent"},
        f" as {team.admin}": {ORDINARY: "Asked, not sent", ADMIN: as_admin, OWNER: "Invitation sent"},
        " as emperor": dict.fromkeys((ORDINARY, ADMIN, OWNER), "cannot be given here"),
    }.items():
        for handle, words in ({OUTSIDER: NOT_A_MEMBER, DEACTIVATED: NOT_ACTIVE} | expected).items():
            number += 1
            said = await answer(whole, handle, f"invite p{number}@elsewhere.example{typed}")
            assert words in said, (handle, typed, said)
    new = (await whole.tags())[len(before) :]
    assert new.count("invitation.sent") == 3
    assert new.count("request.filed") == (3 if team.admins_grant_admins else 2)


@each_team
async def test_roles_and_access_are_changed_asked_for_or_refused_by_role(whole: Watched, team: Team) -> None:
    await gathered(whole, team)
    beyond = "Asked" if team.admins_grant_admins else "You can ask those who may"
    table = {
        f"role @dana {team.admin}": {ORDINARY: "Asked", ADMIN: beyond, OWNER: f"is {team.admin} now"},
        "deactivate @adam": {ORDINARY: beyond, ADMIN: beyond},  # Dana is an admin by now
        f"role @olivia {team.ordinary}": dict.fromkeys((ORDINARY, ADMIN, OWNER), "cannot be demoted"),
        "deactivate @olivia": dict.fromkeys((ORDINARY, ADMIN, OWNER), "cannot be demoted"),
        "deactivate @devi": dict.fromkeys((ORDINARY, ADMIN, OWNER), "deactivated already"),
        "activate @devi": {ADMIN: "active again", OWNER: "active already"},
    }
    for typed, expected in table.items():
        for handle, words in ({OUTSIDER: NOT_A_MEMBER, DEACTIVATED: NOT_ACTIVE} | expected).items():
            said = await answer(whole, handle, typed)
            assert words in said, (handle, typed, said)
    assert (await whole.member(OWNER)).active


@each_team
async def test_an_ordinary_member_asks_for_themself_alone(whole: Watched, team: Team) -> None:
    await gathered(whole, team)
    before = await whole.tags()
    for typed in (f"role @adam {team.ordinary}", "deactivate @adam", "activate @devi"):
        assert NO_PERMISSION in await answer(whole, ORDINARY, typed), typed
    assert await whole.tags() == before
    assert "Asked" in await answer(whole, ORDINARY, "deactivate @dana")
    assert (await whole.tags())[-1] == "request.filed"


QUESTIONS = {
    "can invite": {ORDINARY: "By asking", ADMIN: "Yes: you", OWNER: "Yes: you"},
    "can settings": {ORDINARY: "In part", ADMIN: "Yes: you", OWNER: "Yes: you"},
    "can transfer ownership": {ORDINARY: "No: you", ADMIN: "No: you", OWNER: "Yes: you"},
    "can @olivia invite": dict.fromkeys((ORDINARY, ADMIN, OWNER), "Yes: "),
    "can @devi invite": dict.fromkeys((ORDINARY, ADMIN, OWNER), "is deactivated"),
    "can @nora invite": dict.fromkeys((ORDINARY, ADMIN, OWNER), "not a member here"),
    "who can transfer ownership": dict.fromkeys((ORDINARY, ADMIN, OWNER), "Who may transfer ownership"),
    "who can change the approval policy": dict.fromkeys((ORDINARY, ADMIN, OWNER), "Who may change the"),
}


@each_team
async def test_questions_are_answered_to_members_and_to_nobody_else(whole: Watched, team: Team) -> None:
    await gathered(whole, team)
    for typed, expected in QUESTIONS.items():
        told = {OUTSIDER: NOT_A_MEMBER, DEACTIVATED: NOT_ACTIVE} | expected
        for handle in EVERYBODY:
            assert told[handle] in await answer(whole, handle, typed), (handle, typed)


async def test_who_is_outside_learns_nothing_of_who_is_inside(whole: Watched) -> None:
    await gathered(whole, TEAMS["portal"])
    secrets = ("Dana Diaz", "Developer", whole.person("dana").id)
    for handle in (OUTSIDER, DEACTIVATED):
        for typed in ("members", "members dana", "preview role @dana admin", "preview deactivate dana",
                      "preview activate @devi", "preview invite dana@northwind.example", "can @dana invite",
                      "role dana admin", "deactivate dana", "approvals", "who can invite"):  # fmt: skip
            said = await answer(whole, handle, typed)
            assert not [secret for secret in secrets if secret in said], (handle, typed, said)


async def test_somebody_of_the_viewer_role_asks_as_ordinary_people_do(whole: Watched) -> None:
    await whole.set_up(preset="Analytics", seats="90")
    await whole.staff(dana="viewer", adam="user")
    assert "Asked, not sent" in await answer(whole, "dana", "invite a@elsewhere.example")
    assert NO_PERMISSION in await answer(whole, "dana", "deactivate @adam")
    assert NO_PERMISSION in await answer(whole, "dana", "settings")
    assert "[Members]" in await answer(whole, "dana", "members")
