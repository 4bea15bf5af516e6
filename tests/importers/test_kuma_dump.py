"""Dumps of MariaDB, as mariadb-dump writes them."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.errors import UsageError
from monitor.importers._kuma_dump import Dump

TABLE = """CREATE TABLE `monitor` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(150) DEFAULT NULL,
  `weight` double DEFAULT NULL,
  PRIMARY KEY (`id`),
  CONSTRAINT `p` FOREIGN KEY (`id`) REFERENCES `monitor` (`id`)
) ENGINE=InnoDB;
"""

VALUES: dict[str, tuple[str, Any]] = {
    "a text": ("'a'", "a"),
    "an empty text": ("''", ""),
    "a quote": (r"'it\'s'", "it's"),
    "a quote that is doubled": ("'it''s'", "it's"),
    "a backslash at the end": (r"'a\\'", "a\\"),
    "line breaks and others": (r"'\n\r\t\"\Z\0'", '\n\r\t"\x1a\0'),
    "what ends a statement elsewhere": ("'); DROP TABLE x; --'", "); DROP TABLE x; --"),
    "another language": ("'ü → 日本'", "ü → 日本"),
    "a binary text": ("_binary 'a'", "a"),
    "nothing": ("NULL", None),
    "a whole number": ("-42", -42),
    "a fraction": ("1.5", 1.5),
    "bytes": ("0x6162", "0x6162"),
}


@pytest.mark.parametrize(("written", "value"), VALUES.values(), ids=VALUES)
def test_a_value_is_read_as_it_was(written: str, value: Any):
    dump = Dump(f"{TABLE}INSERT INTO `monitor` VALUES\n(1,{written},NULL),\n(2,'next',2);\n", "file", 10)
    assert dump.rows("monitor") == [
        {"id": 1, "name": value, "weight": None},
        {"id": 2, "name": "next", "weight": 2},
    ]


def test_columns_may_stand_in_the_insert():
    dump = Dump(
        "INSERT INTO `tag` (`id`, `name`) VALUES (1,'a');\nINSERT INTO `tag` VALUES (1);\n", "file", 10
    )
    with pytest.raises(UsageError, match="file:2: has a row that does not fit"):
        dump.rows("tag")
    assert Dump("INSERT INTO `tag` (`id`) VALUES (1);", "file", 10).rows("tag") == [{"id": 1}]


def test_rows_of_another_table_are_not_mixed_in():
    other = "INSERT INTO `heartbeat` VALUES (1,'INSERT INTO `monitor` VALUES (9)');\n"
    assert Dump(f"{TABLE}{other}", "file", 10).rows("monitor") == []


def test_a_dump_knows_its_tables():
    dump = Dump(TABLE, "file", 10)
    assert "monitor" in dump
    assert "proxy" not in dump
