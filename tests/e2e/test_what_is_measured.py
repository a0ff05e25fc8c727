"""What a whole journey leaves in `/metrics` and in the log: counts and ids, nothing that people wrote."""

import io
import json
import logging
from collections.abc import Iterator
from functools import partial

import aiohttp
import pytest
import structlog

from bot.logs import set_up_logs
from tests.support.whole import CODE, Whole, has_button, has_no_button

REASON, NO = "she-knows-the-customers", "the-budget-is-spent-already"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, as `steward run` writes it, without the settings' secrets known to it."""
    root, stream = logging.getLogger(), io.StringIO()
    before = (root.handlers[:], root.level)
    set_up_logs(level=logging.DEBUG, stream=stream)
    yield stream
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()


async def measures(whole: Whole) -> list[str]:
    """The lines of `/metrics`."""
    async with aiohttp.ClientSession() as session, session.get(f"{whole.steward.url}/metrics") as answer:
        return (await answer.text()).splitlines()


async def ask(whole: Whole, email: str) -> None:
    """Dana asks for somebody, and Adam is asked."""
    adam = whole.person("adam")
    await whole.person("dana").command("/team", f"invite {email} because {REASON}")
    await adam.until(partial(has_button, adam, "Approve"), 30)


async def decline(whole: Whole) -> None:
    """Adam declines with a reason."""
    adam = whole.person("adam")
    await adam.click("Decline")
    await adam.fill("Reason", NO)
    await adam.submit()
    await adam.until(partial(has_no_button, adam, "Approve"), 30)


async def get(link: str) -> None:
    """Somebody looks at the page behind a link."""
    async with aiohttp.ClientSession() as session, session.get(link) as answer:
        assert answer.status == 200


async def test_decisions_are_counted_by_verdict_and_by_what_came_of_them(over_http: Whole) -> None:
    whole = over_http
    await whole.team()
    adam = whole.person("adam")
    await ask(whole, "sue@elsewhere.example")
    await decline(whole)
    await ask(whole, "sam@elsewhere.example")
    await adam.click("Approve")
    await adam.until(partial(has_no_button, adam, "Approve"), 30)
    lines = await measures(whole)
    assert 'steward_decisions_total{outcome="applied",verdict="approve"} 1.0' in lines
    assert 'steward_decisions_total{outcome="declined",verdict="decline"} 1.0' in lines
    for kind in ("command", "block_actions", "view_submission"):
        assert any(f'steward_acknowledgement_seconds_count{{kind="{kind}"}}' in line for line in lines), kind


async def test_the_log_of_a_whole_journey_holds_nothing_that_people_wrote(
    log: io.StringIO, over_http: Whole
) -> None:
    whole = over_http
    await whole.team()
    adam, nora = whole.person("adam"), whole.person("nora")
    whole.slack.faults.update({"api_429": 2, "api_method": "chat.postMessage"})
    await ask(whole, "sam@elsewhere.example")
    await decline(whole)
    await ask(whole, nora.email)
    await adam.click("Approve")
    await nora.until(partial(has_button, nora, "Accept"), 30)
    await nora.click("Accept")
    mail = await whole.slack.until(lambda: whole.slack.inbox(nora.email))
    link = next(link for link in mail[0].links if "/invitations/" in link)
    await get(link)
    logging.getLogger("elsewhere").warning("sent to %s", "sam@elsewhere.example")
    text = log.getvalue()
    assert len([json.loads(line) for line in text.splitlines()]) > 3
    people = [account for account in whole.slack.workspace.people if account.is_person]
    said = {REASON, NO, CODE, "sam@", link.rpartition("/")[2], "Northwind Labs"}
    said |= {whole.slack.bot_token, whole.slack.signing_secret, "a-secret-of-the-tests"}
    said |= {account.email for account in people} | {account.name for account in people}
    assert [words for words in said if words and words in text] == []


def test_an_error_in_the_log_tells_its_place_and_not_what_it_was_given(log: io.StringIO) -> None:
    try:
        raise ValueError("no room for bob@example.com\nDETAIL: Key (name)=(Bob Ray) already exists.")
    except ValueError:
        structlog.get_logger("steward.tests").exception("tests.failed")
    (entry,) = [json.loads(line) for line in log.getvalue().splitlines()]
    assert entry["exception"][0]["exc_value"] == "no room for (hidden)"
    assert entry["exception"][0]["frames"][-1]["name"].startswith("test_an_error")
    assert "Bob" not in log.getvalue()
