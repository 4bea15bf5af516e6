"""Whatever a peer sends, a check ends in time with a reason, in words that harm nobody.

A short run of ``python tests/fuzz``, the same examples each time.
"""

from random import Random

import pytest
from mutation import CHANGES, mutated
from targets import TARGETS

EXAMPLES = 40


@pytest.mark.parametrize("name", TARGETS)
async def test_nothing_that_a_peer_sends_breaks_a_promise(name: str) -> None:
    target = TARGETS[name]
    for number in range(EXAMPLES):
        random = Random(f"{name} {number}")
        data = mutated(random.choice(target.seeds), random)
        try:
            await target.run(data)
        except Exception as error:
            raise AssertionError(f"{name} {number}: {data!r}") from error


@pytest.mark.parametrize("name", TARGETS)
async def test_what_is_in_order_is_read(name: str) -> None:
    for data in TARGETS[name].seeds:
        await TARGETS[name].run(data)


def test_mutations_can_be_had_again() -> None:
    assert mutated(b"hello", Random(1)) == mutated(b"hello", Random(1))


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_works_on_nothing_at_all(change: object) -> None:
    assert callable(change)
    for number in range(50):
        change(bytearray(), Random(number))
