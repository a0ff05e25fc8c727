"""Links to what became of a file, for places where Steward may hand out no files: an hour, then void."""

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.import_jobs import ImportJob
from domain.keys import KeyRing
from domain.ports import Transaction

LIFETIME = timedelta(hours=1)
_PURPOSE = "import csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLink:
    """What a link leads to."""

    team_id: str
    import_id: str
    problems: bool
    until: int
    """Seconds since 1970."""

    def over(self, now: datetime) -> bool:
        """Whether its time is over."""
        return now.timestamp() > self.until


def address(tx: Transaction, job: ImportJob, *, problems: bool) -> str:
    """Return the link."""
    until = int((tx.now + LIFETIME).timestamp())
    body = _encoded(json.dumps([tx.team_id, job.id, problems, until], separators=(",", ":")).encode())
    keys = tx.facilities.keys
    return f"{tx.facilities.public_url}/imports/{body}.{_signature(keys, keys.key_ids[0], body)}"


def read(keys: KeyRing, token: str) -> ImportLink | None:
    """Return what a link leads to; None when it is not one of ours."""
    body, _, signature = token.partition(".")
    if not any(hmac.compare_digest(_signature(keys, key, body), signature) for key in keys.key_ids):
        return None
    team_id, import_id, problems, until = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return ImportLink(team_id=team_id, import_id=import_id, problems=problems, until=until)


def _signature(keys: KeyRing, key_id: str, body: str) -> str:
    return _encoded(hmac.digest(keys.derive(_PURPOSE, key_id), body.encode(), "sha256"))


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
