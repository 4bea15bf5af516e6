"""Which endpoints `monitor ack` means; the command itself is tested with `monitor status`."""

from __future__ import annotations

import pytest

from monitor.commands.ack import _handles
from monitor.errors import UsageError
from monitor.link.messages import EndpointInfo


def info(handle: int, id: str, name: str) -> EndpointInfo:
    return EndpointInfo(handle=handle, id=id, name=name, kind="tcp", target="tcp://x:1")


CARDS = (info(1, "shop-front", "Shop front"), info(2, "shop-db", "Shop [db]"), info(3, "mail", "group:mail"))
CARDS += (
    info(4, "mail-2", "mail 2"),
    info(5, "mail-3", "mail 3"),
    info(6, "web", "web*"),
    info(7, "web-2", "web 2"),
)


@pytest.mark.parametrize(
    ("names", "handles"),
    [
        (["Shop front"], (1,)),
        (["shop FRONT"], (1,)),
        (["shop-db"], (2,)),
        (["Shop [db]"], (2,)),
        (["Shop*"], (1, 2)),
        (["group:mail", "Shop front"], (3, 1)),
        (["mail*"], (4, 5)),
        (["web*"], (6,)),
    ],
)
def test_a_name_an_id_or_a_glob_will_do(names: list[str], handles: tuple[int, ...]):
    assert _handles(names, CARDS) == handles


def test_a_name_that_no_endpoint_has_is_refused():
    with pytest.raises(UsageError, match="no endpoint is called 'shop'"):
        _handles(["Shop front", "shop"], CARDS)
