"""The notifier's process, as the engine starts it."""

import subprocess

import msgspec
from monitor_command import monitor

from monitor.alerts.delivery import Delivery, Outcome


def test_deliveries_come_in_and_outcomes_go_out_and_it_ends_with_its_input(sink):
    sink.statuses = [204, 500]
    deliveries = [
        Delivery(id="1", message="m", url=sink.url, kind="down", at=0.0, title="", text="", body=b"{}"),
        Delivery(id="2", message="m", url="exec:false", kind="down", at=0.0, title="", text="", body=b"{}"),
    ]
    command = monitor("notifier")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        for one in deliveries:
            process.stdin.write(msgspec.json.encode(one) + b"\n")
        process.stdin.flush()
        outcomes = [msgspec.json.decode(process.stdout.readline(), type=Outcome) for _ in deliveries]
        process.stdin.close()
        assert process.wait(20) == 0
    assert {one.id: one.error for one in outcomes} == {"1": "", "2": "the command ended with status 1"}
