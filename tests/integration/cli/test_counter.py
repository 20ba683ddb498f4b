"""``zegel merchant counter``: how a shop's counters work."""

from __future__ import annotations

from tests.integration.cli.calling import caller, failed, told


def test_a_shop_says_how_its_counters_work(environment: dict[str, str]) -> None:
    zegel = caller(environment)
    made = told(zegel("merchant", "add", "Bakkerij", "--stamps", "9", "--json"))
    shop = ("merchant", "counter", made["merchant_id"])
    before = told(zegel(*shop, "--json"))
    assert before == {
        "sign_in": False,
        "lock_after": 300,
        "approves": ["rotating_code", "member_pin", "staff_approval"],
        "cashier_approves": True,
        "kiosk_wait": 240,
        "opening_units_most": None,
        "hints": False,
    }
    wanted = (
        *("--sign-in", "--lock-after", "60", "--approves", "member_pin, rotating_code", "--no-cashier-approves"),
        *("--kiosk-wait", "90", "--opening-units-most", "4", "--hints"),
    )
    after = told(zegel(*shop, *wanted, "--json"))
    assert after == {
        "sign_in": True,
        "lock_after": 60,
        "approves": ["rotating_code", "member_pin"],
        "cashier_approves": False,
        "kiosk_wait": 90,
        "opening_units_most": 4,
        "hints": True,
    }
    assert told(zegel(*shop, "--json")) == after
    assert told(zegel(*shop, "--no-sign-in", "--opening-units-most", "default", "--json")) == {
        **after,
        "sign_in": False,
        "opening_units_most": None,
    }
    assert "rotating_code, member_pin" in zegel(*shop).stdout
    assert failed(zegel(*shop, "--kiosk-wait", "0")) == "kiosk_wait: The wait at a kiosk is 1 to 44,640 minutes."
    assert "nothing here" in failed(zegel("merchant", "counter", "nonsense"))
    assert zegel(*shop, "--approves", "smile").exit_code == 2
    assert zegel(*shop, "--opening-units-most", "many").exit_code == 2
