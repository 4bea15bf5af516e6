"""Which endpoints depend on which."""

from virtual import endpoint

from monitor.engine.dependencies import relate
from monitor.engine.schedule import Grid
from monitor.engine.watched import Watched


def watched(name: str, *needed: str) -> Watched:
    return Watched(0, endpoint(name, depends_on=needed), Grid(0.0, 10.0), 60, wall=0.0, now=0.0)


def test_both_sides_know_of_each_other_in_the_order_of_the_config() -> None:
    gateway, shop, blog = watched("gateway"), watched("shop", "gateway", "blog"), watched("blog", "gateway")
    relate([gateway, shop, blog])
    assert shop.dependencies == (gateway, blog)
    assert gateway.dependents == [shop, blog]
    assert (gateway.dependencies, blog.dependents, shop.dependents) == ((), [shop], [])


def test_what_no_longer_holds_is_forgotten() -> None:
    gateway, shop = watched("gateway"), watched("shop", "gateway")
    relate([gateway, shop])
    shop.become(endpoint("shop"), Grid(0.0, 10.0))
    relate([gateway, shop])
    assert (shop.dependencies, gateway.dependents) == ((), [])


def test_what_is_not_watched_is_no_dependency() -> None:
    shop = watched("shop", "elsewhere")
    relate([shop])
    assert shop.dependencies == ()
