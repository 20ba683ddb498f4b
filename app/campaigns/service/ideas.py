"""Ideas of members: proposed, let through by the shop, voted for by others, answered, and put together."""

from __future__ import annotations

from sqlalchemy import delete, func, select, update

from app.campaigns.errors import IdeasEnoughError, IdeasOffError
from app.campaigns.kinds import SHOP_NOTICE
from app.campaigns.models import Idea, IdeaVote
from app.campaigns.queries.ideas import SHOWN, takes_ideas
from app.campaigns.service.answering import read_words
from app.campaigns.telling import Told, hold_member, tell
from app.cards.queries import aliases
from app.common import audit
from app.common.database import Transaction
from app.common.errors import ForbiddenError, InvalidError, NotFoundError
from app.common.ids import is_id, new_id
from app.common.scope import Scope
from app.common.sql import Statement
from app.merchants.models import Merchant
from app.merchants.trial import is_approved
from app.rewards.models import Visit

SHORTEST, LONGEST, LONGEST_ANSWER, MOST = 10, 300, 500, 3
DECISIONS = ("open", "planned", "done", "declined", "refused")
_VOTED_FOR = ("open", "planned")
_MAY = ("owner", "manager")
_VOTE = Statement(
    """
    INSERT INTO idea_vote (member_id, idea_id, merchant_id, voted_at)
    VALUES (:member_id, :idea_id, :merchant_id, :now) ON CONFLICT DO NOTHING
    """
)
# Two proposals of one member's at once are counted one after the other.
_QUEUE_UP = Statement(
    "SELECT id FROM member WHERE id = :member_id FOR NO KEY UPDATE",
    sqlite="SELECT id FROM member WHERE id = :member_id",
)
_ANSWERED = {
    "nl": ("{shop} heeft je idee beantwoord", "Open de ideeën van de zaak om het antwoord te lezen."),
    "fr": ("{shop} a répondu à votre idée", "Ouvrez les idées du commerce pour lire la réponse."),
    "en": ("{shop} has answered your idea", "Open the shop’s ideas to read the answer."),
    "de": ("{shop} hat auf Ihre Idee geantwortet", "Öffnen Sie die Ideen des Geschäfts, um die Antwort zu lesen."),
}


def propose_idea(scope: Scope, *, merchant_id: str, words: str) -> str:
    """Propose something to a shop, as the scope's member, and return the idea's id. Others see it once the shop has let
    it through. The same words again are the same idea. Its member's own vote comes with it.

    Raises ``InvalidError``, :class:`IdeasOffError` where the shop asks for none or she never came,
    :class:`IdeasEnoughError` while three of hers are open there.
    """
    said = " ".join((read_words(words) or "").split())
    if not SHORTEST <= len(said) <= LONGEST:
        raise InvalidError(errors={"text": ["idea_expected"]})

    def work(tx: Transaction) -> str:
        member_id = _visitor(tx, scope, merchant_id)
        tx.rows(_QUEUE_UP, {"member_id": member_id})
        mine = tx.session.scalars(
            select(Idea).where(
                Idea.member_id == member_id,
                Idea.merchant_id == merchant_id,
                Idea.status.in_(("proposed", "open", "planned")),
            )
        ).all()
        for one in mine:
            if one.words == said:
                return one.id
        if len(mine) >= MOST:
            raise IdeasEnoughError
        row = Idea(id=new_id(), merchant_id=merchant_id, member_id=member_id, words=said, created_at=scope.now)
        tx.session.add(row)
        tx.session.flush()
        _put_vote(tx, scope, member_id, row)
        return row.id

    return scope.run(work)


def vote(scope: Scope, *, idea_id: str, is_for: bool) -> None:
    """Vote for an idea as the scope's member, or take the vote back. Each member has one; a repeat changes nothing.

    Raises ``NotFoundError`` for an idea that others don't see, :class:`IdeasOffError` for who never came, or once it is
    answered for good.
    """

    def work(tx: Transaction) -> None:
        row = tx.session.get(Idea, idea_id)
        if row is None or row.status not in SHOWN:
            raise NotFoundError(what="idea")
        member_id = _visitor(tx, scope, row.merchant_id)
        if row.status not in _VOTED_FOR:
            raise IdeasOffError
        if is_for:
            _put_vote(tx, scope, member_id, row)
        else:
            tx.session.execute(delete(IdeaVote).where(IdeaVote.member_id == member_id, IdeaVote.idea_id == idea_id))

    scope.run(work)


def decide_idea(scope: Scope, *, idea_id: str, status: str, answer: str | None = None) -> None:
    """Let an idea through (``open``), answer it (``planned``, ``done``, ``declined``) or keep it back (``refused``), as
    its shop. Its member is told of an answer, of each kind once.

    Raises ``ForbiddenError``, ``NotFoundError`` (also for one that was put into another), ``InvalidError``: an answer
    wants words but for ``open``.
    """
    said = read_words(answer)
    if status not in DECISIONS:
        raise InvalidError(errors={"status": ["not_one_of"]})
    if said is None and status not in ("open", "refused"):
        raise InvalidError(errors={"answer": ["answer_expected"]})
    if said is not None and len(said) > LONGEST_ANSWER:
        raise InvalidError(errors={"answer": ["too_long"]})

    def work(tx: Transaction) -> None:
        row = _own(tx, scope, idea_id)
        before = row.status
        row.status, row.answer = status, said
        row.decided_at, row.decided_by = scope.now, scope.staff_id
        audit.record(tx, scope, "idea.decided", "idea", idea_id, before={"status": before}, after={"status": status})
        standing = None if row.member_id is None else hold_member(tx, row.member_id)
        if standing is not None and (said is not None or (before, status) == ("proposed", "open")):
            shop = tx.session.get_one(Merchant, row.merchant_id).name
            params = {
                "title": {key: title.format(shop=shop) for key, (title, _) in _ANSWERED.items()},
                "text": {key: text for key, (_, text) in _ANSWERED.items()},
                "link": f"#/shops/{row.merchant_id}/ideas",
            }
            tell(tx, scope, standing, Told(SHOP_NOTICE, f"idea:{idea_id}:{status}", params, row.merchant_id))

    scope.run(work)


def merge_ideas(scope: Scope, *, idea_id: str, into: str) -> None:
    """Put an idea that says the same into another: who voted for either has voted for that one, once. A repeat is
    ``NotFoundError``, as is an idea of another shop or one that others don't see. Raises ``ForbiddenError``."""

    def work(tx: Transaction) -> None:
        first, second = (_own(tx, scope, one) for one in sorted((idea_id, into)))
        row, other = (first, second) if first.id == idea_id else (second, first)
        if row.id == other.id or other.status not in SHOWN:
            raise NotFoundError(what="idea")
        votes = tx.session.scalars(select(IdeaVote.member_id).where(IdeaVote.idea_id == row.id).order_by("member_id"))
        for member_id in votes.all():
            _put_vote(tx, scope, member_id, other)
        tx.session.execute(delete(IdeaVote).where(IdeaVote.idea_id == row.id))
        # What was put into this one before goes along.
        tx.session.execute(update(Idea).where(Idea.merged_into == row.id).values(merged_into=other.id))
        row.status, row.merged_into = "merged", other.id
        row.decided_at, row.decided_by = scope.now, scope.staff_id
        audit.record(tx, scope, "idea.merged", "idea", idea_id, after={"into": into})

    scope.run(work)


def _put_vote(tx: Transaction, scope: Scope, member_id: str, row: Idea) -> None:
    whose = {"member_id": member_id, "idea_id": row.id}
    tx.run(_VOTE, {**whose, "merchant_id": row.merchant_id, "now": scope.now})


def _visitor(tx: Transaction, scope: Scope, merchant_id: str) -> str:
    member_id = hold_member(tx, scope.member_id or "")
    if member_id is None or not takes_ideas(tx, merchant_id) or not is_approved(tx, merchant_id):
        raise IdeasOffError
    came = select(func.count()).select_from(
        select(Visit.id)
        .where(
            Visit.member_id.in_(aliases(tx.session, member_id)),
            Visit.merchant_id == merchant_id,
            Visit.reversed_at.is_(None),
        )
        .limit(1)
        .subquery()
    )
    if not tx.session.scalar(came):
        raise IdeasOffError
    return member_id


def _own(tx: Transaction, scope: Scope, idea_id: str) -> Idea:
    if scope.staff_role not in _MAY or scope.location_id is not None:
        raise ForbiddenError
    if not is_id(idea_id):
        raise NotFoundError(what="idea")
    row = tx.session.scalar(
        select(Idea)
        .where(Idea.id == idea_id, Idea.merchant_id == scope.merchant_id, Idea.status != "merged")
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFoundError(what="idea")
    return row
