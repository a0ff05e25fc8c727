"""The approval policy in Slack: listed in sentences, one rule edited at a time by the owner."""

from domain.model import Approvers, Kind
from tests.slack.local import Local
from tests.slack.screens.reading import form_words
from tests.slack.screens.test_settings import RULES, stored


async def test_the_owner_sets_a_rule_in_its_form_and_a_request_shows_it(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "settings")
    await olivia.click(RULES)
    assert "Inviting people: at once, by whoever may; others ask." in form_words(olivia)
    await olivia.click("New rule")
    await olivia.fill("Who approves", "Holders of Admin")
    assert await olivia.submit() == {}
    assert "Inviting people needs a yes from one Admin." in form_words(olivia)
    (rule,) = (await stored(northwind)).rules
    assert (rule.kind, rule.steps[0].approvers) == (Kind.INVITE, Approvers.ROLE)
    await olivia.close()
    reply = await olivia.command("/team", "invite sam@elsewhere.example")
    assert "Asked" in (reply.text or form_words(olivia))


async def test_more_yeses_than_there_can_be_are_refused_on_the_field(northwind: Local) -> None:
    olivia = northwind.person("olivia")
    await olivia.command("/team", "settings")
    await olivia.click(RULES)
    await olivia.click("New rule")
    await olivia.fill("Who approves", "Holders of Admin")
    await olivia.fill("How many yeses", "9")
    errors = await olivia.submit()
    assert list(errors) == ["How many yeses"]
    assert (await stored(northwind)).rules == ()
