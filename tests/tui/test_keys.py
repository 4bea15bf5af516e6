"""The tables of keys."""

import pytest
from textual.binding import Binding

from monitor.tui import keys

TABLES = {"table": keys.TABLE, "overview": keys.OVERVIEW, "everywhere": keys.EVERYWHERE}


def test_every_key_has_a_name_to_remap_it_by_and_no_name_two_keys():
    shown = [binding for table in TABLES.values() for binding in table if binding.show]
    names = [binding.id for binding in shown]
    assert all(names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("table", TABLES)
def test_no_key_means_two_things(table):
    taken = [
        key for binding in TABLES[table] + keys.EVERYWHERE * (table != "everywhere") for key in _keys(binding)
    ]
    assert len(set(taken)) == len(taken)


def _keys(binding: Binding) -> list[str]:
    return binding.key.split(",")
