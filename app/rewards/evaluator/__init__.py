"""The one evaluator: what a visit earns and what undoing it takes back. Pure: no database, no clock."""

from app.rewards.evaluator.combine import spent
from app.rewards.evaluator.earning import evaluate, needs
from app.rewards.evaluator.errors import EmptyRefundError, RefundTooLargeError, RefundWithoutAmountError
from app.rewards.evaluator.facts import Earning, Item, Limit, MemberFacts, Needs, Part, Reversal, VisitFacts
from app.rewards.evaluator.reversing import check_refund, reverse

__all__ = [
    "Earning",
    "EmptyRefundError",
    "Item",
    "Limit",
    "MemberFacts",
    "Needs",
    "Part",
    "RefundTooLargeError",
    "RefundWithoutAmountError",
    "Reversal",
    "VisitFacts",
    "check_refund",
    "evaluate",
    "needs",
    "reverse",
    "spent",
]
