"""What the operator's machines ask."""

import asyncio
import json

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.metrics import Metrics
from bot.web import operations
from bot.web.operations import Backlog, Check, OperationsDoor, Readiness
from tests.web.conftest import Site


async def well() -> str | None:
    return None


async def ask(checks: dict[str, Check]) -> tuple[int, dict[str, object]]:
    problems = Readiness(checks)

    async def no_rows() -> Backlog:
        return Backlog(rows={}, oldest_seconds=0)

    door = OperationsDoor(readiness=problems, metrics=Metrics(), backlog=no_rows)
    app = web.Application()
    app.router.add_get("/readyz", door.ready)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/readyz")
        return answer.status, json.loads(await answer.text())


async def test_health_is_that_the_process_answers(site: Site) -> None:
    answer = await site.get("/healthz")
    assert (answer.status, answer.body) == (200, "ok\n")
    assert (await site.get("/healthz", method="HEAD")).status == 200


async def test_ready_means_that_every_check_is_well() -> None:
    assert await ask({"database": well, "worker": well}) == (
        200,
        {"ready": True, "checks": {"database": "ok", "worker": "ok"}},
    )


async def test_a_problem_is_named_and_the_others_are_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "CHECK_SECONDS", 0.05)

    async def behind() -> str | None:
        return "The database is at an old revision: run steward db upgrade."

    async def hangs() -> str | None:
        await asyncio.sleep(10)
        return None

    async def breaks() -> str | None:
        raise ConnectionError("secret://user:password@host")

    status, answer = await ask({"database": behind, "slack": hangs, "worker": breaks, "rest": well})
    assert status == 503
    assert answer["ready"] is False
    checks = answer["checks"]
    assert isinstance(checks, dict)
    assert checks["database"].startswith("The database is at an old revision")
    assert "no answer" in checks["slack"]
    assert checks["worker"] == "failed (ConnectionError)"
    assert checks["rest"] == "ok"


async def test_many_questions_at_once_ask_the_database_once() -> None:
    asked = 0

    async def counted() -> str | None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.01)
        return None

    readiness = Readiness({"database": counted})
    await asyncio.gather(*(readiness.problems() for _ in range(50)))
    assert asked == 1


async def test_metrics_count_what_waits_and_what_was_done(site: Site) -> None:
    _, path = await site.invited()
    await site.get(path)
    site.metrics.acknowledged("command", 0.004)
    site.metrics.delivered("invitation_mailed", "delivered", delay=0.2)
    site.metrics.rate_limited("chat.postMessage")
    answer = await site.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    for line in (
        'steward_acknowledgement_seconds_bucket{kind="command",le="0.005"} 1.0',
        'steward_deliveries_total{notice="invitation_mailed",outcome="delivered"} 1.0',
        'steward_slack_rate_limits_total{method="chat.postMessage"} 1.0',
        'steward_web_requests_total{page="invitation",status="200"} 1.0',
        "steward_delivery_delay_seconds_count 1.0",
    ):
        assert line in answer.body.splitlines()
    waiting = await site.office.store.queue.depth()
    for state, rows in waiting.items():
        assert f'steward_outbox_rows{{state="{state}"}} {float(rows)}' in answer.body.splitlines()
    assert "bob@example.com" not in answer.body


async def test_metrics_tell_for_how_long_the_oldest_message_has_been_due(site: Site) -> None:
    await site.invited()
    site.office.clock.advance(minutes=5)
    answer = await site.get("/metrics")
    assert "steward_outbox_oldest_due_seconds 300.0" in answer.body.splitlines()


async def test_metrics_are_told_even_when_the_outbox_cannot_be_counted() -> None:
    metrics = Metrics()
    metrics.outbox({"due": 7}, oldest_seconds=5)

    async def away() -> Backlog:
        raise ConnectionError

    door = OperationsDoor(readiness=Readiness({}), metrics=metrics, backlog=away)
    app = web.Application()
    app.router.add_get("/metrics", door.measures)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/metrics")
        assert answer.status == 200
        text = await answer.text()
        assert "steward_outbox_rows{" not in text
        assert "steward_outbox_oldest_due_seconds NaN" in text
