"""What votes amount to: any one, N of M, all, in steps."""

from datetime import UTC, datetime

import pytest

from domain.approvals import Tally, tally
from domain.model import Approvers, Requirement, Step, Verdict, Vote

ONE, TWO, ALL = 1, 2, None


def requirement(*needed: int | None) -> Requirement:
    steps = tuple(Step(approvers=Approvers.ANYONE_WHO_MAY, needed=count) for count in needed)
    return Requirement(steps=steps, policy_version=1, rule="")


def votes(text: str) -> list[Vote]:
    verdicts = {"y": Verdict.APPROVE, "n": Verdict.DECLINE}
    return [
        Vote(request_id="r", step=0, voter_id=f"m{index}", verdict=verdicts[letter], at=datetime.now(UTC))
        for index, letter in enumerate(text)
    ]


@pytest.mark.parametrize(
    ("steps", "cast", "eligible", "expected"),
    [
        ((ONE,), "", 3, Tally.OPEN),
        ((ONE,), "y", 3, Tally.APPROVED),
        ((ONE,), "n", 3, Tally.DECLINED),
        ((TWO,), "y", 3, Tally.OPEN),
        ((TWO,), "yn", 3, Tally.OPEN),
        ((TWO,), "yny", 3, Tally.APPROVED),
        ((TWO,), "nn", 3, Tally.DECLINED),
        ((TWO,), "n", 2, Tally.DECLINED),
        ((ALL,), "yy", 3, Tally.OPEN),
        ((ALL,), "yyy", 3, Tally.APPROVED),
        ((ALL,), "yyn", 3, Tally.DECLINED),
        ((ALL,), "", 0, Tally.OPEN),
        ((ONE, ONE), "y", 3, Tally.APPROVED),
        ((ONE, ONE), "n", 3, Tally.DECLINED),
        ((TWO, ONE), "n", 5, Tally.DECLINED),
    ],
)
def test_votes_amount_to(steps: tuple[int | None, ...], cast: str, eligible: int, expected: Tally) -> None:
    assert tally(requirement(*steps), 0, votes(cast), eligible=eligible) is expected
