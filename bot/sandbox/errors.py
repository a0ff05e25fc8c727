"""The one error a Web API method ends with."""

from typing import Any


class ApiError(Exception):
    """A refusal in Slack's words: `error` is its name, `extra` what else the answer carries.

    `status` and `headers` are those of the HTTP answer: Slack refuses with 200 unless it limits the rate.
    """

    def __init__(
        self, error: str, *, status: int = 200, headers: dict[str, str] | None = None, **extra: Any
    ) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.headers = headers or {}
        self.extra = extra


def invalid_arguments(*messages: str) -> ApiError:
    """`invalid_arguments` with the faults named where Slack names them."""
    return ApiError("invalid_arguments", response_metadata={"messages": list(messages)})
