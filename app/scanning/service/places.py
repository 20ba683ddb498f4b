"""What a tablet or till needs to know of the shop that it stands in. Nothing of it is about a member."""

from __future__ import annotations

from app.common.sql import Statement
from app.insights.neighbours import pairs_of
from app.rewards import vouchers
from app.rewards.configuration import configuration
from app.rewards.reservations import reservation_key
from app.scanning.counter import Counter
from app.scanning.errors import DeviceRevokedError
from app.scanning.results import PlaceReward, PlaceView, ProgrammeFacts
from app.scanning.service.scans import asks_of, counted_of

_HERE = Statement(
    """
    SELECT d.name, d.kind, d.is_sandbox, m.config_version,
        (SELECT count(*) FROM offline_event e WHERE e.location_id = d.location_id AND e.status = 'review'),
        EXISTS (SELECT 1 FROM card_source s WHERE s.merchant_id = d.merchant_id), m.paused_from, m.frozen_from,
        m.suspended_at
    FROM device d JOIN merchant m ON m.id = d.merchant_id
    WHERE d.id = :device_id AND d.revoked_at IS NULL
    """
)


def get_place(counter: Counter) -> PlaceView:
    """The device, its shop's settings, programmes and rewards as they are now, and how many events wait in the inbox.

    Rewards that were ended are among them: a voucher outlives its reward. Raises :class:`DeviceRevokedError`.
    """
    scope = counter.scope
    now = scope.now
    with scope.reading() as transaction:
        rows = transaction.rows(_HERE, {"device_id": scope.device_id})
        if not rows:
            raise DeviceRevokedError
        name, kind, is_sandbox, version, reviews, takes_foreign_cards, *ends = rows[0]
        config = configuration(transaction, counter.merchant_id, version)
        # Told here, with the settings, so that a scan asks for nothing more.
        pairs = pairs_of(transaction, counter.merchant_id) if config.counter.hints else ()
    return PlaceView(
        device_id=scope.device_id or "",
        name=name,
        is_sandbox=bool(is_sandbox),
        settings=config.counter,
        asks_sign_in=config.asks_sign_in(counter.location_id),
        programmes=tuple(
            ProgrammeFacts(
                programme.id,
                programme.name,
                programme.kind,
                programme.unit,
                programme.goal,
                asks_of(programme, now),
                counted_of(programme, now),
                config.opening_units_most(programme),
            )
            for programme in config.programmes
        ),
        rewards=tuple(
            PlaceReward(
                reward.id,
                reward.name,
                reward.kind,
                vouchers.value_of(reward, config.currency),
                (reward.tier, reward.segment_id, reward.per_member_limit) == (None, None, None),
            )
            for reward in config.rewards.values()
        ),
        has_staff_pins=config.has_staff_pins(counter.location_id),
        takes_foreign_cards=bool(takes_foreign_cards),
        reservation_key=reservation_key(scope.keys, scope.device_id or "") if kind == "tablet" else None,
        reviews=reviews,
        earns_until=min((one for one in ends if one is not None), default=None),
        pairs=pairs,
        now=now,
    )
