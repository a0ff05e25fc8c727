"""What Steward measures of itself, for Prometheus: counts and times, never a name or an address."""

import math
from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

# Slack wants its answer within three seconds; the interesting differences are far below.
_ACKNOWLEDGEMENT_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
_DELAY_BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)

_COUNTED = (
    (
        "steward_deliveries",
        "Outgoing messages by what they are and what became of this attempt.",
        ["notice", "outcome"],
    ),
    ("steward_slack_rate_limits", "Answers of Slack that told Steward to wait (429).", ["method"]),
    ("steward_decisions", "Clicks on Approve and Decline by what came of them.", ["verdict", "outcome"]),
    ("steward_web_requests", "Requests for web pages.", ["page", "status"]),
    ("steward_incidents", "Unexpected errors a person was told of.", ["door"]),
)
_STANDING: tuple[tuple[str, str, list[str]], ...] = (
    ("steward_outbox_rows", "Outgoing messages waiting, by state.", ["state"]),
    (
        "steward_outbox_oldest_due_seconds",
        "For how long the outgoing message that waits longest has been due; 0 when none is.",
        [],
    ),
)


class Metrics:
    """One set of measures; each process has one and hands it round."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._acknowledgements = self._times(
            "steward_acknowledgement_seconds",
            "Time from the arrival of a request of Slack's to its answer.",
            ["kind"],
            _ACKNOWLEDGEMENT_BUCKETS,
        )
        self._delays = self._times(
            "steward_delivery_delay_seconds",
            "Time from the change to the delivery of what it had to say.",
            [],
            _DELAY_BUCKETS,
        )
        self._deliveries, self._rate_limits, self._decisions, self._pages, self._incidents = (
            Counter(name, words, labels, registry=self.registry) for name, words, labels in _COUNTED
        )
        self._outbox, self._oldest = (
            Gauge(name, words, labels, registry=self.registry) for name, words, labels in _STANDING
        )

    def _times(self, name: str, words: str, labels: Sequence[str], buckets: Sequence[float]) -> Histogram:
        return Histogram(name, words, labels, buckets=buckets, registry=self.registry)

    def acknowledged(self, kind: str, seconds: float) -> None:
        """Note how long Slack waited for an answer.

        Args:
            kind: what it was, of a small set: "command", "block_actions", "view_submission", "event"...
        """
        self._acknowledgements.labels(kind).observe(seconds)

    def delivered(self, notice: str, outcome: str, *, delay: float | None = None) -> None:
        """Note an attempt to deliver.

        Args:
            notice: the notice's tag.
            outcome: "delivered", "nothing" (left to say), "retried" or "parked".
            delay: seconds since the notice fell due, for what was delivered.
        """
        self._deliveries.labels(notice, outcome).inc()
        if delay is not None:
            self._delays.observe(delay)

    def rate_limited(self, method: str) -> None:
        """Note that Slack answered 429 to a Web API method."""
        self._rate_limits.labels(method).inc()

    def decided(self, verdict: str, outcome: str) -> None:
        """Note a vote.

        Args:
            verdict: "approve" or "decline".
            outcome: see `domain.results.Decided`.
        """
        self._decisions.labels(verdict, outcome).inc()

    def outbox(self, depth: Mapping[str, int], *, oldest_seconds: float | None) -> None:
        """Set how many rows wait, by state, and how long the oldest has been due; None: nobody knows."""
        self._outbox.clear()
        self._oldest.set(math.nan if oldest_seconds is None else oldest_seconds)
        for state, rows in depth.items():
            self._outbox.labels(state).set(rows)

    def served(self, page: str, status: int) -> None:
        """Note an answered request for a page, by its route."""
        self._pages.labels(page, str(status)).inc()

    def incident(self, door: str) -> None:
        """Note an unexpected error at a front door: "web", "slack", "worker"."""
        self._incidents.labels(door).inc()

    def render(self) -> tuple[bytes, str]:
        """Return the measures as Prometheus reads them, and their content type."""
        return generate_latest(self.registry), CONTENT_TYPE_PLAIN_0_0_4
