"""`monitor validate`: every problem of every file."""

from pathlib import Path

import pytest

from monitor.cli import main

GOOD = '[[endpoints]]\nurl = "tcp://127.0.0.1:1"\n'
BAD = '[[endpoints]]\nurl = "tcp://127.0.0.1:1"\ntimeout = "soon"\nintervall = 5\n'


def test_a_valid_file_is_told_with_its_endpoints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.toml"
    file.write_text(GOOD)
    assert main(["validate", str(file)]) == 0
    said = capsys.readouterr()
    assert said.out == f"{file}: ok, 1 endpoint\n"
    assert said.err == ""


def test_every_problem_of_every_file_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, worse = tmp_path / "good.toml", tmp_path / "bad.toml", tmp_path / "worse.toml"
    good.write_text(GOOD)
    bad.write_text(BAD)
    worse.write_text("[[endpoints]\n")
    assert main(["validate", str(bad), str(good), str(worse), str(tmp_path / "missing.toml")]) == 2
    said = capsys.readouterr()
    assert said.out == f"{good}: ok, 1 endpoint\n"
    for told in (f"{bad}:3: ", f"{bad}:4: ", f"{worse}:1: ", f"{tmp_path / 'missing.toml'}:"):
        assert told in said.err


def test_warnings_are_told_and_fail_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.toml"
    file.write_text(GOOD + 'interval = "1s"\ntimeout = "3s"\n')
    assert main(["validate", str(file)]) == 0
    said = capsys.readouterr()
    assert said.out == f"{file}: ok, 1 endpoint\n"
    assert said.err.startswith(f"{file}:4: endpoints[0].timeout: warning: is longer than the interval")


def test_without_a_file_the_one_that_would_be_used_is_validated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.toml").write_text(GOOD * 1)
    monkeypatch.setenv("MONITOR_CONFIG", str(tmp_path / "mine.toml"))
    assert main(["validate"]) == 0
    assert "mine.toml: ok, 1 endpoint" in capsys.readouterr().out


def test_validating_imports_nothing_heavy(tmp_path: Path) -> None:
    import subprocess
    import sys

    file = tmp_path / "a.toml"
    file.write_text(GOOD)
    program = (
        f"import sys; from monitor.cli import main; main(['validate', {str(file)!r}]); print(*sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"httpx", "rich", "textual", "cryptography", "dns"} & set(ended.stdout.split())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_alert_that_apprise_cannot_send_is_a_warning_without_its_url(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.toml"
    urls = {"Chat": "slak://hunter2/#ops", "Mail": "mailto://ops@example.com", "Hook": "https://h.example"}
    tables = "".join(f'[[alerts]]\nname = "{name}"\nurl = "{url}"\n' for name, url in urls.items())
    file.write_text(tables + GOOD)
    assert main(["validate", str(file)]) == 0
    warning = "alert 'Chat': warning: Apprise cannot use its url"
    assert capsys.readouterr().err == f"{file}: {warning}\n"
