"""Home: shown when it is opened; its buttons open the forms of the verbs."""

from contextlib import suppress

from bot.slack import home
from bot.slack.answers import Answer, Publish, Screen
from bot.slack.visit import Visit
from domain.changes import SetPinging
from domain.errors import AccountNotLinked, AlreadyDone, AlreadySo, BadValue
from domain.ports import Transaction


async def opened(visit: Visit) -> Answer:
    """Publish the Home tab of who opened it."""
    event = visit.body.get("event") or {}
    if event.get("tab") not in (None, "home"):
        return None
    services = visit.services
    async with services.front_desk.snapshot(visit.who.team_id) as tx:
        if await _seen_before(tx, visit.who.user_id):
            return Publish(await home.render(tx, visit.who.user_id))
    await visit.meet(visit.who.user_id)
    with suppress(AccountNotLinked):  # their first command or button explains what to do
        await services.front_desk.recognise(visit.who)
    await services.front_desk.saw_home(visit.who)
    async with services.front_desk.snapshot(visit.who.team_id) as tx:
        return Publish(await home.render(tx, visit.who.user_id))


async def pinging(visit: Visit) -> Answer:
    """Turn one's own approval messages on or off.

    Raises:
        BadValue: the button says neither.
    """
    if visit.value not in ("on", "off"):
        raise BadValue("This button is out of date.", remedy="Open the Home tab again.")
    change = SetPinging(pinged=visit.value == "on")
    with suppress(AlreadySo, AlreadyDone):
        await visit.services.front_desk.submit(visit.who, change, delivery=visit.delivery)
    async with visit.services.front_desk.snapshot(visit.who.team_id) as tx:
        return Publish(await home.render(tx, visit.who.user_id))


async def _seen_before(tx: Transaction, user_id: str) -> bool:
    """Whether a member opens Home once more, so that there is nothing to learn and nothing to note."""
    person = await tx.people.get(user_id)
    if person is None or not person.home_opened or not tx.is_set_up:
        return False
    return await tx.members.by_user(user_id) is not None


SCREEN = Screen(events={"app_home_opened": opened}, actions={home.PING: pinging})
