"""What checks of SQL databases share."""

import pytest

from monitor.errors import FieldError
from monitor.probes import _database
from monitor.probes._database import Table
from monitor.probes.postgres import Postgres
from monitor.trace import ANSWER_LIMIT, Trace
from monitor.wire.tls import TlsOptions


def test_a_table_has_its_rows_and_its_first_cell() -> None:
    trace, table = Trace(), Table(lambda row: [row, None])
    for cell in (b"first", b"second"):
        table.add(cell)
    assert table.note(trace) == "2 rows"
    assert trace.facts == {"rows": 2, "value": "first"}
    assert trace.answer == "first | NULL\nsecond | NULL"


def test_rows_beyond_what_an_explanation_holds_are_only_counted() -> None:
    trace, table = Trace(), Table(lambda row: [row])
    for _ in range(3000):
        table.add(b"x" * 99)
    assert table.note(trace) == "3000 rows"
    assert len(trace.answer) <= ANSWER_LIMIT


def test_without_rows_there_is_no_value() -> None:
    trace = Trace()
    assert Table(lambda row: [row]).note(trace) == "0 rows"
    assert trace.facts == {"rows": 0}


@pytest.mark.parametrize(
    ("keys", "mode"),
    [
        ({"url": "postgres://a"}, "prefer"),
        ({"url": "postgres://a?sslmode=require"}, "require"),
        ({"url": "postgres://a", "tls": TlsOptions(min_version="1.3")}, "verify-full"),
        ({"url": "postgres://a", "tls": TlsOptions()}, "verify-full"),
        ({"url": "postgres://a?sslmode=disable"}, "disable"),
    ],
)
def test_tls_is_taken_as_other_clients_take_it(keys: dict[str, object], mode: str) -> None:
    assert Postgres(**keys).mode == mode  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "database"), [("postgres://a", ""), ("postgres://a/", ""), ("postgres://a/my%20shop", "my shop")]
)
def test_the_path_is_the_database(url: str, database: str) -> None:
    assert Postgres(url=url).database == database


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"url": "postgres://a?sslmode=maybe"}, "url"),
        ({"url": "postgres://a?ssl=1"}, "url"),
        ({"url": "postgres://a?sslmode=disable", "tls": TlsOptions()}, "url"),
        ({"url": "postgres://a%00b@a"}, "url"),
        ({"url": "postgres://a", "query": " "}, "query"),
        ({"url": "postgres://a", "query": "SELECT '\0'"}, "query"),
    ],
)
def test_what_cannot_be_asked_is_refused(keys: dict[str, object], key: str) -> None:
    with pytest.raises(FieldError) as caught:
        Postgres(**keys)  # type: ignore[arg-type]
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("url", "keys", "prepared"),
    [
        ("postgres://db/x?sslmode=disable", {}, None),
        ("postgres://db/x", {}, TlsOptions(verify=False)),
        ("postgres://db/x?sslmode=verify-full", {}, TlsOptions()),
        ("postgres://db/x", {"tls": TlsOptions(min_version="1.3")}, TlsOptions(min_version="1.3")),
    ],
)
def test_the_settings_of_tls_are_loaded_before_the_clock_runs(
    url: str, keys: dict[str, TlsOptions], prepared: TlsOptions | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[TlsOptions] = []
    monkeypatch.setattr(_database, "prepare_tls", loaded.append)
    Postgres(url=url, **keys).prepare()
    assert loaded == ([] if prepared is None else [prepared])
