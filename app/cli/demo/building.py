"""Making the town's shops and people, through the services that the back office and the app use too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from app.cards.profiles import write_profile
from app.cards.service import issue_anonymous_member, issue_printed_cards
from app.cli.demo.people import FIRST_NAMES, Person
from app.cli.demo.street import ShopPlan, Town
from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants.service import (
    add_location,
    add_operator,
    add_staff,
    create_merchant,
    create_pairing_code,
    create_setup_link,
    pair_device,
    set_invitation_gifts,
    set_password,
)
from app.rewards.service import change_programme, create_programme, create_promotion, create_reward
from app.wallet.service.signing_in import give_address

OWNER = "owner@zegelgem.example"
OPERATOR = "operator@zegelgem.example"
PASSWORD = "stempel voor stempel"  # noqa: S105  of the demo town alone, printed when it is made
CASHIER_PIN = "2580"
OWNER_PIN = "7531"
SPARE_CARDS = 10
BATCH = "Zegelgem"


@dataclass(frozen=True, slots=True)
class OpenShop:
    """A shop that can be visited: its ids, and what its rewards cost."""

    plan: ShopPlan
    merchant_id: str
    location_id: str
    device_id: str
    staff_ids: tuple[str, ...]
    rewards: Mapping[str, tuple[tuple[str, int], ...]]  # of points programmes: (reward, cost), the dearest first


def build_shop(scope: Scope, town: Town, plan: ShopPlan, chance: Random, *, is_first: bool) -> OpenShop:
    """Make one shop with its people, its tablet, its programmes, rewards and promotions."""
    merchant_id = create_merchant(
        scope, name=plan.name, category=plan.trade, country=town.country, hue=plan.hue, story=plan.story
    )
    location_id = add_location(
        scope,
        merchant_id,
        street=plan.street,
        postcode=town.postcode,
        city=town.name,
        lat=plan.lat,
        lon=plan.lon,
        opening_hours=plan.hours,
    )
    owner, cashier = chance.sample(FIRST_NAMES, 2)
    people = [("owner", owner, OWNER_PIN), ("cashier", cashier, CASHIER_PIN)]
    staff_ids = []
    for role, name, pin in people:
        # One shop's people have PINs that are printed; hashing those of everybody would take longer than the year.
        email = OWNER if is_first and role == "owner" else None
        staff_ids.append(
            add_staff(scope, merchant_id, name=name, role=role, email=email, pin=pin if is_first else None)
        )
    if is_first:
        set_password(scope, create_setup_link(scope, staff_id=staff_ids[0]).token, PASSWORD)
    device = pair_device(scope, create_pairing_code(scope, location_id).code, "Tablet aan de kassa")
    rewards: dict[str, tuple[tuple[str, int], ...]] = {}
    for position, programme in enumerate(plan.programmes):
        programme_id, costs = _build_programme(scope, merchant_id, programme, position)
        if programme["kind"] == "points":
            rewards[programme_id] = costs
    return OpenShop(plan, merchant_id, location_id, device.device_id, tuple(staff_ids), rewards)


def _build_programme(
    scope: Scope, merchant_id: str, programme: Mapping[str, Any], position: int
) -> tuple[str, tuple[tuple[str, int], ...]]:
    programme_id = create_programme(
        scope,
        merchant_id,
        name=programme["name"],
        kind=programme["kind"],
        rules=programme["rules"],
        unit="stamp" if programme["kind"] == "stamps" else "point",
        position=position,
    )
    costs = []
    for place, reward in enumerate(programme["rewards"]):
        worth = reward.get("worth")
        reward_id = create_reward(
            scope,
            programme_id,
            name=reward["name"],
            cost=reward["cost"],
            kind=reward.get("kind", "item"),
            amount_minor=None if worth is None else round(worth * 100),
            percent=reward.get("percent"),
            is_flexible=reward.get("flexible", False),
            stock=reward.get("stock"),
            tier=reward.get("tier"),
            position=place,
        )
        if reward.get("tier") is None:
            costs.append((reward_id, int(reward["cost"])))
        if programme["kind"] == "stamps" and place == 0:
            change_programme(scope, programme_id, full_card_reward_id=reward_id)
    for promotion in programme.get("promotions", ()):
        create_promotion(scope, programme_id, name=promotion["name"], rule=promotion["rule"])
    return programme_id, tuple(sorted(costs, key=lambda cost: -cost[1]))


def invite(scope: Scope, shops: Sequence[OpenShop]) -> None:
    """Have every second shop give something for invitations."""
    for shop in shops[::2]:
        collects_points = shop.plan.programmes[0]["kind"] == "points"
        inviter, invited = (50, 25) if collects_points else (2, 1)
        set_invitation_gifts(scope, shop.merchant_id, inviter=inviter, invited=invited)


def build_operator(scope: Scope) -> None:
    """Make the operator whose login is printed."""
    operator_id = add_operator(scope, OPERATOR, name="Zegelgem")
    set_password(scope, create_setup_link(scope, operator_id=operator_id).token, PASSWORD)


def print_cards(scope: Scope, count: int) -> list[str]:
    """Make printed cards and give their numbers."""
    return [card.number for card in issue_printed_cards(scope, count, batch_name=BATCH)]


def join(scope: Scope, person: Person, printed: list[str]) -> str:
    """Make a member on the day on which she joins, and give the number of her card.

    With the app: a digital card, with name and address if she told them; without: the next of the ``printed`` ones.
    """
    if not person.has_app:
        return printed.pop()
    member = issue_anonymous_member(scope, locale=person.locale)
    if person.email is not None:
        with scope.transaction() as tx:
            give_address(tx, scope, member.member_id, person.email)
            told = {"name": person.name, "birthday": person.birthday, "shows_name": person.number % 3 != 0}
            write_profile(tx, scope, member.member_id, told)
    return member.number


def at_counter(scope: Scope, shop: OpenShop, chance: Random) -> Scope:
    """The scope of the shop's tablet with one of its people signed in; within an open transaction it joins that."""
    staff_id = chance.choice(shop.staff_ids)
    return replace(
        scope,
        actor_kind="device",
        actor_id=shop.device_id,
        merchant_id=shop.merchant_id,
        location_id=shop.location_id,
        device_id=shop.device_id,
        staff_id=staff_id,
    )


def fresh_key() -> str:
    """An idempotency key of its own for each booking."""
    return new_id()
