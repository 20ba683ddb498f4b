"""Making a business's view of some of its members anew, from their visits and accounts as they stand now.

A dozen queries for a hundred members. Nothing is added up along the way, so a repeat, an event that came twice and one
that was missed before do no harm.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from app.cards import personal_data
from app.cards.data_keys import data_keys
from app.common.clock import zone
from app.common.database import Transaction
from app.common.scope import Scope
from app.common.sql import Statement, many
from app.rewards.configuration import MerchantConfig, ProgrammeConfig, current_configuration
from app.rewards.shop_members.belongings import open_words
from app.rewards.shop_members.figures import Figures, Visited, figures
from app.rewards.shop_members.words import beginnings

Pair = tuple[str, str]  # merchant, member


def _of(text: str, *names: str) -> Statement:
    """A statement whose ``{name}`` stand for "one of the ids in this parameter"."""
    arrays = {name: f"= ANY(CAST(:{name} AS uuid[]))" for name in names}
    lists = {name: f"IN (SELECT value FROM json_each(:{name}))" for name in names}  # noqa: S608  names of ours
    return Statement(text.format(**arrays), sqlite=text.replace(" FOR NO KEY UPDATE", "").format(**lists))


_SURVIVORS = _of("SELECT id, merged_into FROM member WHERE id {members}", "members")
# Two workers that refresh one member come one after the other, and the later one reads what the earlier has missed. The
# counter, which holds a member by her key alone, does not wait.
_LOCK = _of("SELECT id, status FROM member WHERE id {members} ORDER BY id FOR NO KEY UPDATE", "members")
_ALIASES = _of("SELECT id, merged_into FROM member WHERE merged_into {members}", "members")
_VISITS = _of(
    "SELECT member_id, merchant_id, location_id, occurred_at, amount_minor - refunded_minor FROM visit"
    " WHERE member_id {members} AND merchant_id {merchants} AND reversed_at IS NULL",
    "members",
    "merchants",
)
_ACCOUNTS = _of(
    "SELECT a.member_id, p.merchant_id, a.programme_id, a.balance, a.owed, a.tier, a.opened_at FROM account a"
    " JOIN programme p ON p.id = a.programme_id WHERE a.member_id {members} AND p.merchant_id {merchants}",
    "members",
    "merchants",
)
_APPS = _of(
    "SELECT DISTINCT member_id FROM installation WHERE member_id {members} AND kind = 'app' AND ended_at IS NULL",
    "members",
)
_CARDS = _of(
    "SELECT member_id, number FROM card WHERE member_id {members} AND status = 'active' ORDER BY issued_at, id",
    "members",
)
_PROFILES = _of(
    "SELECT p.member_id, k.wrapped, p.name, p.birthday, p.shows_name FROM member_profile p"
    " JOIN member_key k ON k.member_id = p.member_id WHERE p.member_id {members}",
    "members",
)
_SHARED = _of(
    "SELECT member_id, merchant_id, is_given FROM consent_event"
    " WHERE member_id {members} AND merchant_id {merchants} AND channel = 'profile' ORDER BY id",
    "members",
    "merchants",
)
_CALLED = _of(
    "SELECT n.member_id, n.merchant_id, n.id, n.words, k.wrapped FROM member_note n"
    " JOIN member_key k ON k.member_id = n.member_id"
    " WHERE n.member_id {members} AND n.merchant_id {merchants} AND n.kind = 'name'",
    "members",
    "merchants",
)
_ROWS = _of(
    "SELECT member_id, place_id, merchant_id FROM shop_member WHERE member_id {members} AND merchant_id {merchants}",
    "members",
    "merchants",
)
_WORDS = _of(
    "SELECT member_id, merchant_id, token FROM shop_member_word WHERE member_id {members} AND merchant_id {merchants}",
    "members",
    "merchants",
)
_COLUMNS = """
    member_id place_id merchant_id visits spend_minor first_at seen_at gap_days overdue_at recent programme_id balance
    fill tier has_app birth_month card_tail refreshed_at
""".split()  # noqa: SIM905  one line a dozen
_PUT = Statement(
    f"INSERT INTO shop_member ({', '.join(_COLUMNS)}) VALUES ({', '.join(f':{name}' for name in _COLUMNS)})"  # noqa: S608
    " ON CONFLICT (member_id, place_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[3:])
)
_DROP = Statement("DELETE FROM shop_member WHERE member_id = :member_id AND place_id = :place_id")
_DROP_SEGMENTS = Statement("DELETE FROM member_segment WHERE member_id = :member_id AND merchant_id = :merchant_id")
_COUNT = Statement(
    "INSERT INTO shop_place (place_id, merchant_id, members) VALUES (:place_id, :merchant_id, :first)"
    " ON CONFLICT (place_id) DO UPDATE SET members ="
    " CASE WHEN shop_place.members + :more < 0 THEN 0 ELSE shop_place.members + :more END"
)
_ADD_WORD = Statement(
    "INSERT INTO shop_member_word (merchant_id, token, member_id) VALUES (:merchant_id, :token, :member_id)"
    " ON CONFLICT DO NOTHING"
)
_DROP_WORD = Statement(
    "DELETE FROM shop_member_word WHERE merchant_id = :merchant_id AND token = :token AND member_id = :member_id"
)
_MERCHANTS = Statement(
    """
    SELECT merchant_id FROM shop_member WHERE member_id = :member_id
    UNION SELECT p.merchant_id FROM account a JOIN programme p ON p.id = a.programme_id WHERE a.member_id = :member_id
    UNION SELECT merchant_id FROM visit WHERE member_id = :member_id
    UNION SELECT v.merchant_id FROM member m JOIN visit v ON v.member_id = m.id WHERE m.merged_into = :member_id
    """
)


class _Account(NamedTuple):
    balance: int
    owed: int
    tier: str | None
    opened_at: datetime

    @property
    def is_worth_telling(self) -> bool:
        return bool(self.balance or self.owed)


class _Person(NamedTuple):
    has_app: bool
    card_tail: str | None
    shown_name: str | None
    birth_month: int | None


_NOBODY = _Person(False, None, None, None)


def merchants_of(tx: Transaction, member_id: str) -> list[str]:
    """The businesses that have anything to do with a member, or with whoever was merged into her."""
    return sorted(row[0] for row in tx.rows(_MERCHANTS, {"member_id": member_id}))


def refresh(tx: Transaction, scope: Scope, pairs: Iterable[Pair]) -> int:
    """Make the rows of these members at these merchants anew, in the caller's transaction: who was merged counts with
    the survivor, who has left is taken off the list. Returns how many members there are rows of. A repeat changes
    nothing but the time."""
    asked = sorted(set(pairs))
    if not asked:
        return 0
    survivors = tx.rows(_SURVIVORS, {"members": many(tx, {member for _, member in asked})})
    found: dict[str, str | None] = {member: survivor for member, survivor in survivors}  # noqa: C416  for the types
    wanted = {(merchant, found.get(member) or member) for merchant, member in asked}
    everybody = sorted({member for _, member in wanted} | {member for _, member in asked})
    standing = {
        member
        for member, status in tx.rows(_LOCK, {"members": many(tx, everybody)})
        if status in ("anonymous", "claimed")
    }
    return _Refreshing(tx, scope, everybody, sorted({merchant for merchant, _ in wanted})).make(
        {pair for pair in wanted if pair[1] in standing}, set(asked) | wanted
    )


class _Refreshing:
    """One batch of members of some merchants."""

    def __init__(self, tx: Transaction, scope: Scope, members: Sequence[str], merchants: Sequence[str]) -> None:
        self._tx = tx
        self._scope = scope
        self._asked = {"members": many(tx, members), "merchants": many(tx, merchants)}
        self._members = members
        self._configs = {merchant_id: current_configuration(tx, merchant_id) for merchant_id in merchants}
        self._sealed: dict[str, bytes] = {}

    def make(self, standing: set[Pair], touched: set[Pair]) -> int:
        """Write the rows of those who stand, and take away those of all others that were touched."""
        visits, accounts, people = self._visits(), self._accounts(), self._people()
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        names: dict[Pair, list[str]] = defaultdict(list)
        called = self._called()
        shared = self._shared()
        for pair in sorted(standing):
            person = people.get(pair[1], _NOBODY)
            made = self._rows(pair, visits.get(pair, []), accounts.get(pair, {}), person, shared, pair in called)
            rows |= {(row["member_id"], row["place_id"]): row for row in made}
            if made:
                names[pair] = [name for name in (person.shown_name, called.get(pair)) if name]
        self._write(rows, touched)
        self._write_words(names, touched)
        return len({member_id for member_id, _ in rows})

    def _rows(
        self,
        pair: Pair,
        visits: list[Visited],
        accounts: Mapping[str, _Account],
        person: _Person,
        shared: set[Pair],
        is_called: bool,
    ) -> list[dict[str, Any]]:
        merchant_id, member_id = pair
        config = self._configs[merchant_id]
        local = zone(config.timezone)
        whole = figures(visits, local)
        if (
            whole is None
            and not any(one.is_worth_telling for one in accounts.values())
            and not (accounts and is_called)
        ):
            return []  # all that ever happened here was undone
        main = config.programmes[0] if config.programmes else None
        account = accounts.get(main.id) if main is not None else None
        common = {
            "member_id": member_id,
            "merchant_id": merchant_id,
            "programme_id": None if main is None else main.id,
            "balance": 0 if account is None else account.balance,
            "fill": 0 if account is None or main is None else _fill(config, main, account.balance, self._scope.now),
            "tier": None if account is None else account.tier,
            "has_app": person.has_app,
            "birth_month": person.birth_month if pair in shared else None,
            "card_tail": person.card_tail,
            "refreshed_at": self._scope.now,
        }
        if whole is None:
            opened = min(one.opened_at for one in accounts.values())
            return [common | _nothing_yet(merchant_id, opened)]
        by_place: dict[str, list[Visited]] = defaultdict(list)
        for visit in visits:
            by_place[visit.location_id].append(visit)
        places = [(merchant_id, whole)]
        places += [(place, made) for place, own in by_place.items() if (made := figures(own, local)) is not None]
        return [common | _figures_row(place, made) for place, made in places]

    def _visits(self) -> dict[Pair, list[Visited]]:
        owner = {str(alias): str(member) for alias, member in self._tx.rows(_ALIASES, self._asked)}
        asked = self._asked | {"members": many(self._tx, [*self._members, *owner])}
        found: dict[Pair, list[Visited]] = defaultdict(list)
        for member_id, merchant_id, location_id, occurred_at, spent in self._tx.rows(_VISITS, asked):
            found[str(merchant_id), owner.get(member_id) or str(member_id)].append(
                Visited(location_id, occurred_at, spent)
            )
        return found

    def _accounts(self) -> dict[Pair, dict[str, _Account]]:
        found: dict[Pair, dict[str, _Account]] = defaultdict(dict)
        for member_id, merchant_id, programme_id, *rest in self._tx.rows(_ACCOUNTS, self._asked):
            found[merchant_id, member_id][programme_id] = _Account(*rest)
        return found

    def _people(self) -> dict[str, _Person]:
        with_app = {row[0] for row in self._tx.rows(_APPS, self._asked)}
        tails = {member_id: number[-4:] for member_id, number in self._tx.rows(_CARDS, self._asked)}
        told: dict[str, tuple[str | None, int | None]] = {}
        for member_id, wrapped, name, birthday, shows_name in self._tx.rows(_PROFILES, self._asked):
            key = self._key(member_id, wrapped)
            shown = None if name is None or not shows_name else _open(key, member_id, "name", name)
            born = None if birthday is None else _open(key, member_id, "birthday", birthday)
            told[member_id] = (shown, None if born is None else int(born[-5:-3]))
        return {
            member_id: _Person(member_id in with_app, tails.get(member_id), *told.get(member_id, (None, None)))
            for member_id in self._members
        }

    def _shared(self) -> set[Pair]:
        """Who lets which shop see her profile, by her latest word on it."""
        latest = {
            (merchant_id, member_id): bool(is_given)
            for member_id, merchant_id, is_given in self._tx.rows(_SHARED, self._asked)
        }
        return {pair for pair, is_given in latest.items() if is_given}

    def _called(self) -> dict[Pair, str]:
        return {
            (merchant_id, member_id): open_words(self._key(member_id, wrapped), member_id, note_id, words)
            for member_id, merchant_id, note_id, words, wrapped in self._tx.rows(_CALLED, self._asked)
        }

    def _key(self, member_id: str, wrapped: bytes) -> bytes:
        if member_id not in self._sealed:
            self._sealed[member_id] = personal_data.unwrap_data_key(
                data_keys(self._scope.keys.data), member_id, bytes(wrapped)
            )
        return self._sealed[member_id]

    def _write(self, rows: Mapping[tuple[str, str], dict[str, Any]], touched: set[Pair]) -> None:
        tx = self._tx
        known = {
            (member_id, place_id): merchant_id
            for member_id, place_id, merchant_id in tx.rows(_ROWS, self._asked)
            if (merchant_id, member_id) in touched
        }
        more: dict[Pair, int] = defaultdict(int)
        for (_, place_id), row in ((key, row) for key, row in rows.items() if key not in known):
            more[place_id, row["merchant_id"]] += 1
        gone = [(key, merchant_id) for key, merchant_id in known.items() if key not in rows]
        for (_, place_id), merchant_id in gone:
            more[place_id, merchant_id] -= 1
        tx.run_many(_DROP, [{"member_id": member_id, "place_id": place_id} for (member_id, place_id), _ in gone])
        tx.run_many(
            _DROP_SEGMENTS,
            [
                {"member_id": member_id, "merchant_id": merchant_id}
                for (member_id, place_id), merchant_id in gone
                if place_id == merchant_id
            ],
        )
        tx.run_many(_PUT, [rows[key] for key in sorted(rows)])
        for (place_id, merchant_id), count in sorted(more.items()):
            if count:
                tx.run(
                    _COUNT,
                    {"place_id": place_id, "merchant_id": merchant_id, "more": count, "first": max(count, 0)},
                )

    def _write_words(self, names: Mapping[Pair, list[str]], touched: set[Pair]) -> None:
        known: dict[Pair, set[bytes]] = defaultdict(set)
        for member_id, merchant_id, token in self._tx.rows(_WORDS, self._asked):
            if (merchant_id, member_id) in touched:
                known[merchant_id, member_id].add(bytes(token))
        for pair in sorted({*known, *names}):
            merchant_id, member_id = pair
            wanted = beginnings(self._scope.keys.data, merchant_id, names.get(pair, ()))
            where = {"merchant_id": merchant_id, "member_id": member_id}
            self._tx.run_many(_DROP_WORD, [{**where, "token": token} for token in sorted(known[pair] - wanted)])
            self._tx.run_many(_ADD_WORD, [{**where, "token": token} for token in sorted(wanted - known[pair])])


def _fill(config: MerchantConfig, programme: ProgrammeConfig, balance: int, now: datetime) -> int:
    """How far a balance is to the full card, or to the cheapest reward that can be had, in thousandths."""
    target = programme.goal
    if target is None:
        costs = [
            one.cost for one in config.rewards.values() if one.programme_id == programme.id and one.is_offered(now)
        ]
        target = min(costs, default=None)
    return 0 if target is None else min(1000, balance * 1000 // target)


def _nothing_yet(place_id: str, opened_at: datetime) -> dict[str, Any]:
    return {
        "place_id": place_id,
        "visits": 0,
        "spend_minor": 0,
        "first_at": opened_at,
        "seen_at": opened_at,
        "gap_days": None,
        "overdue_at": None,
        "recent": "[]",
    }


def _figures_row(place_id: str, made: Figures) -> dict[str, Any]:
    return {
        "place_id": place_id,
        "visits": made.visits,
        "spend_minor": made.spend_minor,
        "first_at": made.first_at,
        "seen_at": made.seen_at,
        "gap_days": made.gap_days,
        "overdue_at": made.overdue_at,
        "recent": json.dumps(made.recent),
    }


def _open(key: bytes, member_id: str, field: str, sealed: bytes) -> str:
    return personal_data.decrypt_text(key, member_id, field, bytes(sealed))
