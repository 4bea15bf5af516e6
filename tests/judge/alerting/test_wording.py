"""The title and the text of a message."""

from dataclasses import replace

import pytest
from simulation import alert, endpoint

from monitor.judge.alerting.wording import write
from monitor.model import Cause, Entry, Kind, Message, Reason, State

SHOP = replace(endpoint("Shop"), runbook="https://wiki/shop", group="web")


def entry(kind: Kind = Kind.DOWN, id: str = "Shop", **keys) -> Entry:
    usual = {"at": 1_700_000_010.0, "state": State.DOWN, "incident": "i", "began": 1_700_000_000.0}
    return Entry(
        endpoint=id, kind=kind, **{**usual, "reason": Reason.READ_TIMEOUT, "text": "no answer", **keys}
    )


def message(*entries: Entry, kind: Kind | None = None, **keys) -> Message:
    return Message(
        id="m", alert="ops", kind=kind or entries[0].kind, at=1_700_000_130.0, entries=entries, **keys
    )


@pytest.mark.parametrize(
    ("one", "title", "text"),
    [
        (entry(), "Shop is down", "Shop is down since 2023-11-14T22:13:20Z: no answer"),
        (
            entry(Kind.UP, ended=1_700_000_120.0),
            "Shop is up again after 2m",
            "Shop was down from 2023-11-14T22:13:20Z to 2023-11-14T22:15:20Z (2m): no answer",
        ),
        (
            entry(Kind.REMINDER),
            "Shop is still down, for 2m10s",
            "Shop is still down since 2023-11-14T22:13:20Z: no answer",
        ),
        (
            entry(Kind.DEGRADED, text="slow"),
            "Shop is degraded",
            "Shop is degraded since 2023-11-14T22:13:30Z: slow",
        ),
        (
            entry(Kind.FLAPPING, text="began"),
            "Shop is flapping",
            "Shop goes up and down again and again; it is down now",
        ),
        (entry(Kind.FLAPPING, text="ended"), "Shop no longer flaps", "Shop no longer flaps; it is down now"),
        (
            entry(Kind.CERTIFICATE, text="9 days"),
            "Shop: the certificate expires soon",
            "Shop: the certificate expires soon: 9 days",
        ),
        (
            entry(Kind.SLOWER, text="tls is 4 × slower than usual: 68.0 ms, usually 17.0 ms"),
            "Shop: tls is 4 × slower than usual",
            "Shop: since 2023-11-14T22:13:30Z, tls is 4 × slower than usual: 68.0 ms, usually 17.0 ms",
        ),
        (
            entry(Kind.SLOWER, text="ended"),
            "Shop is no longer slower than usual",
            "Shop is no longer slower than usual; it was slower since 2023-11-14T22:13:30Z",
        ),
    ],
)
def test_a_message_says_what_is_and_since_when(one: Entry, title: str, text: str) -> None:
    said = write(message(one), alert(), {"Shop": SHOP}, str)
    runbook = "" if one.kind is Kind.UP else "\nRunbook: https://wiki/shop"
    assert said == (title, text + runbook)


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        ([Kind.DOWN], True),
        ([Kind.REMINDER], True),
        ([Kind.UP], False),
        ([Kind.DEGRADED], False),
        ([Kind.DOWN, Kind.DOWN], False),
    ],
)
def test_a_message_about_one_endpoint_says_where_its_network_path_ends(kinds: list[Kind], told: bool) -> None:
    entries = [entry(kind, incident="1") for kind in kinds]
    paths = {"1": "stops at hop 1, 10.0.0.1: the target does not answer\x1b[2J"}
    _, text = write(message(*entries), alert(), {}, str, paths=paths)
    line = "\nNetwork path: stops at hop 1, 10.0.0.1: the target does not answer␛[2J"
    assert (line in text) is told
    _, short = write(message(*entries), alert(), {}, str, listed=1, paths=paths)
    assert "\n" not in short


def test_a_digest_lists_its_endpoints_and_what_they_have_in_common() -> None:
    many = [entry(id=f"e{number}") for number in range(30)]
    title, text = write(
        message(*many, kind=Kind.DIGEST, cause=Cause(kind="host", value="x", count=30)), alert(), {}, str
    )
    assert title == "30 endpoints are down"
    lines = text.splitlines()
    assert lines[0] == "In common: host x (30 endpoints)"
    assert lines[-1] == "… and 10 more"
    assert len(lines) == 22


@pytest.mark.parametrize(
    ("count", "listed", "cause", "lines"),
    [
        (
            30,
            5,
            None,
            ["e0 is down", "e1 is down", "e2 is down", "e3 is down", "e4 is down", "… and 25 more"],
        ),
        (30, 1, None, ["e0 is down … and 29 more"]),
        (30, 1, Cause(kind="host", value="x", count=30), ["In common: host x (30 endpoints)"]),
        (1, 1, None, ["e0 is down"]),
    ],
)
def test_a_text_for_chat_is_short_and_for_a_pager_one_line(count, listed, cause, lines) -> None:
    many = [entry(id=f"e{number}") for number in range(count)]
    _, text = write(message(*many, cause=cause), alert(), {}, str, listed=listed)
    said = text.replace(" since 2023-11-14T22:13:20Z: no answer", "")
    assert said.splitlines() == lines


def test_what_the_limit_held_back_is_counted() -> None:
    two = (entry(), entry(Kind.UP, id="b"))
    assert (
        write(message(*two, kind=Kind.DIGEST, more=7), alert(), {}, str)[0]
        == "7 more messages: 1 down, 1 up again"
    )


def test_templates_replace_the_usual_words() -> None:
    rule = alert(
        title="[{alert}] {state}: {name}", body="{cause} ({reason}) {count} {group} {runbook} {duration}"
    )
    title, text = write(message(entry()), rule, {"Shop": SHOP}, str)
    assert title == "[ops] down: Shop"
    assert text == "no answer (read_timeout) 1 web https://wiki/shop 2m10s"


def test_secrets_and_what_a_terminal_would_obey_reach_no_message() -> None:
    hostile = entry(text="\x1b[31mred\x1b[0m \u202e s3cret")
    title, text = write(
        message(hostile),
        alert(),
        {"Shop": replace(SHOP, name="S\x07 s3cret")},
        lambda text: text.replace("s3cret", "•••"),
    )
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "s3cret" not in title + text
    assert "\x07" not in title


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("expected ok, got @everyone", "expected ok, got @ everyone"),
        ("<!channel> <@U123> &lt;!here&gt; @HERE!", "< ! channel> < @U123> &lt;! here&gt; @ HERE!"),
        ("550 bob@all.example is unknown; wait!", "550 bob@all.example is unknown; wait!"),
    ],
)
def test_what_a_server_sends_notifies_nobody_in_a_chat(sent: str, shown: str) -> None:
    _, text = write(message(entry(text=sent)), alert(body="@here {cause}"), {}, str)
    assert text == f"@here {shown}"


def test_a_digest_counts_ends_as_ends() -> None:
    ended = [entry(Kind.SLOWER, id=name, text="ended") for name in ("Shop", "Bank")]
    title, _ = write(message(*ended, kind=Kind.DIGEST), alert(), {}, str)
    assert title == "2 endpoints are no longer slower than usual"
    began = entry(Kind.SLOWER, id="Mill", text="tls is 4 × slower than usual: 68.0 ms, usually 17.0 ms")
    title, _ = write(message(*ended, began, kind=Kind.DIGEST), alert(body="{cause}"), {}, str)
    assert title == "2 no longer slower than usual, 1 slower than usual"


def test_a_template_of_an_end_names_no_cause() -> None:
    rule = alert(title="{kind}", body="cause: {cause}")
    assert write(message(entry(Kind.SLOWER, text="ended")), rule, {}, str) == ("slower", "cause: ")
