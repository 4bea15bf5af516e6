"""Where Uptime Kuma's settings come from: a backup or a database give the same config."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import UsageError
from monitor.importers import imported
from monitor.importers._kuma_source import by_second, normal, read_source

BACKUP: dict[str, Any] = {
    "monitorList": [
        {"id": 1, "name": "core", "type": "group"},
        {
            "id": 2,
            "name": "a",
            "type": "http",
            "url": "https://a.example",
            "parent": 1,
            "interval": 60,
            "retryInterval": 30,
            "accepted_statuscodes": ["200-299", "404"],
            "tags": [{"name": "env", "value": "prod"}],
            "notificationIDList": {"7": True},
            "proxyId": 3,
        },
    ],
    "notificationList": [
        {"id": 7, "name": "n", "config": '{"type": "ntfy", "ntfytopic": "t"}', "active": True}
    ],
    "proxyList": [{"id": 3, "protocol": "http", "host": "p", "port": 8080}],
}
DATABASE = """
CREATE TABLE monitor (id INTEGER, name TEXT, type TEXT, url TEXT, parent INTEGER, interval INTEGER,
  retry_interval INTEGER, accepted_statuscodes_json TEXT, proxy_id INTEGER, active INTEGER DEFAULT 1,
  packet_size INTEGER DEFAULT 56);
INSERT INTO monitor (id, name, type, interval) VALUES (1, 'core', 'group', 20);
INSERT INTO monitor (id, name, type, url, parent, interval, retry_interval, accepted_statuscodes_json,
  proxy_id) VALUES (2, 'a', 'http', 'https://a.example', 1, 60, 30, '["200-299", "404"]', 3);
CREATE TABLE tag (id INTEGER, name TEXT, color TEXT);
INSERT INTO tag VALUES (1, 'env', '#fff');
CREATE TABLE monitor_tag (id INTEGER, monitor_id INTEGER, tag_id INTEGER, value TEXT);
INSERT INTO monitor_tag VALUES (1, 2, 1, 'prod');
CREATE TABLE notification (id INTEGER, name TEXT, active INTEGER, config TEXT);
INSERT INTO notification VALUES (7, 'n', 1, '{"type": "ntfy", "ntfytopic": "t"}');
CREATE TABLE monitor_notification (id INTEGER, monitor_id INTEGER, notification_id INTEGER);
INSERT INTO monitor_notification VALUES (1, 2, 7);
CREATE TABLE proxy (id INTEGER, protocol TEXT, host TEXT, port INTEGER);
INSERT INTO proxy VALUES (3, 'http', 'p', 8080);
"""


DUMP = """-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)
CREATE TABLE `monitor` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `name` varchar(150) DEFAULT NULL,
  `type` varchar(20) DEFAULT NULL,
  `url` text DEFAULT NULL,
  `parent` int(10) unsigned DEFAULT NULL,
  `interval` int(11) NOT NULL DEFAULT 20,
  `retry_interval` int(11) NOT NULL DEFAULT 0,
  `accepted_statuscodes_json` text NOT NULL DEFAULT '["200-299"]',
  `proxy_id` int(10) unsigned DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `k` (`name`)
) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=utf8mb4;
LOCK TABLES `monitor` WRITE;
INSERT INTO `monitor` VALUES
(1,'core','group',NULL,NULL,20,0,'[\\"200-299\\"]',NULL),
(2,'a','http','https://a.example',1,60,30,'[\\"200-299\\", \\"404\\"]',3);
UNLOCK TABLES;
CREATE TABLE `tag` (
  `id` int(11),
  `name` text
);
INSERT INTO `tag` VALUES (1,'env');
CREATE TABLE `monitor_tag` (
  `monitor_id` int(11),
  `tag_id` int(11),
  `value` text
);
INSERT INTO `monitor_tag` VALUES (2,1,'prod');
CREATE TABLE `notification` (
  `id` int(11),
  `name` text,
  `active` tinyint(1),
  `config` longtext
);
INSERT INTO `notification` VALUES (7,'n',1,'{\\"type\\": \\"ntfy\\", \\"ntfytopic\\": \\"t\\"}');
INSERT INTO `monitor_notification` (`id`, `monitor_id`, `notification_id`) VALUES (1,2,7);
INSERT INTO `proxy` (`id`, `protocol`, `host`, `port`) VALUES (3,'http','p',8080);
"""


def test_backup_database_and_dump_come_to_the_same_config(tmp_path: Path):
    backup, database, dump = tmp_path / "backup.json", tmp_path / "kuma.db", tmp_path / "kuma.sql"
    backup.write_text(json.dumps(BACKUP))
    dump.write_text(DUMP)
    with closing(sqlite3.connect(database)) as made:
        made.executescript(DATABASE)
    texts = [imported("uptime-kuma", file).text.partition("\n")[2] for file in (backup, database, dump)]
    assert texts[0] == texts[1] == texts[2]
    assert 'tags = ["env:prod"]' in texts[0]
    assert 'expect.status = ["2xx", 404]' in texts[0]
    assert 'proxy = "http://p:8080"' in texts[0]


def test_what_is_not_read_of_a_backup_or_a_database_is_left(tmp_path: Path):
    backup, database = tmp_path / "backup.json", tmp_path / "kuma.db"
    backup.write_text(
        json.dumps({**BACKUP, "version": "1.23", "statusPageList": {"1": {}}, "settings": {"a": 1}})
    )
    with closing(sqlite3.connect(database)) as made:
        made.executescript(
            DATABASE + "CREATE TABLE status_page (id INTEGER); INSERT INTO status_page VALUES (1);"
        )
    assert read_source(backup).left.keys() == {"statusPageList", "settings"}
    assert read_source(database).left.keys() == {"status_page"}
    assert "status_page: status pages are not carried over" in "\n".join(
        imported("uptime-kuma", database).notes
    )


def test_a_database_in_use_is_read_with_its_log(tmp_path: Path):
    database = tmp_path / "kuma.db"
    with closing(sqlite3.connect(database)) as used:
        used.execute("PRAGMA journal_mode = WAL")
        used.executescript(DATABASE)
        used.execute("UPDATE monitor SET name = 'newest' WHERE id = 2")
        used.commit()
        assert (tmp_path / "kuma.db-wal").stat().st_size
        assert "newest" in [one["name"] for one in read_source(database).monitors]


def test_a_database_without_its_log_is_read_without_leaving_files(tmp_path: Path):
    database = tmp_path / "kuma.db"
    with closing(sqlite3.connect(database)) as made:
        made.execute("PRAGMA journal_mode = WAL")
        made.executescript(DATABASE)
    assert read_source(database).monitors
    assert [file.name for file in tmp_path.iterdir()] == ["kuma.db"]


def test_a_database_whose_log_is_elsewhere_says_so(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "used.db")) as used:
        used.execute("PRAGMA journal_mode = WAL")
        used.executescript(DATABASE)
        (tmp_path / "kuma.db").write_bytes((tmp_path / "used.db").read_bytes())
    with pytest.raises(UsageError, match=r"is kuma\.db-wal beside it"):
        read_source(tmp_path / "kuma.db")


@pytest.mark.parametrize("length", [50, 120, 4096, 10_000])
def test_a_database_that_was_cut_off_is_refused(length: int, tmp_path: Path):
    database = tmp_path / "kuma.db"
    with closing(sqlite3.connect(database)) as made:
        made.executescript(DATABASE)
    database.write_bytes(database.read_bytes()[:length])
    with pytest.raises(UsageError, match="cannot be read as a database of SQLite"):
        read_source(database)


def test_the_database_is_not_written_to(tmp_path: Path):
    database = tmp_path / "kuma.db"
    with closing(sqlite3.connect(database)) as made:
        made.executescript(DATABASE)
    before = database.read_bytes()
    read_source(database)
    assert database.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["kuma.db"]


def test_links_are_found_by_either_end():
    assert by_second([("1", "a"), ("2", "b"), ("3", "a")]) == {"a": ["1", "3"], "b": ["2"]}


def test_names_have_one_shape():
    assert normal({"retry_interval": 1, "pushToken": 2}) == {"retryinterval": 1, "pushtoken": 2}


def test_another_json_file_is_refused(tmp_path: Path):
    file = tmp_path / "a.json"
    file.write_text("{}")
    with pytest.raises(UsageError, match="no monitorList"):
        read_source(file)
