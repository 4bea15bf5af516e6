"""Commands run as checks: their exit status, their output, and their end."""

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from monitor.checks.run_probe import run_probe
from monitor.config import load
from monitor.demo.process import RunningZoo
from monitor.errors import FieldError
from monitor.judge.verdict import judge
from monitor.model import Measure, Observation, Reason, Status
from monitor.probes.exec import OUTPUT_LIMIT, Exec, performance


async def run(command: str, timeout: float = 20, **keys: object) -> Observation:
    return await run_probe(Exec(url=f"exec:{command}", **keys), timeout)  # type: ignore[arg-type]


def script(folder: Path, text: str) -> str:
    file = folder / "plugin"
    file.write_text(f"#!{sys.executable}\n{text}")
    file.chmod(0o755)
    return str(file)


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        (0, Status.UP, None),
        (1, Status.DEGRADED, None),
        (2, Status.DOWN, Reason.COMMAND_FAILED),
        (3, Status.DOWN, Reason.COMMAND_FAILED),
        (77, Status.DOWN, Reason.COMMAND_FAILED),
    ],
)
async def test_the_exit_status_is_the_verdict(code: int, status: Status, reason: Reason | None) -> None:
    result = judge("x", await run(f"sh -c 'exit {code}'"), (), ())
    assert (result.status, result.reason) == (status, reason)


async def test_the_first_line_without_its_performance_data_is_the_message() -> None:
    seen = await run("printf 'PING OK - rta 0.05 ms|rta=0.05ms;100;500 pl=0%%\\nmore\\n'")
    assert seen.message == "PING OK - rta 0.05 ms"
    assert seen.facts["performance"] == {"rta": Measure(0.05, "ms", "100", "500"), "pl": Measure(0.0, "%")}
    assert judge("x", seen, (), ()).performance == seen.facts["performance"]


@pytest.mark.parametrize(
    ("code", "message", "answer"),
    [
        ("echo careful >&2; echo DISK OK", "DISK OK", "DISK OK\n\nstandard error:\ncareful\n"),
        ("echo; echo DISK OK; echo more", "DISK OK", "\nDISK OK\nmore\n"),
        ("echo no locale >&2", "no locale", "standard error:\nno locale\n"),
        ("echo ' ' ; echo broken >&2; exit 2", "exit status 2: broken", "standard error:\nbroken\n"),
    ],
)
async def test_the_message_is_standard_output_unless_that_is_empty(
    tmp_path: Path, code: str, message: str, answer: str
) -> None:
    file = tmp_path / "plugin"
    file.write_text(f"#!/bin/sh\n{code}\n")
    file.chmod(0o755)
    seen = await run(str(file))
    assert seen.message == message
    assert seen.explanation is not None
    assert seen.explanation.answer == answer


@pytest.mark.parametrize("piece", ["a", "'", " '", "a=", "1.", "'a "])
def test_long_output_is_searched_in_no_time(piece: str) -> None:
    begun = time.process_time()
    performance("OK |" + piece * (OUTPUT_LIMIT // len(piece)))
    assert time.process_time() - begun < 1


async def test_a_secret_stays_one_argument_and_is_shown_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLUGIN_KEY", "two words 'and a quote")
    plugin = script(tmp_path, 'import sys; print(len(sys.argv), sys.argv[2] == "two words \'and a quote")')
    file = tmp_path / "monitor.toml"
    file.write_text(f'[[endpoints]]\nurl = "exec:{plugin} --key ${{PLUGIN_KEY}}"')
    (endpoint,) = load(file).endpoints
    seen = await run_probe(endpoint.probe, 20)
    assert seen.message == "3 True"
    assert "quote" not in f"{seen.explanation} {endpoint.probe.target} {endpoint.name}"


PLUGINS = Path("/usr/lib/nagios/plugins")


@pytest.fixture(scope="module")
def plugins() -> Path:
    """Where Debian puts the monitoring plugins."""
    if not (PLUGINS / "check_dummy").exists():
        complain = pytest.fail if os.environ.get("CI") else pytest.skip
        complain("monitoring-plugins-basic is not installed")
    return PLUGINS


@pytest.mark.parametrize(
    ("state", "status", "message"),
    [
        (0, Status.UP, "OK: fine"),
        (1, Status.DEGRADED, "WARNING: fine"),
        (2, Status.DOWN, "exit status 2: CRITICAL: fine"),
        (3, Status.DOWN, "exit status 3: UNKNOWN: fine"),
    ],
)
async def test_a_real_plugin_is_understood(plugins: Path, state: int, status: Status, message: str) -> None:
    result = judge("x", await run(f"{plugins}/check_dummy {state} fine"), (), ())
    assert (result.status, result.message) == (status, message)


async def test_what_a_real_plugin_measures_is_kept(plugins: Path, zoo: RunningZoo) -> None:
    host, _, port = zoo.addresses["http"].partition(":")
    seen = await run(f"{plugins}/check_http -I {host} -p {port} -u /healthy -w 8 -c 9")
    result = judge("x", seen, (), ())
    assert (result.status, result.message[:8]) == (Status.UP, "HTTP OK:")
    assert result.performance is not None
    assert result.performance.keys() >= {"time", "size"}
    time_taken = result.performance["time"]
    assert (time_taken.unit, time_taken.warn, time_taken.crit) == ("s", "8.000000", "9.000000")


async def test_a_real_plugin_that_finds_nobody_is_down(plugins: Path, zoo: RunningZoo) -> None:
    host, _, port = zoo.addresses["refused"].partition(":")
    seen = await run(f"{plugins}/check_tcp -H {host} -p {port}")
    assert seen.reason is Reason.COMMAND_FAILED
    assert "refused" in seen.message


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("OK", {}),
        ("OK | 'free space'=12.5GB;;;0;100", {"free space": Measure(12.5, "GB")}),
        ("OK | a=1 b=-2.5 c=1e3", {"a": Measure(1.0), "b": Measure(-2.5), "c": Measure(1000.0)}),
        ("OK | load1=0.5;@10:20;~:30;0", {"load1": Measure(0.5, "", "@10:20", "~:30")}),
        ("OK | 'it''s'=3", {"it's": Measure(3.0)}),
        ("OK | a=1\nlong text\n| b=2\nc=3", {"a": Measure(1.0), "b": Measure(2.0), "c": Measure(3.0)}),
        ("OK | a\x1b[2J=1\x1b", {"a␛[2J": Measure(1.0, "␛")}),
        ("OK | " + " ".join(f"a{n}=1" for n in range(200)), {f"a{n}": Measure(1.0) for n in range(100)}),
        ("OK | unknown=U;1;2", {}),
        ("OK | a=1,5s b=2", {"a": Measure(1.5, "s"), "b": Measure(2.0)}),
        ("OK | a=1,000,000 b=0x10 c=1e999 d=2%", {"d": Measure(2.0, "%")}),
    ],
)
def test_performance_data_is_read_as_the_guidelines_have_it(output: str, expected: dict[str, float]) -> None:
    assert performance(output) == expected


async def test_no_shell_looks_at_the_command() -> None:
    seen = await run("echo '$HOME' ; echo `id`")
    assert seen.message == "$HOME ; echo `id`"


async def test_a_missing_program_is_this_machines_fault() -> None:
    seen = await run("/no/such/program --flag")
    assert seen.reason is Reason.LOCAL_ERROR
    assert "/no/such/program" in seen.message


async def test_variables_reach_the_command() -> None:
    assert (await run("sh -c 'echo $GREETING'", env={"GREETING": "hello"})).message == "hello"


async def test_output_without_end_is_cut_and_does_not_stop_the_command(tmp_path: Path) -> None:
    plugin = script(tmp_path, "import sys\nfor _ in range(64): sys.stdout.write('x' * 65536)\n")
    seen = await run(plugin)
    assert seen.reason is None
    assert len(seen.facts["reply"]) == OUTPUT_LIMIT


async def test_a_grandchild_that_keeps_the_output_open_does_not_delay_the_verdict() -> None:
    began = time.monotonic()
    assert (await run("sh -c 'sleep 300 & echo done'")).message == "done"
    assert time.monotonic() - began < 60


async def test_the_whole_process_group_ends_with_the_timeout(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    os.mkfifo(pids)
    check = asyncio.create_task(run(f"sh -c 'sleep 300 & echo $! > {pids}; wait'", timeout=1))
    child = int(await asyncio.to_thread(pids.read_text))
    assert (await check).reason is Reason.READ_TIMEOUT
    for _ in range(1000):
        if not Path(f"/proc/{child}").exists() or "\nState:\tZ" in Path(f"/proc/{child}/status").read_text():
            return
        await asyncio.sleep(0.01)
    pytest.fail("the grandchild lives on")


async def test_a_command_ended_by_a_signal_says_which() -> None:
    assert "SIGKILL" in (await run("sh -c 'kill -9 $$'")).message


async def test_escape_codes_in_the_output_do_not_reach_the_message() -> None:
    assert "\x1b" not in (await run("printf '\\033[2Jboo'")).message


@pytest.mark.parametrize("url", ["exec:", "exec:  ", "exec:'open"])
def test_a_url_without_a_command_is_refused(url: str) -> None:
    with pytest.raises(FieldError):
        Exec(url=url)


async def test_checks_leave_no_descriptor_behind() -> None:
    await run("true")
    before = list(Path("/proc/self/fd").iterdir())
    for _ in range(5):
        await run("true")
    assert len(list(Path("/proc/self/fd").iterdir())) == len(before)


async def test_a_check_that_is_cancelled_while_its_command_starts_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()
    start = asyncio.create_subprocess_exec

    async def starting(*command: str, **options: object) -> asyncio.subprocess.Process:
        process = await start(*command, **options)  # type: ignore[arg-type]
        started.set()
        await go_on.wait()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", starting)
    os.mkfifo(tmp_path / "alive")
    checking = asyncio.create_task(
        run(script(tmp_path, f"import os\nos.system('sleep 60 3>{tmp_path}/alive')"))
    )
    alive = await asyncio.to_thread((tmp_path / "alive").open)
    with alive:
        await started.wait()
        checking.cancel()
        await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await checking
        assert await asyncio.to_thread(alive.read) == ""  # nobody holds the other end any more
