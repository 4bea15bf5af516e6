"""Which editor, and how it is told the line."""

import pytest

from monitor.tui.terminal.editor import editor_command, run

COMMANDS = [
    ({"EDITOR": "vim"}, ["vim", "+7", "f.toml"]),
    ({"EDITOR": "/usr/bin/nano -w"}, ["/usr/bin/nano", "-w", "+7", "f.toml"]),
    ({"EDITOR": "hx"}, ["hx", "f.toml:7"]),
    ({"EDITOR": "micro"}, ["micro", "f.toml:7"]),
    ({"VISUAL": "code", "EDITOR": "vi"}, ["code", "--wait", "-g", "f.toml:7"]),
    ({"EDITOR": "my-editor --flag 'a b'"}, ["my-editor", "--flag", "a b", "f.toml"]),
    ({"EDITOR": "it's"}, ["it's", "f.toml"]),
    ({"EDITOR": "  "}, ["vi", "+7", "f.toml"]),
    ({}, ["vi", "+7", "f.toml"]),
]


@pytest.mark.parametrize(("environ", "expected"), COMMANDS)
def test_the_command(environ, expected):
    assert editor_command(environ, "f.toml", 7, find=lambda name: name) == expected


def test_without_a_line_none_is_reported():
    assert editor_command({"EDITOR": "vi"}, "f.toml", 0) == ["vi", "f.toml"]


def test_without_any_editor_there_is_no_command():
    assert editor_command({}, "f.toml", 1, find=lambda name: None) is None


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["true"], ""),
        (["false"], "false ended with status 1"),
        (["/nowhere/vi"], "cannot run /nowhere/vi: No such file or directory"),
    ],
)
def test_what_goes_wrong_with_an_editor_is_reported(command, said):
    assert run(command) == said
