"""What else is worked out of a shop's visits each time its members' values were: other modules add theirs here."""

from __future__ import annotations

from collections.abc import Callable

from app.common.scope import Scope
from app.insights.service.cohorts import count_step

GoOn = Callable[[], object]
Step = Callable[[Scope, str, str | None, GoOn], None]
"""Called with the system's scope, the merchant's id, the last booking that the refresh before this one had seen (None:
there was none, so everything is new), and a function to call now and then: it gives way to others, and may raise to end
the work. It opens its own transactions, short ones, and a repeat changes nothing."""

STEPS: list[Step] = [count_step]
