"""A reward's picture: set, replaced, taken away."""

from __future__ import annotations

from sqlalchemy import delete, exists, select

from app.common import audit
from app.common.database import Transaction
from app.common.ids import new_id
from app.common.scope import Scope
from app.merchants.configuration import configuration_changed
from app.rewards.models import Picture, Reward
from app.rewards.pictures import make_picture
from app.rewards.rows import require_own_place, reward_in


def set_picture(scope: Scope, reward_id: str, data: bytes) -> str:
    """Give a reward the picture in an uploaded file, and return its id. The one before is deleted.

    Raises NotFoundError, ForbiddenError, PictureTooLargeError, PictureUnreadableError; then nothing is kept. Each call
    makes another picture.
    """
    with scope.reading() as tx:
        require_own_place(scope, reward_in(tx, scope, reward_id).location_ids)
    made = make_picture(data)  # outside the transaction: it takes its time

    def work(tx: Transaction) -> str:
        reward = reward_in(tx, scope, reward_id, lock=True)
        require_own_place(scope, reward.location_ids)
        picture = Picture(
            id=new_id(),
            merchant_id=reward.merchant_id,
            small=made.small,
            large=made.large,
            width=made.width,
            height=made.height,
            created_at=scope.now,
        )
        tx.session.add(picture)
        tx.session.flush()
        _show(tx, scope, reward, picture.id)
        return picture.id

    return scope.run(work)


def remove_picture(scope: Scope, reward_id: str) -> None:
    """Take a reward's picture away. A repeat changes nothing. Raises NotFoundError, ForbiddenError."""

    def work(tx: Transaction) -> None:
        reward = reward_in(tx, scope, reward_id, lock=True)
        require_own_place(scope, reward.location_ids)
        if reward.picture_id is not None:
            _show(tx, scope, reward, None)

    scope.run(work)


def _show(tx: Transaction, scope: Scope, reward: Reward, picture_id: str | None) -> None:
    before, reward.picture_id = reward.picture_id, picture_id
    reward.revision += 1
    tx.session.flush()
    # The sandbox's copy of the reward may still show it.
    if before is not None and not tx.session.scalar(select(exists().where(Reward.picture_id == before))):
        tx.session.execute(delete(Picture).where(Picture.id == before))
    configuration_changed(tx, reward.merchant_id)
    audit.record(
        tx,
        scope,
        "reward.picture_changed",
        "reward",
        reward.id,
        merchant_id=reward.merchant_id,
        before={"picture": before},
        after={"picture": picture_id},
    )
