"""A campaign's news on the card in a phone's wallet."""

from __future__ import annotations

from dataclasses import replace

from app.campaigns.queries.audience import audience
from app.campaigns.queries.contacts import wallet_news
from app.campaigns.service import campaigning
from app.common.scope import Scope
from app.rewards.segments import MemberFilter
from app.wallet import service as wallet
from app.wallet.service.passes import keep_pass
from tests.campaigns import TITLE, count, friend, of_shop, planned, rows
from tests.clocks import FixedClock
from tests.factories import make_shop


def test_news_stand_on_the_card_in_a_phones_wallet_while_she_allows_it(scope: Scope, clock: FixedClock) -> None:
    shop = make_shop(scope, stamps=10)
    holder = friend(scope, shop, ways=("wallet",))
    count(scope)
    assert audience(of_shop(scope, shop), MemberFilter(), ("wallet",)).with_consent == 0, "there is no pass yet"
    with scope.transaction() as tx:
        keep_pass(tx, scope, holder.card_id, "google")
    planned(scope, shop, ways=("wallet",))
    campaigning.send_due(replace(scope))
    waiting = "SELECT count(*) FROM outbox WHERE topic = 'wallet.pass' AND done_at IS NULL"
    assert rows(scope, waiting) == [(1,)]

    def shown(member_id: str) -> tuple[str, str] | None:
        with scope.reading() as tx:
            return wallet_news(tx, member_id, "en", now=clock.now)

    assert shown(holder.member_id) == ("Bakery", TITLE["en"])
    own = replace(scope, member_id=holder.member_id)
    wallet.set_consent(
        own, merchant_id=shop.merchant_id, channel="wallet", is_given=False, how="app", wording="Not any more."
    )
    assert shown(holder.member_id) is None
    assert rows(scope, waiting) == [(2,)], "what stands there goes"
