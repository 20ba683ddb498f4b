"""``zegel merchant listing``: a shop that stays out of the lists."""

from __future__ import annotations

from app.common.scope import Scope
from app.merchants.queries import ShopSearch, list_shops
from tests.integration.cli.calling import caller, failed, told


def test_a_business_or_one_of_its_shops_stays_out_of_the_list(environment: dict[str, str], scope: Scope) -> None:
    zegel = caller(environment)
    made = [told(zegel("merchant", "add", name, "--stamps", "9", "--json")) for name in ("Bakkerij", "Slagerij")]
    baker, butcher = made
    here = Scope(scope.database, scope.keys)

    def shown() -> set[str]:
        return {shop.merchant_name for shop in list_shops(here, ShopSearch()).items}

    assert shown() == {"Bakkerij", "Slagerij"}
    assert told(zegel("merchant", "listing", baker["merchant_id"], "--hidden", "--json")) == {"is_listed": False}
    assert shown() == {"Slagerij"}
    one = ("merchant", "listing", butcher["merchant_id"], "--location", butcher["location_id"])
    zegel(*one, "--hidden")
    assert shown() == set()
    zegel(*one, "--hidden")
    zegel(*one, "--shown")
    assert shown() == {"Slagerij"}
    assert "another business" in failed(
        zegel("merchant", "listing", baker["merchant_id"], "--location", butcher["location_id"], "--hidden")
    )
    assert zegel("merchant", "listing", baker["merchant_id"]).exit_code == 2
    assert shown() == {"Slagerij"}
