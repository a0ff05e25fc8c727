"""Large bytes in numbered pieces: replicas share no disk."""

from collections.abc import Mapping

from sqlalchemy import bindparam, delete, insert

from storage.repositories.common import within
from storage.session import Session
from storage.tables import blobs

_PIECES = (
    within(blobs, blobs.c.number, blobs.c.content)
    .where(blobs.c.key == bindparam("key"))
    .order_by(blobs.c.number)
)
_FIRST = _PIECES.where(blobs.c.number < bindparam("below"))
_PUT = insert(blobs)
_DROP = delete(blobs).where(blobs.c.organization_id == bindparam("_org"), blobs.c.key == bindparam("_key"))


class SqlBlobs:
    """`domain.ports.Blobs`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def put(self, key: str, pieces: Mapping[int, bytes]) -> None:
        rows = [
            {
                "organization_id": self._session.organization_id,
                "key": key,
                "number": number,
                "content": content,
                "written_at": self._session.now,
            }
            for number, content in pieces.items()
        ]
        if rows:
            await self._session.write_all(_PUT, rows)

    async def pieces(self, key: str, *, below: int | None = None) -> dict[int, bytes]:
        if below is None:
            rows = await self._session.rows(_PIECES, key=key)
        else:
            rows = await self._session.rows(_FIRST, key=key, below=below)
        return {row.number: bytes(row.content) for row in rows}

    async def drop(self, key: str) -> None:
        await self._session.write(_DROP, {"_org": self._session.organization_id, "_key": key})
