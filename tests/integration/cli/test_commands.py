"""The commands of the public contract, on both databases."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import text

import config
from app.cards.codes import CodeKind, parse
from app.common.database import Database
from app.common.database.engines import open_engine
from app.common.scope import Scope
from app.ledger import anchors
from app.merchants.queries import DeviceIdentity, find_device_by_token_hash
from app.merchants.service import resume_staff_session, set_password, start_staff_session
from app.merchants.tokens import token_hash
from app.scanning.counter import Counter
from app.scanning.requests import Identification, VisitRequest
from app.scanning.service import record_visit
from app.wallet.service import authenticate
from tests.integration.cli.calling import Zegel, caller, failed, told

ROOT = Path(__file__).parents[3]
COMMANDS = (
    *(
        "serve",
        "worker",
        "db upgrade",
        "demo",
        "merchant add",
        "merchant counter",
        "card issue",
        "card code",
        "visits import",
    ),
    *(
        "ledger verify",
        "device pair-code",
        "device write-off",
        "operator add",
        "staff add",
        "key add",
        "backup",
        "restore",
        "doctor",
    ),
    *("token member", "token device"),
)


@pytest.fixture
def zegel(environment: dict[str, str]) -> Zegel:
    return caller(environment)


@pytest.fixture
def now_scope(scope: Scope) -> Scope:
    """Commands live in the present."""
    return Scope(scope.database, scope.keys)


def device(scope: Scope, token: str) -> DeviceIdentity | None:
    with scope.reading() as tx:
        return find_device_by_token_hash(tx, token_hash(token))


def counter(scope: Scope, token: str) -> Counter:
    found = device(scope, token)
    assert found is not None
    here = replace(
        scope,
        merchant_id=found.merchant_id,
        location_id=found.location_id,
        device_id=found.device_id,
        is_sandbox=found.is_sandbox,
        currency=found.currency,
        scopes=found.scopes,
    )
    return Counter(here, {"card.example"})


def visit(at: Counter, number: str, key: str, **what: int) -> list[str]:
    """Books a visit and gives the names of what it unlocked."""
    unlocked: list[str] = []

    def render(result: object) -> str:
        unlocked.extend(voucher.name for voucher in result.unlocked)  # type: ignore[attr-defined]
        return "{}"

    reply = record_visit(
        at,
        VisitRequest(Identification(number), **what),  # type: ignore[arg-type]
        key=key,
        render=render,
        render_refusal=lambda error: (409, error.code),
    )
    assert reply.status == 201, reply.body
    return unlocked


def test_a_stamp_card_of_the_contract(zegel: Zegel, now_scope: Scope) -> None:
    made = told(zegel("merchant", "add", "Bakkerij", "--city", "Gent", "--stamps", "3", "--json"))
    assert list(made) == ["merchant_id", "programme_id", "location_id", "reward_ids", "api_key"]
    assert len(made["reward_ids"]) == 1
    till = device(now_scope, made["api_key"])
    assert till is not None
    assert (till.merchant_id, till.location_id, till.scopes) == (made["merchant_id"], made["location_id"], {"approve"})
    [number] = [json.loads(line)["number"] for line in zegel("card", "issue", "--json").stdout.splitlines()]
    at = counter(now_scope, made["api_key"])
    assert visit(at, number, "1") == []
    assert visit(at, number, "2", units=2) == ["Full card"]
    assert told(zegel("ledger", "verify", "--json")) == {"transactions": 3, "accounts": 1, "mismatches": []}


def test_the_first_reward_is_the_full_cards(zegel: Zegel, now_scope: Scope) -> None:
    arguments = ("--stamps", "2", "--reward", "Koffie: groot:2", "--reward", "Taart:4", "--json")
    made = told(zegel("merchant", "add", "Koffiebar", *arguments))
    assert len(made["reward_ids"]) == 2
    [number] = [json.loads(line)["number"] for line in zegel("card", "issue", "--json").stdout.splitlines()]
    assert visit(counter(now_scope, made["api_key"]), number, "1", units=2) == ["Koffie: groot"]


def test_points_for_each_unit_of_money_rounded_down(zegel: Zegel, now_scope: Scope) -> None:
    made = told(zegel("merchant", "add", "P", "--points-per-unit", "3", "--reward", "A:100", "--json"))
    [number] = [json.loads(line)["number"] for line in zegel("card", "issue", "--json").stdout.splitlines()]
    visit(counter(now_scope, made["api_key"]), number, "1", amount_minor=433)
    with now_scope.reading() as tx:
        assert tx.session.execute(text("SELECT balance FROM account")).scalar_one() == 12


def test_a_merchant_elsewhere(zegel: Zegel, now_scope: Scope) -> None:
    arguments = ("--country", "JP", "--timezone", "Asia/Tokyo", "--currency", "JPY", "--lat", "35.6", "--lon", "139.7")
    made = told(zegel("merchant", "add", "Pan-ya", "--stamps", "5", *arguments, "--json"))
    with now_scope.reading() as tx:
        row = tx.session.execute(text("SELECT timezone, lat, lon FROM location")).one()
    assert tuple(row) == ("Asia/Tokyo", 35.6, 139.7)
    assert device(now_scope, made["api_key"]).currency == "JPY"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--stamps", "3", "--points-per-unit", "1"),
        ("--stamps", "0"),
        ("--points-per-unit", "0"),
        ("--points-per-unit", "NaN"),
        ("--points-per-unit", "0.00001"),
        ("--stamps", "3", "--reward", "Coffee"),
        ("--stamps", "3", "--reward", "Coffee:0"),
        ("--stamps", "3", "--reward", ":3"),
        ("--stamps", "3", "--lat", "51"),
        ("--stamps", "3", "--lat", "99", "--lon", "3"),
        ("--stamps", "3", "--currency", "euro"),
        ("--stamps", "3", "--country", "Belgium"),
        ("--stamps", "3", "--timezone", "Ghent"),
    ],
)
def test_a_wrong_merchant_is_refused_in_one_line_and_nothing_is_made(
    zegel: Zegel, now_scope: Scope, arguments: tuple[str, ...]
) -> None:
    failed(zegel("merchant", "add", "Bakkerij", *arguments))
    with now_scope.reading() as tx:
        assert tx.session.execute(text("SELECT count(*) FROM merchant")).scalar_one() == 0


def test_cards_one_json_object_a_line_and_a_print_sheet(zegel: Zegel, tmp_path: Path) -> None:
    sheet = tmp_path / "cards.pdf"
    result = zegel("card", "issue", "--count", "12", "--pdf", str(sheet), "--json")
    cards = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(cards) == 12
    assert all(list(card) == ["card_id", "member_id", "number", "claim_code", "url"] for card in cards)
    assert all(parse(card["url"], {"card.example"}).number == card["number"] for card in cards)
    pages = PdfReader(sheet).pages
    assert len(pages) == 2
    assert cards[0]["claim_code"][:4] in pages[0].extract_text()


def test_a_sheet_that_cannot_be_written_makes_no_cards(zegel: Zegel, now_scope: Scope, tmp_path: Path) -> None:
    assert "No such file" in failed(zegel("card", "issue", "--pdf", str(tmp_path / "nowhere" / "cards.pdf"), "--json"))
    with now_scope.reading() as tx:
        assert tx.session.execute(text("SELECT count(*) FROM card")).scalar_one() == 0


def test_codes_of_this_moment_are_each_good_once(zegel: Zegel, now_scope: Scope) -> None:
    made = told(zegel("merchant", "add", "Bakkerij", "--stamps", "9", "--json"))
    [number] = [json.loads(line)["number"] for line in zegel("card", "issue", "--json").stdout.splitlines()]
    at = counter(now_scope, made["api_key"])
    codes = []
    for key in ("1", "2"):  # the second one within the same step
        code = told(zegel("card", "code", number.lower(), "--json"))["code"]
        assert parse(code, {"card.example"}).kind is CodeKind.ROTATING
        visit(at, code, key)
        codes.append(code)
    assert len(set(codes)) == 2


def test_tokens_of_a_member_and_of_a_device(zegel: Zegel, now_scope: Scope) -> None:
    made = told(zegel("merchant", "add", "Bakkerij", "--stamps", "9", "--json"))
    [card] = [json.loads(line) for line in zegel("card", "issue", "--json").stdout.splitlines()]
    # Programs get JSON from these also without asking.
    member = told(zegel("token", "member", "--card", card["number"]))["access_token"]
    assert authenticate(now_scope, access_token=member).member.member_id == card["member_id"]
    tablet = device(
        now_scope, told(zegel("token", "device", "--location", made["location_id"], "--json"))["access_token"]
    )
    assert tablet is not None
    assert (tablet.kind, tablet.location_id) == ("tablet", made["location_id"])


def test_development_only_commands_refuse_production(zegel: Zegel) -> None:
    made = told(zegel("merchant", "add", "Bakkerij", "--stamps", "9", "--json"))
    [number] = [json.loads(line)["number"] for line in zegel("card", "issue", "--json").stdout.splitlines()]
    for arguments in (
        ("card", "code", number),
        ("token", "member", "--card", number),
        ("token", "device", "--location", made["location_id"]),
        ("demo",),
    ):
        assert "production" in failed(zegel(*arguments, ZEGEL_ENV="production"))


def test_pairing_codes_keys_and_sandboxes(zegel: Zegel, now_scope: Scope) -> None:
    made = told(zegel("merchant", "add", "Bakkerij", "--stamps", "1", "--json"))
    code = told(zegel("device", "pair-code", "--location", made["location_id"], "--json"))
    assert list(code) == ["pairing_code", "expires_at", "url"]
    assert len(code["pairing_code"]) == 8
    assert code["url"] == f"https://card.example/tablet#pair={code['pairing_code']}"
    assert datetime.fromisoformat(code["expires_at"]) > now_scope.now
    key = told(zegel("key", "add", "--location", made["location_id"], "--scope", "approve", "--json"))
    assert device(now_scope, key["api_key"]).scopes == {"approve"}  # type: ignore[union-attr]
    tried = told(zegel("key", "add", "--location", made["location_id"], "--sandbox", "--json"))
    sandbox = device(now_scope, tried["api_key"])
    assert sandbox is not None
    assert sandbox.is_sandbox
    assert sandbox.merchant_id != made["merchant_id"]
    assert len(tried["cards"]) == 3
    assert visit(counter(now_scope, tried["api_key"]), tried["cards"][0]["number"], "1") == ["Full card"]


def test_a_pairing_code_is_drawn_for_a_camera_and_reaches_no_log(zegel: Zegel) -> None:
    made = told(zegel("merchant", "add", "Bakkerij", "--stamps", "1", "--json"))
    shown = zegel("device", "pair-code", "--location", made["location_id"], "--at", "https://192.168.1.7:8443/").stdout
    [url] = re.findall(r"https://192\.168\.1\.7:8443/tablet#pair=([0-9A-Z]{8})\b", shown)
    assert f"{url[:4]}-{url[4:]}" in shown
    assert shown.count("█") > 100


def test_people_get_a_link_that_works_once(zegel: Zegel, now_scope: Scope) -> None:
    made = told(zegel("merchant", "add", "Bakkerij", "--stamps", "9", "--json"))
    arguments = ("ann@shop.example", "--merchant", made["merchant_id"], "--role", "owner")
    owner = told(zegel("staff", "add", *arguments, "--pin", "4071", "--json"))
    operator = told(zegel("operator", "add", "op@zegel.example", "--json"))
    for person in (owner, operator):
        assert person["link"].startswith("https://card.example/setup/zg_set_")
        set_password(now_scope, person["link"].rpartition("/")[2], "correct horse battery")
    tablet = counter(now_scope, made["api_key"]).scope
    session = start_staff_session(tablet, "4071")
    assert resume_staff_session(tablet, session.token).staff_id == owner["staff_id"]
    assert "address" in failed(zegel("staff", "add", *arguments))
    assert "address" in failed(zegel("operator", "add", "op@zegel.example"))


@pytest.mark.parametrize(
    "arguments",
    [
        ("device", "pair-code", "--location", "nonsense"),
        ("device", "pair-code", "--location", "01a20144-9b70-75f9-a53c-f435944c33b0"),
        ("key", "add", "--location", "01a20144-9b70-75f9-a53c-f435944c33b0"),
        ("key", "add", "--location", "01a20144-9b70-75f9-a53c-f435944c33b0", "--sandbox"),
        ("staff", "add", "a@b.example", "--role", "owner", "--merchant", "01a20144-9b70-75f9-a53c-f435944c33b0"),
        ("operator", "add", "nonsense"),
        ("card", "code", "0000000000000000"),
        ("card", "code", "00000000000000001"),
        ("token", "member", "--card", "nonsense"),
        ("token", "device", "--location", "nonsense"),
    ],
)
def test_what_is_not_there_is_one_clear_line(zegel: Zegel, arguments: tuple[str, ...]) -> None:
    assert failed(zegel(*arguments)).endswith(".")


def test_a_ledger_that_was_touched_is_told_and_fails(zegel: Zegel, now_scope: Scope, database_url: str) -> None:
    made = told(zegel("merchant", "add", "Bakkerij", "--stamps", "9", "--json"))
    [number] = [json.loads(line)["number"] for line in zegel("card", "issue", "--json").stdout.splitlines()]
    visit(counter(now_scope, made["api_key"]), number, "1")
    assert "Everything agrees." in zegel("ledger", "verify").stdout
    database = Database(open_engine(database_url))
    with database.transaction() as tx:
        tx.session.execute(text("UPDATE account SET balance = 8"))
    database.close()
    result = zegel("ledger", "verify", "--json")
    assert result.exit_code == 1
    facts = json.loads(result.stdout)
    assert list(facts) == ["transactions", "accounts", "mismatches"]
    assert facts["mismatches"]
    assert "differences" in zegel("ledger", "verify").stdout


def test_databases_that_share_a_folder_keep_their_anchors_apart(
    environment: dict[str, str], now_scope: Scope, tmp_path: Path
) -> None:
    zegel = caller(environment)
    made = told(zegel("merchant", "add", "Bakkerij", "--stamps", "9", "--json"))
    [number] = [json.loads(line)["number"] for line in zegel("card", "issue", "--json").stdout.splitlines()]
    visit(counter(now_scope, made["api_key"]), number, "1")
    var = Path(environment["ZEGEL_VAR"])
    anchors.write(now_scope, anchors.folder_of(var, environment["DATABASE_URL"]))
    other = caller({**environment, "DATABASE_URL": f"sqlite:///{tmp_path / 'other.sqlite3'}"})
    told(other("db", "upgrade", "--json"))
    assert told(other("ledger", "verify", "--json"))["mismatches"] == []
    assert told(zegel("ledger", "verify", "--json"))["transactions"] == 1


def test_a_database_made_anew_in_the_same_place_begins_without_the_old_ones_anchors(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "again.sqlite3"
    again = {**environment, "DATABASE_URL": f"sqlite:///{file}"}
    zegel = caller(again)
    told(zegel("db", "upgrade", "--json"))
    made = told(zegel("merchant", "add", "Bakkerij", "--stamps", "9", "--json"))
    [number] = [json.loads(line)["number"] for line in zegel("card", "issue", "--json").stdout.splitlines()]
    settings = config.load(again)
    database = Database(open_engine(settings.database_url))
    scope = Scope(database, settings.keys)
    visit(counter(scope, made["api_key"]), number, "1")
    anchors.write(scope, anchors.folder_of(settings.var, settings.database_url))
    database.close()
    file.unlink()
    result = zegel("db", "upgrade", "--json")
    assert result.exit_code == 0
    assert "stood here before" in result.stderr
    assert told(zegel("ledger", "verify", "--json"))["mismatches"] == []


def test_an_empty_database_says_what_to_run(environment: dict[str, str], tmp_path: Path) -> None:
    zegel = caller({**environment, "DATABASE_URL": f"sqlite:///{tmp_path / 'new.sqlite3'}"})
    assert "zegel db upgrade" in failed(zegel("card", "issue"))
    assert told(zegel("db", "upgrade", "--json"))["revision"]
    assert told(zegel("db", "upgrade", "--json"))["revision"]
    assert zegel("card", "issue").exit_code == 0


def test_a_wrong_setting_is_one_clear_line(zegel: Zegel) -> None:
    assert "DATABASE_URL" in failed(zegel("card", "issue", DATABASE_URL="mysql://x"))


def test_serving_where_somebody_listens_already_is_refused(tmp_path: Path) -> None:
    settings = {"ZEGEL_ENV": "test", "ZEGEL_VAR": str(tmp_path)}
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as the server's own sockets do
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert "in use" in failed(caller(settings)("serve", "--port", port))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = caller({})(*command.split(), "--help")
    assert result.exit_code == 0
    assert "Usage: zegel" in result.stdout


def test_help_is_quick_since_it_loads_no_part_of_the_application() -> None:
    script = (
        "import sys\nfrom app.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted(name for name in sys.modules if name in ('flask', 'sqlalchemy', 'rich', 'reportlab')))"
    )
    run = subprocess.run([sys.executable, "-c", script, "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"
    assert "merchant" in run.stdout


def test_the_same_commands_stand_under_flask(environment: dict[str, str]) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "zegel", "merchant", "add", "B", "--stamps", "3", "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", **environment},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert list(json.loads(run.stdout)) == ["merchant_id", "programme_id", "location_id", "reward_ids", "api_key"]
