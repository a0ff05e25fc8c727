"""What the domain says of deliveries: the worker's side of the outbox, and what was put aside."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from domain.notices import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """One row of the outbox that was put aside after it failed."""

    id: str
    team_id: str
    tag: str
    """What it is; one that another version of Steward wrote may be unknown here."""
    body: dict[str, Any]
    error: str
    created_at: datetime


class ParkedRows(Protocol):
    """What was put aside of the transaction's workspace."""

    async def give_back(self, parcel_ids: Collection[str]) -> tuple[Parked, ...]:
        """Make parked rows due again, and return those of them that were parked."""

    async def discard(self, parcel_ids: Collection[str]) -> tuple[Parked, ...]:
        """Delete parked rows, and return those of them that were parked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One claimed outbox row: ours to deliver until `lease` runs out or somebody else holds it."""

    id: str
    team_id: str
    notice: Notice
    attempts: int
    """Deliveries begun before this one; above 0 a message may have been posted already."""
    lease: str
    created_at: datetime
    bulk: bool = False
    """One of thousands, which wait behind everything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """Where a message of Steward stands in Slack, so that it can be edited in place."""

    team_id: str
    key: str
    """The notice's key."""
    channel: str
    ts: str = ""
    """Empty while only the conversation is known: the first post may or may not have happened."""
    settles_at: datetime | None = None
    """Until when Slack may still take a post whose answer did not come; None when it has answered."""


class Serves(Enum):
    """Whose rows of the outbox a process delivers, where it is not one workspace's."""

    EVERYBODY = "everybody"
    NOBODY = "nobody"
    """Slack has not yet said whose token it is."""
    INSTALLED = "installed"
    """Those of every workspace where the app is installed."""


Served = Serves | str
"""The id of the one workspace, or Enterprise org, that is served, or which of them are."""


class Queue(Protocol):
    """The worker's side of the outbox; each method is a short transaction without the organization's lock.

    Every method may raise `Busy` or `StoreUnavailable`; nothing was done then, and it can be tried again.
    """

    def serve(self, teams: Served) -> None:
        """Say whose rows are claimed from now on; everybody's, unless said otherwise."""

    async def claim(
        self, *, limit: int, under_way: Mapping[str, int] = ..., bulk: int | None = None
    ) -> tuple[Parcel, ...]:
        """Take due rows under a lease: at most one per lane, the earliest unfinished one; what is bulk last.

        Args:
            under_way: how many of each workspace are being delivered, so that none crowds out the others.
            bulk: how many that are bulk may be among them; None: any number.
        """

    async def finish(self, parcel: Parcel, posting: Posting | None = None) -> bool:
        """Record the delivery and where it stands; False: the lease was lost, nothing was recorded."""

    async def retry(self, parcel: Parcel, *, after: float, error: str) -> bool:
        """Give the row back, due again in `after` seconds."""

    async def park(self, parcel: Parcel, *, error: str) -> bool:
        """Put the row aside for a person to look at; its lane moves on."""

    async def posting(self, team_id: str, key: str) -> Posting | None: ...
    async def remember(self, posting: Posting) -> None:
        """Store the conversation before the first post."""

    async def next_due(self) -> datetime | None:
        """Return when the next row falls due, if any waits."""

    async def depth(self) -> dict[str, int]:
        """Return how many rows are "due", "scheduled", "leased", "parked"."""

    async def oldest_due(self) -> datetime | None:
        """Return since when the row that waits longest has been due, None when none is."""

    async def parked(self, *, limit: int, after: str = "") -> tuple[Parked, ...]:
        """Return rows that were put aside, by id, from the one after `after`."""

    async def sweep(self) -> int:
        """Delete what nobody asks for any more, in short transactions; return how many rows that was.

        Delivery ids live a day; postings and parked rows 120 days.
        """
