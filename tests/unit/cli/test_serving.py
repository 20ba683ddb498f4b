from app.cli import serving


def test_sqlite_is_served_by_one_process_whatever_is_asked() -> None:
    assert serving.processes_for("sqlite:////var/zegel.sqlite", 8) == 1


def test_postgresql_is_served_by_as_many_as_asked() -> None:
    assert serving.processes_for("postgresql+psycopg://db/zegel", 8) == 8
    assert serving.processes_for("postgresql+psycopg://db/zegel", None) >= 1
