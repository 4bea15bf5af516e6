"""Which locations are there."""

from __future__ import annotations

from monitor.cluster.presence import FORGOTTEN_AFTER, GONE_AFTER, Presence
from monitor.cluster.protocol import Beat


def test_a_location_is_online_while_one_of_its_agents_is_heard():
    presence = Presence()
    presence.accept("eu", Beat(agent="a"), 100.0)
    presence.accept("eu", Beat(agent="b"), 105.0)
    assert presence.online(105.0 + GONE_AFTER) == {"eu"}
    assert presence.online(105.1 + GONE_AFTER) == frozenset()


def test_an_agent_that_is_cut_off_does_not_count_but_is_known():
    presence = Presence()
    presence.accept("eu", Beat(agent="a", online=False), 100.0)
    assert (presence.online(100.0), presence.known(100.0)) == (frozenset(), {"eu"})


def test_an_agent_that_leaves_is_gone_at_once():
    presence = Presence()
    presence.accept("eu", Beat(agent="a"), 100.0)
    presence.accept("eu", Beat(agent="a", leaving=True), 100.5)
    assert presence.online(101.0) == frozenset()


def test_a_location_is_forgotten_after_an_hour():
    presence = Presence()
    presence.accept("eu", Beat(agent="a"), 100.0)
    presence.forget(100.0 + FORGOTTEN_AFTER)
    assert presence.known(100.0 + FORGOTTEN_AFTER) == {"eu"}
    presence.forget(100.1 + FORGOTTEN_AFTER)
    assert presence.known(100.0) == frozenset()
