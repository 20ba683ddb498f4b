"""What the service promises to tablets, once more and in few words: a model in memory, and random histories with what
it expects of each step, in the words of ``tests/vectors/queue_traces.README.md``."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OLDEST, AHEAD = 72 * 3600, 300
COST = 5


@dataclass
class Hold:
    name: str
    device: str
    is_asked: bool = False


@dataclass
class Voucher:
    member: str
    status: str = "issued"
    hold: Hold | None = None


@dataclass
class Device:
    place: int
    highest: int = 0
    missing: set[int] = field(default_factory=set)
    is_written_off: bool = False


@dataclass
class Waiting:
    """An event that was not simply booked."""

    status: str
    code: str
    device: str
    event: Mapping[str, Any]


class Refused(Exception):
    """With the code of what the service answers."""


class Model:
    """The service, as far as its promises go."""

    def __init__(self, trace: Mapping[str, Any]) -> None:
        self.devices = {f"d{number}": Device(place) for number, place in enumerate(trace["devices"])}
        self.balances = {f"m{number}": trace["start_units"] for number in range(trace["members"])}
        self.vouchers: dict[str, Voucher] = {}
        self.keys: dict[tuple[int, str], str | None] = {}  # what a key was answered: a refusal's code, None: booked
        self.events: dict[tuple[int, str], Waiting] = {}

    def play(self, step: Mapping[str, Any]) -> dict[str, Any]:
        try:
            told: dict[str, Any] = getattr(self, f"_{step['op']}")(step)
            return told
        except Refused as refused:
            code = refused.args[0]
            return {"error": code} if step["op"] == "sync" else {"ok": False, "code": code}

    def _device(self, name: str) -> Device:
        if self.devices[name].is_written_off:
            raise Refused("device_revoked")
        return self.devices[name]

    def _sync(self, step: Mapping[str, Any]) -> dict[str, Any]:
        device = self._device(step["device"])
        results = [self._apply(step, device, event) for event in step["events"]]
        for number in sorted(event["sequence"] for event in step["events"]):
            device.missing |= set(range(device.highest + 1, number))
            device.missing.discard(number)
            device.highest = max(device.highest, number)
        last = step.get("last_sequence", 0)
        device.missing |= set(range(device.highest + 1, last + 1))
        device.highest = max(device.highest, last)
        for name, voucher in self.vouchers.items():
            hold = voucher.hold
            is_told = hold and hold.name in step.get("acks", ()) and hold.device == step["device"] and hold.is_asked
            if is_told and not self._waits(device.place, name):
                voucher.hold = None
        holds = [voucher.hold for voucher in self.vouchers.values() if voucher.hold]
        return {
            "results": results,
            "releases": sorted(hold.name for hold in holds if hold.device == step["device"] and hold.is_asked),
            "missing": runs(device.missing),
            "reviews": sum(place == device.place and one.status == "review" for (place, _), one in self.events.items()),
        }

    def _apply(self, step: Mapping[str, Any], device: Device, event: Mapping[str, Any]) -> dict[str, Any]:
        key = (device.place, event["id"])
        known = self.events.get(key)
        if known is not None:
            if known.status == "approved":
                return {"id": event["id"], "status": "duplicate"}
            status = "rejected" if known.status == "refused" else known.status
            return {"id": event["id"], "status": status, "code": known.code}
        was_answered = key in self.keys
        code = self.keys[key] if was_answered else self._judge(step, event)
        if code is None:
            self.keys[key] = None
            return {"id": event["id"], "status": "duplicate" if was_answered else "applied"}
        status = "review" if code in ("too_old", "too_far_ahead") else "rejected"
        self.events[key] = Waiting(status, code, step["device"], event)
        return {"id": event["id"], "status": status, "code": code}

    def _judge(self, step: Mapping[str, Any], event: Mapping[str, Any]) -> str | None:
        if event["occurred_at"] > step["at"] + AHEAD:
            return "too_far_ahead"
        if event["occurred_at"] < step["at"] - OLDEST:
            return "too_old"
        return self._book(event, step["device"])

    def _book(self, event: Mapping[str, Any], device: str) -> str | None:
        if event.get("type", "redemption") == "visit":
            self.balances[event["member"]] += event["units"]
            return None
        voucher = self.vouchers[event["voucher"]]
        if voucher.status != "issued":
            return "voucher_used" if voucher.status == "redeemed" else "voucher_over"
        if voucher.hold and voucher.hold.device != device:
            return "voucher_held"
        voucher.status, voucher.hold = "redeemed", None
        return None

    def _visit(self, step: Mapping[str, Any]) -> dict[str, Any]:
        return self._online(step, {"type": "visit", **step})

    def _redeem(self, step: Mapping[str, Any]) -> dict[str, Any]:
        return self._online(step, {"type": "redemption", **step})

    def _online(self, step: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
        key = (self._device(step["device"]).place, step["id"])
        is_replay = key in self.keys
        if not is_replay:
            self.keys[key] = self._book(event, step["device"])
        code = self.keys[key]
        told: dict[str, Any] = {"ok": code is None, "replay": is_replay}
        return told if code is None else {**told, "code": code}

    def _take(self, step: Mapping[str, Any]) -> dict[str, Any]:
        if self.balances[step["member"]] < COST:
            raise Refused("not_enough")
        self.balances[step["member"]] -= COST
        self.vouchers[step["voucher"]] = Voucher(step["member"])
        return {"ok": True}

    def _reserve(self, step: Mapping[str, Any]) -> dict[str, Any]:
        if self.devices[step["device"]].is_written_off:
            raise Refused("not_found")
        voucher = self._open(step)
        if voucher.hold is None:
            voucher.hold = Hold(step["hold"], step["device"])
        elif voucher.hold.device != step["device"] or voucher.hold.is_asked:
            raise Refused("voucher_held")
        return {"ok": True}

    def _release(self, step: Mapping[str, Any]) -> dict[str, Any]:
        voucher = self.vouchers[step["voucher"]]
        if voucher.status == "redeemed":
            raise Refused("voucher_used")
        if voucher.hold is None:
            raise Refused("voucher_not_reserved")
        voucher.hold.is_asked = True
        return {"ok": True}

    def _give_back(self, step: Mapping[str, Any]) -> dict[str, Any]:
        voucher = self._open(step)
        if voucher.hold is not None:
            raise Refused("voucher_reserved")
        voucher.status = "cancelled"
        self.balances[voucher.member] += COST
        return {"ok": True}

    def _write_off(self, step: Mapping[str, Any]) -> dict[str, Any]:
        device = self.devices[step["device"]]
        if not device.is_written_off:
            device.is_written_off = True
            device.missing.clear()
            for name, voucher in self.vouchers.items():
                if voucher.hold and voucher.hold.device == step["device"] and not self._waits(device.place, name):
                    voucher.hold = None
        return {"ok": True}

    def _decide(self, step: Mapping[str, Any]) -> dict[str, Any]:
        place = self._device(step["device"]).place
        waiting = self.events.get((place, step["id"]))
        if waiting is None or waiting.status == "rejected":
            raise Refused("not_found")
        if waiting.status != "review":
            raise Refused("review_decided")
        if step["decision"] == "approve":
            code = self._book(waiting.event, waiting.device)
            if code is not None:
                raise Refused(code)
        waiting.status = "approved" if step["decision"] == "approve" else "refused"
        if waiting.event["type"] == "redemption":
            voucher = self.vouchers[waiting.event["voucher"]]
            is_stranded = voucher.hold and self.devices[voucher.hold.device].is_written_off
            if is_stranded and not self._waits(place, waiting.event["voucher"]):
                voucher.hold = None
        return {"ok": True}

    def _end(self, _: Mapping[str, Any]) -> dict[str, Any]:
        statuses = {name: voucher.status for name, voucher in self.vouchers.items()}
        return {"balances": dict(self.balances), "vouchers": statuses}

    def _open(self, step: Mapping[str, Any]) -> Voucher:
        voucher = self.vouchers[step["voucher"]]
        if voucher.status != "issued":
            raise Refused("voucher_used" if voucher.status == "redeemed" else "voucher_over")
        return voucher

    def _waits(self, place: int, voucher: str) -> bool:
        return any(
            at == place and one.status == "review" and one.event.get("voucher") == voucher
            for (at, _), one in self.events.items()
        )


def runs(numbers: set[int]) -> list[list[int]]:
    """Numbers as first and last of each run."""
    found: list[list[int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


class Maker:
    """Random steps, that a network, phones and people may cause in any order."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        dice = self.dice
        self.head: dict[str, Any] = {
            "seed": seed,
            "devices": [0, *(dice.choice((0, 0, 1)) for _ in range(dice.randint(0, 2)))],
            "members": dice.randint(1, 3),
            "start_units": dice.choice((0, 10, 30)),
            "cost": COST,
            "voucher_days": None,
        }
        self.model = Model(self.head)
        self.at = 0
        self.made = 0
        self.queues: dict[str, list[dict[str, Any]]] = {name: [] for name in self.model.devices}
        self.holds: list[str] = []
        self.tried: list[dict[str, Any]] = []

    def step(self) -> dict[str, Any]:
        """One more step, with what is expected."""
        self.at += self.dice.choice((0, 1, 60, 3600, 30 * 3600))
        make = self.dice.choice(
            [self._sync] * 7
            + [self._visit, self._redeem, self._take, self._take, self._give_back, self._write_off, self._decide]
            + [self._reserve] * 4
            + [self._release] * 3
        )
        step = {"at": self.at, **(make() or self._sync())}
        return {**step, "expect": self.model.play(step)}

    def trace(self, steps: int) -> dict[str, Any]:
        """A whole trace."""
        told = [self.step() for _ in range(steps)]
        end = {"op": "end", "at": self.at}
        return {**self.head, "steps": [*told, {**end, "expect": self.model.play(end)}]}

    def _name(self, letter: str) -> str:
        self.made += 1
        return f"{letter}{self.made}"

    def _some(self, among: Any) -> Any:
        return self.dice.choice(sorted(among))

    def _sync(self) -> dict[str, Any]:
        device = self._some(self.queues)
        queue = self.queues[device]
        for _ in range(self.dice.randint(0, 3)):
            event = self._event(len(queue) + 1)
            if event is not None:
                queue.append(event)
        sent = self.dice.sample(queue, min(len(queue), self.dice.randint(0, 4)))
        if self.dice.random() < 0.7:
            sent.sort(key=lambda event: int(event["sequence"]))
        step: dict[str, Any] = {"op": "sync", "device": device, "events": sent, "acks": []}
        if self.holds and self.dice.random() < 0.5:
            step["acks"] = self.dice.sample(self.holds, min(len(self.holds), self.dice.randint(1, 3)))
        if self.dice.random() < 0.1:
            step["last_sequence"] = len(queue)
        return step

    def _event(self, sequence: int) -> dict[str, Any] | None:
        occurred_at = self.at - self.dice.choice((0, 5, 3600, 71 * 3600, 73 * 3600, -200, -400))
        event: dict[str, Any] = {"id": self._name("e"), "sequence": sequence, "occurred_at": occurred_at}
        if self.tried and self.dice.random() < 0.2:  # the online try whose answer was lost
            return {**event, **self.tried.pop()}
        if self.model.vouchers and self.dice.random() < 0.5:
            return {**event, "type": "redemption", "voucher": self._some(self.model.vouchers)}
        return {**event, "type": "visit", "member": self._some(self.model.balances), "units": self.dice.randint(1, 9)}

    def _visit(self) -> dict[str, Any]:
        event = {"id": self._name("e"), "member": self._some(self.model.balances), "units": self.dice.randint(1, 9)}
        self.tried.append({"type": "visit", **event})
        return {"op": "visit", "device": self._some(self.queues), **event}

    def _redeem(self) -> dict[str, Any] | None:
        if not self.model.vouchers:
            return None
        event = {"id": self._name("e"), "voucher": self._some(self.model.vouchers)}
        self.tried.append({"type": "redemption", **event})
        return {"op": "redeem", "device": self._some(self.queues), **event}

    def _take(self) -> dict[str, Any]:
        return {"op": "take", "member": self._some(self.model.balances), "voucher": self._name("v")}

    def _reserve(self) -> dict[str, Any] | None:
        if not self.model.vouchers:
            return None
        name = self._some(self.model.vouchers)
        standing = self.model.vouchers[name].hold
        device = self._some(self.queues)
        hold = standing.name if standing is not None else self._name("h")
        is_open = standing is None and self.model.vouchers[name].status == "issued"
        if is_open and not self.model.devices[device].is_written_off:
            self.holds.append(hold)
        return {"op": "reserve", "voucher": name, "device": device, "hold": hold}

    def _release(self) -> dict[str, Any] | None:
        return self._of_voucher("release")

    def _give_back(self) -> dict[str, Any] | None:
        return self._of_voucher("give_back")

    def _of_voucher(self, op: str) -> dict[str, Any] | None:
        return {"op": op, "voucher": self._some(self.model.vouchers)} if self.model.vouchers else None

    def _write_off(self) -> dict[str, Any] | None:
        return {"op": "write_off", "device": self._some(self.queues)} if self.dice.random() < 0.3 else None

    def _decide(self) -> dict[str, Any] | None:
        if not self.model.events:
            return None
        _, event_id = self.dice.choice(sorted(self.model.events))
        decision = self.dice.choice(("approve", "approve", "refuse"))
        return {
            "op": "decide",
            "id": event_id,
            "device": self._some(self.queues),
            "decision": decision,
            "try": self._name("k"),
        }
