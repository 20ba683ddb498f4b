"""Plays the steps of a trace (``tests/vectors/queue_traces.README.md``) on the real services."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from app.common.errors import DomainError
from app.common.scope import Scope
from app.common.sql import Statement
from app.rewards.service import upkeep
from app.scanning.requests import QueuedEvent, TabletFacts
from app.scanning.results import SyncResult
from app.scanning.service import decide, write_off_device
from app.wallet import service as wallet
from app.wallet.queries import VoucherView
from tests.books import standing
from tests.clocks import FixedClock
from tests.factories import Answer, Shop, make_holder, make_shop, redeem_voucher, render, render_refusal, visit
from tests.tablets import Phone, Tablet, given, seen

GOAL = 1000  # of the stamp card: nothing is ever issued by itself
_STATUS = Statement("SELECT status FROM voucher WHERE id = :id")


class Player:
    """One shop, its tablets and its members, as a trace's head says; plays one step after the other."""

    def __init__(self, scope: Scope, clock: FixedClock, trace: Mapping[str, Any]) -> None:
        self.scope = scope
        self.clock = clock
        self.begun: datetime = clock.now
        first = make_shop(scope, stamps=GOAL, name=f"Seed {trace['seed']}")
        self.reward_id = first.add_reward(cost=trace["cost"], voucher_days=trace.get("voucher_days"))
        self.shops: list[Shop] = [first]
        while len(self.shops) <= max(trace["devices"]):
            self.shops.append(first.another_location())
        self.tablets = {
            f"d{number}": Tablet.paired(self.shops[place], f"d{number}")
            for number, place in enumerate(trace["devices"])
        }
        self.phones = {f"m{number}": Phone(scope, make_holder(scope)) for number in range(trace["members"])}
        for phone in self.phones.values() if trace["start_units"] else ():
            assert visit(first.counter(), phone.holder, units=trace["start_units"]).ok
        self.vouchers: dict[str, tuple[Phone, VoucherView]] = {}
        self.holds: dict[str, str] = {}  # the trace's name by the real id
        self.events: dict[str, QueuedEvent] = {}

    def play(self, step: Mapping[str, Any]) -> dict[str, Any]:
        """What the services answer to a step, in the trace's words."""
        self.clock.now = self.begun + timedelta(seconds=step["at"])
        act: Callable[[Mapping[str, Any]], dict[str, Any]] = getattr(self, f"_{step['op']}")
        try:
            return act(step)
        except DomainError as error:
            return {"error": error.code} if step["op"] == "sync" else {"ok": False, "code": error.code}

    def _sync(self, step: Mapping[str, Any]) -> dict[str, Any]:
        tablet = self.tablets[step["device"]]
        names = {name: real for real, name in self.holds.items()}
        events = [self._event(event) for event in step["events"]]
        facts = TabletFacts(queue_length=step.get("queue_length"), last_sequence=step.get("last_sequence"))
        synced = tablet.sync(events, acks=[names[ack] for ack in step.get("acks", ())], facts=facts)
        return {
            "results": [_told(result) for result in synced.results],
            "releases": sorted(self.holds[real] for real in synced.releases),
            "missing": [list(run) for run in synced.missing],
            "reviews": synced.reviews,
        }

    def _visit(self, step: Mapping[str, Any]) -> dict[str, Any]:
        holder = self.phones[step["member"]].holder
        return _answered(visit(self.tablets[step["device"]].counter(), holder, key=step["id"], units=step["units"]))

    def _redeem(self, step: Mapping[str, Any]) -> dict[str, Any]:
        code = self.vouchers[step["voucher"]][1].code
        return _answered(redeem_voucher(self.tablets[step["device"]].counter(), code, key=step["id"]))

    def _take(self, step: Mapping[str, Any]) -> dict[str, Any]:
        phone = self.phones[step["member"]]
        self.vouchers[step["voucher"]] = (phone, phone.take(self.reward_id))
        return {"ok": True}

    def _reserve(self, step: Mapping[str, Any]) -> dict[str, Any]:
        phone, voucher = self.vouchers[step["voucher"]]
        real = phone.reserve(voucher.voucher_id, self.tablets[step["device"]])
        assert self.holds.setdefault(real, step["hold"]) == step["hold"]
        return {"ok": True}

    def _release(self, step: Mapping[str, Any]) -> dict[str, Any]:
        phone, voucher = self.vouchers[step["voucher"]]
        phone.ask_back(voucher.voucher_id)
        return {"ok": True}

    def _give_back(self, step: Mapping[str, Any]) -> dict[str, Any]:
        phone, voucher = self.vouchers[step["voucher"]]
        wallet.give_back_voucher(phone.own(), voucher_id=voucher.voucher_id)
        return {"ok": True}

    def _write_off(self, step: Mapping[str, Any]) -> dict[str, Any]:
        write_off_device(self.scope, self.tablets[step["device"]].device_id, reason="Lost")
        return {"ok": True}

    def _decide(self, step: Mapping[str, Any]) -> dict[str, Any]:
        answer = Answer(
            decide(
                self.tablets[step["device"]].counter(),
                step["id"],
                is_approved=step["decision"] == "approve",
                key=f"decide {step['id']} {step['at']} {len(self.events)} {step.get('try', '')}",
                read=lambda _: self.events[step["id"]],
                render=render,
                render_refusal=render_refusal,
            )
        )
        return {"ok": True} if answer.ok else {"ok": False, "code": answer.code}

    def _expire(self, _: Mapping[str, Any]) -> dict[str, Any]:
        upkeep.expire_vouchers(self.scope)
        return {}

    def _end(self, _: Mapping[str, Any]) -> dict[str, Any]:
        programme_id = self.shops[0].programme_id
        with self.scope.reading() as tx:
            statuses = {
                name: tx.rows(_STATUS, {"id": voucher.voucher_id})[0][0] for name, (_, voucher) in self.vouchers.items()
            }
        balances = {
            name: standing(self.scope, phone.holder.member_id, programme_id).balance
            for name, phone in self.phones.items()
        }
        return {"balances": balances, "vouchers": statuses}

    def _event(self, event: Mapping[str, Any]) -> QueuedEvent:
        at = self.begun + timedelta(seconds=event["occurred_at"])
        if event["type"] == "visit":
            holder = self.phones[event["member"]].holder
            made = seen(holder, event["sequence"], at, event["id"], units=event["units"])
        else:
            made = given(self.vouchers[event["voucher"]][1].code, event["sequence"], at, event["id"])
        self.events[event["id"]] = made
        return made


def _told(result: SyncResult) -> dict[str, Any]:
    told: dict[str, Any] = {"id": result.id, "status": result.status}
    if isinstance(result.problem, DomainError):
        told["code"] = result.problem.params.get("code", result.problem.code)
    return told


def _answered(answer: Answer) -> dict[str, Any]:
    told: dict[str, Any] = {"ok": answer.ok, "replay": answer.reply.is_replay}
    return told if answer.ok else {**told, "code": answer.code}
