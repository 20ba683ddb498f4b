"""``zegel merchant invitation``: what a shop gives for invitations."""

from __future__ import annotations

from tests.integration.cli.calling import caller, failed, told


def test_a_shop_says_what_it_gives_for_invitations(environment: dict[str, str]) -> None:
    zegel = caller(environment)
    made = told(zegel("merchant", "add", "Bakkerij", "--stamps", "9", "--json"))
    shop = ("merchant", "invitation", made["merchant_id"])
    after = told(zegel(*shop, "--inviter", "2", "--invited", "1", "--json"))
    assert after == {"inviter": 2, "invited": 1, "most": 20}
    assert told(zegel(*shop, "--inviter", "2", "--invited", "1", "--json")) == after
    assert told(zegel(*shop, "--inviter", "0", "--invited", "0", "--most", "5", "--json"))["most"] == 5
    assert zegel(*shop, "--inviter", "-1", "--invited", "0").exit_code == 2
    assert zegel(*shop, "--inviter", "1").exit_code == 2
    assert "nothing here" in failed(zegel("merchant", "invitation", "nonsense", "--inviter", "1", "--invited", "1"))
