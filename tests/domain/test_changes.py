"""Changes survive JSON, and nothing else is taken for one."""

import json
from typing import get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.changes import CHANGES, Change, InvitePeople, from_json, to_json


@st.composite
def any_change(draw: st.DrawFn) -> Change:
    kind = CHANGES[draw(st.sampled_from(sorted(CHANGES)))]
    hints = {name: hint for name, hint in get_type_hints(kind).items() if name not in ("tag", "operation")}
    return kind(**{name: draw(st.from_type(hint)) for name, hint in hints.items()})


@given(any_change())
def test_a_change_survives_json(change: Change) -> None:
    assert from_json(json.loads(json.dumps(to_json(change)))) == change


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"tag": "grant_everything"},
        {"tag": "invite_people"},
        {"tag": "invite_people", "lines": "ann@example.com"},
        {"tag": "invite_people", "lines": [{"email": 5, "role": "admin"}]},
        {"tag": "invite_people", "lines": [], "as": "owner"},
        {"tag": "revoke_invitation", "invitation_id": None},
        {"tag": "change_subscription", "seat_limit": True, "plan": "free", "invoice_email": ""},
        {"tag": "change_subscription", "seat_limit": 5, "plan": "golden", "invoice_email": ""},
    ],
)
def test_what_is_not_a_change_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        from_json(data)


def test_every_change_has_its_own_tag() -> None:
    assert len(CHANGES) == len({kind.__name__ for kind in CHANGES.values()})
    assert CHANGES["invite_people"] is InvitePeople
