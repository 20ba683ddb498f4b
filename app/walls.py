"""Which rows of which table are a shop's own: what PostgreSQL lets the back office and the reports see and write.

A table with a ``merchant_id`` has its wall by that column, one with a ``member_id`` alone by whether the member was
ever at the shop. Whatever is otherwise stands here. In the conditions ``own_merchant()`` is the shop, and other tables
are seen through their own walls: an account that is there at all is one of the shop's programmes.
"""

from __future__ import annotations

from app.common.database.walls import Wall

_LOCATIONS = "location_id = ANY (ARRAY(SELECT l.id FROM location l WHERE l.merchant_id = own_merchant()))"
_PROGRAMMES = "programme_id = ANY (ARRAY(SELECT p.id FROM programme p WHERE p.merchant_id = own_merchant()))"
# A sandbox is another merchant, of which the shop sees that it is there and which keys it has.
_WITH_SANDBOX = (
    "merchant_id = own_merchant() OR merchant_id IN (SELECT m.id FROM merchant m WHERE m.sandbox_of = own_merchant())"
)
_STAFF = """login_id IN (SELECT s.login_id FROM staff s WHERE s.merchant_id = own_merchant()
    UNION ALL SELECT h.login_id FROM merchant_handover h WHERE h.merchant_id = own_merchant())"""
_OWN = Wall("merchant_id = own_merchant()")


def _any(table: str, condition: str) -> str:
    # Not EXISTS: of that PostgreSQL may make a table of all the shop's members first, for the sake of 25 of them.
    return f"(SELECT true FROM {table} o WHERE {condition} LIMIT 1)"  # noqa: S608  names of ours


def _known(table: str, column: str) -> str:
    """Whether the member has an account, a visit or a voucher at the shop."""
    return " OR ".join(_any(other, f"o.member_id = {table}.{column}") for other in ("account", "voucher", "visit"))


def _of_account(table: str) -> Wall:
    return Wall(
        _any("account", f"o.member_id = {table}.member_id AND o.id = {table}.account_id"),
        writes=f"NOT is_account_elsewhere({table}.member_id, {table}.account_id)",
    )


def _private(why: str) -> Wall:
    return Wall(is_private=True, why=why)


def _open(why: str) -> Wall:
    return Wall(why=why)


_SIGN_IN = "how a member signs in is no shop's business"
_PLATFORM = "tells of the whole platform: the operator's alone"
_NO_SHOP = "holds no row of a merchant or a member"
_NEW = "true"  # what is looked up by a code is added before, or in the same statement as, what it leads to

WALLS: dict[str, Wall] = {
    # merchants
    "merchant": Wall("id = own_merchant() OR sandbox_of = own_merchant()"),
    "location": Wall(_WITH_SANDBOX),
    "device": Wall(_WITH_SANDBOX),
    "device_gap": Wall("device_id IN (SELECT d.id FROM device d)"),
    "pairing_code": Wall(_LOCATIONS),
    "location_reference": Wall(_LOCATIONS),
    "webhook_delivery": Wall("endpoint_id IN (SELECT w.id FROM webhook_endpoint w)"),
    "setup_link": Wall("staff_id IN (SELECT s.id FROM staff s WHERE s.merchant_id = own_merchant())"),
    "set_aside": Wall("staff_id IN (SELECT s.id FROM staff s WHERE s.merchant_id = own_merchant())"),
    "staff_login": Wall(_STAFF.replace("login_id IN", "id IN", 1), writes=_NEW),
    "staff_login_session": Wall(_STAFF),
    "staff_login_link": Wall(_STAFF),
    "staff_passkey": Wall(_STAFF),
    "staff_recovery_code": Wall(_STAFF),
    "staff_passkey_challenge": _private("a person signs in before there is a shop"),
    "shop_invitation": _private("whom the platform asks to join is no shop's business"),
    "sign_up": _private("waits for its address to be proved, before there is a shop"),
    "operator": _private("runs the platform"),
    "operator_right": _private("runs the platform"),
    "operator_session": _private("runs the platform"),
    "operator_recovery_code": _private("runs the platform"),
    # cards and members
    "member": Wall(_known("member", "id"), writes=_NEW),
    "card": Wall(_known("card", "member_id"), writes=_NEW),
    "card_reference": Wall(_known("card_reference", "member_id"), writes=_NEW),
    "card_batch": _open("a name and a count of cards that belong to nobody yet"),
    "card_batch_codes": _private("whoever knows a claim code can claim the card"),
    "wallet_pass": _private("how a member carries the card is no shop's business"),
    "pass_device": _private("how a member carries the card is no shop's business"),
    "code_use": _private("which codes are used up is known to the counter alone"),
    "push_subscription": _private("where a member's phone is reached; messages go out by jobs"),
    "push_endpoint": _private("where a member's phone is reached; messages go out by jobs"),
    # Whom an address belongs to, of those who let this shop find them by it; nothing is written here.
    "login": Wall(
        "coalesce((SELECT c.is_given FROM consent_event c"
        " WHERE c.member_id = login.member_id AND c.channel = 'lookup' ORDER BY c.id DESC LIMIT 1), false)",
        writes="false",
    ),
    "auth_code": _private(_SIGN_IN),
    "member_session": _private(_SIGN_IN),
    "refresh_token": _private(_SIGN_IN),
    "move_code": _private(_SIGN_IN),
    "recovery_code": _private(_SIGN_IN),
    "passkey": _private(_SIGN_IN),
    "passkey_credential": _private(_SIGN_IN),
    "passkey_challenge": _private(_SIGN_IN),
    "attempt": _open("counts tries, by hashes of who tried"),
    # ledger and rewards
    "account": Wall(_PROGRAMMES),
    "opening_balance": Wall(_PROGRAMMES),
    "programme_version": Wall(_PROGRAMMES),
    "transfer": Wall(_PROGRAMMES),
    "lot": _of_account("lot"),
    "tier_month": _of_account("tier_month"),
    "expiry_notice": _of_account("expiry_notice"),
    "ledger_transaction": Wall(
        "merchant_id = own_merchant() OR "
        + _any("transfer", "o.member_id = ledger_transaction.member_id AND o.transaction_id = ledger_transaction.id"),
        writes="merchant_id = own_merchant() OR merchant_id IS NULL",  # what expired on the way is nobody's doing
    ),
    "voucher_code": Wall(
        _any("voucher", "o.member_id = voucher_code.member_id AND o.id = voucher_code.voucher_id"),
        writes=_NEW,
    ),
    "imported_visit": Wall(
        _any("visit", "o.member_id = imported_visit.member_id AND o.id = imported_visit.visit_id"),
        writes=_NEW,
    ),
    "member_import_row": Wall("import_id IN (SELECT i.id FROM member_import i)"),
    # the counter
    "idempotency_key": Wall(_LOCATIONS),
    "location_transaction": Wall(_LOCATIONS),
    "location_feedback": Wall(_LOCATIONS),
    "feedback_question": Wall(_LOCATIONS),
    "offline_event": Wall(_LOCATIONS),
    # what goes on behind
    "audit_event": Wall("merchant_id = own_merchant()", writes="merchant_id = own_merchant() OR merchant_id IS NULL"),
    "outbox": Wall("merchant_id = own_merchant()", writes="merchant_id = own_merchant() OR merchant_id IS NULL"),
    "import_run": _open(_NO_SHOP),
    "member_feed": _open(_NO_SHOP),
    "job_run": _open(_NO_SHOP),
    "ledger_check": _private("what verifying the whole ledger found is the operators'"),
    "ledger_adjustment": _private("what operators asked of each other; a shop reads its audit list"),
    "adjustment_limit": _private("how much an operator may adjust alone is the operators'"),
    "job_plan": _private(_PLATFORM),
    "mail_bounce": _private(_PLATFORM),
    "backup_run": _private(_PLATFORM),
    "database_day": _private(_PLATFORM),
    "platform_day": _private(_PLATFORM),
    # the town: every shop reads it, the operator alone writes it
    "platform_brand": Wall("true", writes="false"),
    "terms_version": Wall("true", writes="false"),
    "announcement": Wall("status = 'sent'", writes="false"),
    # campaigns: the office reads totals, made by jobs
    "campaign_member": _private("who was left out of a campaign by lot is told to nobody"),
    # what members are worth
    "trade_model": _open("what many shops of one trade have in common; tells of none of them"),
    # what is recommended to members: of many shops at once, and told to members alone
    "recommendation_choice": _private("whether a member wants to be recommended anything is no shop's business"),
    "recommendation_model": _private(_PLATFORM),
    "shop_neighbour": _private("with whom a shop has members in common is told only as totals, where both agreed"),
    # what shops share: made by the jobs, and taken back by either of the two
    "crossing_total": Wall("merchant_id = own_merchant() OR other_id = own_merchant()", writes="false"),
    "crossing_quarter": _open("which quarters of a year are counted"),
    # what is asked of whoever runs the platform
    "privacy_request": _private("what a person asks about her data is no shop's business"),
    "privacy_link": _private("what a person asks about her data is no shop's business"),
    "retention_notice": _private("who has not come for years is no shop's business"),
    "retention_setting": _private("runs the platform"),
    "support_counter": _open("counts the questions of everybody"),
    "support_message": Wall("question_id IN (SELECT q.id FROM support_question q)"),
    "support_template": _private("answers of whoever runs the platform"),
    # risk
    "risk_case": _private("a suspicion is the operator's alone until it is decided"),
    "guess_peak": _private("counts tries, by hashes of who tried, for the operator's rules"),
    "risk_try": _private("limits that the operator tries out"),
    "risk_progress": _private("how far the operator's rules have looked"),
    # Every counter holds to them, so whoever compiles a shop's rules reads them; nobody but the operator sets them.
    "risk_limit": Wall("merchant_id IS NULL OR merchant_id = own_merchant()", writes="false"),
    # subscriptions
    "billing_plan": _open("what the operator offers to every shop"),
    "billing_event": _private("what Stripe sends, before it is known for whom"),
}


def wall_of(table: str, columns: frozenset[str]) -> Wall:
    """The wall of a table with these columns."""
    known = WALLS.get(table)
    if known is not None:
        return known
    if "merchant_id" in columns:
        return _OWN
    if "member_id" in columns:
        return Wall(_known(table, "member_id"))
    return _open("not told: see tests/integration/common/test_walls.py")
