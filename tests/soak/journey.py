"""A journey through every screen, and the deliveries it brought about."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import partial

from bot.sandbox.dispatch import Answer, Delivery
from bot.sandbox.ids import Json
from tests.support.whole import Whole, has_button

SAM, PAT = "sam@elsewhere.example", "pat@elsewhere.example"
PATIENCE = 30.0
"""Seconds for what takes moments, unless other work slows the machine down."""
LOOKED_AT = (
    *("", "help", "members", "approvals", "can invite", "who can transfer", "why", "preview", "can"),
    *("preview invite x@elsewhere.example", "role", "deactivate", "activate", "nonsense"),
)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What the local Slack delivered."""

    kind: Delivery
    payload: Json


@contextmanager
def recorded(whole: Whole) -> Iterator[list[Sent]]:
    """Keep every delivery made meanwhile, as it left."""
    dispatcher, kept = whole.slack.dispatcher, list[Sent]()
    ask, tell = dispatcher.ask, dispatcher.tell

    async def asked(kind: Delivery, payload: Json) -> Answer:
        kept.append(Sent(kind=kind, payload=deepcopy(payload)))
        return await ask(kind, payload)

    def told(payload: Json) -> None:
        kept.append(Sent(kind=Delivery.EVENT, payload=deepcopy(payload)))
        tell(payload)

    dispatcher.ask, dispatcher.tell = asked, told  # type: ignore[method-assign]
    try:
        yield kept
    finally:
        dispatcher.ask, dispatcher.tell = ask, tell  # type: ignore[method-assign]


async def travel(whole: Whole) -> list[Sent]:
    """Set up, invite, ask, decide, manage and look at everything; return what was delivered."""
    whole.slack.dispatcher.answer_seconds = PATIENCE
    with recorded(whole) as kept:
        await _begin(whole)
        await _decide(whole)
        await _look(whole)
        await _settings(whole)
        await _manage(whole)
        await _elsewhere(whole)
        await whole.slack.settle()
    return kept


async def _begin(whole: Whole) -> None:
    await whole.set_up(seats="50")
    for handle, role in {"adam": "admin", "dana": "developer", "devi": "developer"}.items():
        await _joins(whole, handle, role)
    olivia, nora = whole.person("olivia"), whole.person("nora")
    await olivia.command("/team", f"invite {SAM} because he helps")
    await olivia.command("/team-invite", "")
    await olivia.fill("E-mail addresses", "kim@elsewhere.example, bad, lee@elsewhere.example")
    await olivia.submit()
    await olivia.submit()
    await olivia.close(everything=True)
    await nora.command("/team", "join because I am new")


async def _joins(whole: Whole, handle: str, role: str) -> None:
    newcomer = whole.person(handle)
    await whole.person("olivia").command("/team", f"invite {newcomer.email} as {role}")
    await newcomer.until(partial(has_button, newcomer, "Accept"), timeout=PATIENCE)
    await newcomer.click("Accept")


async def _decide(whole: Whole) -> None:
    dana, adam = whole.person("dana"), whole.person("adam")
    for address in (PAT, "tom@elsewhere.example", "zoe@elsewhere.example"):
        await dana.command("/team", f"invite {address} because we need them")
        await adam.until(partial(_asked, whole, address), timeout=PATIENCE)
    await adam.click("Details")
    await adam.close(everything=True)
    await adam.click("Decline")
    await adam.fill("Reason", "No seat to spare")
    await adam.submit()
    await adam.click("Approve")
    await dana.click("Withdraw")
    await dana.command("/team", "invite ida@elsewhere.example")
    await dana.command("/team-approvals", "")
    await dana.close(everything=True)


def _asked(whole: Whole, address: str) -> bool:
    adam = whole.person("adam")
    return has_button(adam, "Approve") and any(address in message.words for message in adam.messages())


async def _look(whole: Whole) -> None:
    for handle in ("olivia", "dana", "nora"):
        person = whole.person(handle)
        await person.open_home(wait=PATIENCE)
        for typed in LOOKED_AT:
            await person.command("/team", typed)
            whole.workspace.views.close_all(person.id)
        for shortcut in ("invite_people", "approvals"):
            await person.shortcut(shortcut)
            whole.workspace.views.close_all(person.id)


async def _settings(whole: Whole) -> None:
    olivia = whole.person("olivia")
    for part in ("settings_team", "settings_subscription", "settings_holding"):
        await olivia.command("/team", "settings")
        await olivia.click(f"settings_open:{part}")
        await olivia.submit()
        await olivia.close(everything=True)
    await olivia.command("/team", "settings")
    await olivia.click("settings_open:departments")
    await olivia.click("New department")
    await olivia.fill("Name", "Support")
    await olivia.submit()
    await olivia.close(everything=True)


async def _manage(whole: Whole) -> None:
    olivia = whole.person("olivia")
    await olivia.command("/team", "members Devi")
    await olivia.click("Change role")
    await olivia.select("New role", "Admin")
    await olivia.submit()
    await olivia.close(everything=True)
    await olivia.command("/team", "members sam")
    await olivia.click("Resend")
    await olivia.close(everything=True)
    await olivia.command("/team", "members lee")
    await olivia.click("Revoke")
    await olivia.submit()
    await olivia.close(everything=True)
    await whole.person("devi").command("/team", "deactivate @olivia")


async def _elsewhere(whole: Whole) -> None:
    address = f"new@{whole.workspace.team.email_domain}"
    whole.slack.add_person(name="New Body", email=address, workspace=whole.workspace)
    whole.person("new").change(name="Newer Body")
    whole.person("nora").change(name="Nora Next")
