"""Home: shown when it is opened; its buttons open the forms of the verbs."""

from contextlib import suppress

from bot.slack import home
from bot.slack.answers import Answer, Publish, Screen
from bot.slack.visit import Visit
from domain.errors import AccountNotLinked


async def opened(visit: Visit) -> Answer:
    """Publish the Home tab of who opened it."""
    event = visit.body.get("event") or {}
    if event.get("tab") not in (None, "home"):
        return None
    services = visit.services
    await visit.meet(visit.who.user_id)
    with suppress(AccountNotLinked):  # their first command or button explains what to do
        await services.front_desk.recognise(visit.who)
    await services.front_desk.saw_home(visit.who)
    async with services.front_desk.snapshot(visit.who.team_id) as tx:
        return Publish(await home.render(tx, visit.who.user_id))


SCREEN = Screen(events={"app_home_opened": opened})
