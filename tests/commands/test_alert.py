"""`monitor alert test`."""

from pathlib import Path

import pytest

from monitor.cli import main


@pytest.fixture
def config(tmp_path: Path, sink) -> str:
    file = tmp_path / "m.toml"
    file.write_text(
        f'[[alerts]]\nname = "Hook"\nurl = "{sink.url}"\n[[alerts]]\nname = "Bad"\nurl = "exec:false"\n'
    )
    return str(file)


def test_each_alert_gets_a_message_marked_as_a_test(config, sink, capsys):
    assert main(["alert", "test", "-c", config]) == 1
    told = capsys.readouterr()
    assert told.out == "Hook: delivered\n"
    assert told.err == "Bad: not delivered: the command ended with status 1\n"
    (document,) = sink.wait(1)
    assert (document["kind"], document["alert"], document["endpoints"]) == ("test", "Hook", [])


def test_only_the_named_ones_are_tried(config, sink):
    assert main(["alert", "test", "Hook", "-c", config]) == 0
    assert len(sink.received) == 1


@pytest.mark.parametrize(("names", "said"), [(["Nope"], "no alert named Nope; there is Hook, Bad")])
def test_an_unknown_name_is_2_with_a_message(config, names, said, capsys):
    assert main(["alert", "test", *names, "-c", config]) == 2
    assert said in capsys.readouterr().err


def test_a_config_without_alerts_is_2_with_a_message(tmp_path, capsys):
    (tmp_path / "m.toml").write_text("")
    assert main(["alert", "test", "-c", str(tmp_path / "m.toml")]) == 2
    assert "there are no [[alerts]]" in capsys.readouterr().err
