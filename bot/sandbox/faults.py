"""Misbehaves on demand: twice, late, out of order, refused, lost, slow, down."""

from dataclasses import dataclass, fields

from bot.sandbox.ids import Json


@dataclass(slots=True, kw_only=True)
class Faults:
    """What goes wrong next; True lasts until it is set to False, a number counts down.

    Deliveries to the bot: deliver_twice, out_of_order (an event arrives after the next one), expired_trigger,
    deliver_late (seconds each is held back). Web API calls: api_429 (with `retry_after` seconds), api_500,
    api_lost_answer (the call is done, its answer is lost), api_nonsense (the call is done, its answer is a
    proxy's page), api_slow (seconds each takes longer); `api_method` narrows these to one method.
    slack_down: calls and new connections are refused, nothing is delivered. smtp_down: the mail server
    hangs up.
    """

    deliver_twice: bool | int = False
    deliver_late: float = 0
    out_of_order: bool | int = False
    expired_trigger: bool | int = False
    api_429: bool | int = False
    retry_after: int = 1
    api_500: bool | int = False
    api_lost_answer: bool | int = False
    api_nonsense: bool | int = False
    api_slow: float = 0
    api_method: str = ""
    smtp_down: bool = False
    slack_down: bool = False

    def take(self, name: str) -> bool:
        """Whether the fault happens now; a count goes down by one."""
        value = getattr(self, name)
        if value is True or value is False:
            return bool(value)
        if value <= 0:
            return False
        setattr(self, name, value - 1)
        return True

    def hits(self, name: str, method: str) -> bool:
        """Whether a fault of the Web API happens to this method now."""
        return (not self.api_method or self.api_method == method) and self.take(name)

    def delay(self, method: str) -> float:
        """Seconds this method of the Web API takes longer."""
        return self.api_slow if not self.api_method or self.api_method == method else 0

    def to_json(self) -> Json:
        """Every fault and its value."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def update(self, values: Json) -> None:
        """Sets faults by name; raises ValueError when one is unknown or of another type."""
        for name, value in values.items():
            self._set(name, value)

    def _set(self, name: str, value: object) -> None:
        known = {field.name for field in fields(self)}
        if name not in known:
            raise ValueError(f"There is no fault called {name}.")
        wanted: tuple[type, ...] = (bool, int)
        if name == "api_method":
            wanted = (str,)
        elif name in ("deliver_late", "api_slow"):
            wanted = (int, float)
        elif name in ("smtp_down", "slack_down"):
            wanted = (bool,)
        if not isinstance(value, wanted):
            raise ValueError(f"{name} cannot be {value!r}.")
        setattr(self, name, value)

    def clear(self) -> None:
        """Everything works again."""
        self.update(Faults().to_json())
