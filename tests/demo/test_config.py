import tomllib
from pathlib import Path

import pytest

from monitor.config import load
from monitor.demo.config import demo_config
from monitor.demo.process import RunningZoo
from monitor.demo.zoo import Zoo


def test_the_demo_has_something_of_everything(zoo: RunningZoo):
    endpoints = tomllib.loads(Path(zoo.config).read_text())["endpoints"]
    schemes = {endpoint["url"].partition(":")[0] for endpoint in endpoints}
    assert len(endpoints) >= 16
    assert schemes >= {"http", "https", "tcp", "tls", "dns", "icmp"}
    assert len({endpoint["group"] for endpoint in endpoints}) >= 4


def test_the_demo_is_a_valid_config(zoo: RunningZoo):
    config = load(Path(zoo.config))
    assert [endpoint.name for endpoint in config.endpoints][:2] == ["Shop front", "Catalogue API"]


def test_an_unknown_server_is_noticed():
    with pytest.raises(KeyError):
        demo_config(Zoo("ca.pem", "client.pem", {}))
