"""Arguments that several commands take."""

from argparse import ArgumentParser

import pytest

from monitor.commands._arguments import add_select, add_targets


@pytest.mark.parametrize(
    ("words", "targets", "config"),
    [
        ([], [], None),
        (["example.com", "tcp://b:1"], ["example.com", "tcp://b:1"], None),
        (["-c", "shop.toml", "example.com"], ["example.com"], "shop.toml"),
        (["--config=shop.toml"], [], "shop.toml"),
    ],
)
def test_targets_and_a_config_may_be_given(words: list[str], targets: list[str], config: str | None):
    parser = ArgumentParser()
    add_targets(parser)
    args = parser.parse_args(words)
    assert (args.targets, args.config) == (targets, config)


def test_selections_add_up():
    parser = ArgumentParser()
    add_select(parser)
    assert parser.parse_args([]).select == []
    assert parser.parse_args(["--select", "group:a", "--select", "tag:b"]).select == ["group:a", "tag:b"]
