"""The samples of a past moment, in parts."""

from fake_source import NOW, info, row

from monitor.link.messages import Changes, Snapshot
from monitor.tui.data.board import SAMPLES, Board
from monitor.tui.data.past_samples import PART, PastSamples


class Past:
    """A board of many endpoints; keeps which samples were asked for."""

    def __init__(self, count=2 * PART + 5):
        self.board = Board(clock=lambda: NOW)
        infos, rows = [info(n) for n in range(count)], [row(n) for n in range(count)]
        self.board.reset(
            Snapshot(
                version="1", title="t", started_at=NOW, now=NOW, infos=tuple(infos), statuses=tuple(rows)
            )
        )
        self.asked = []
        self.samples = PastSamples(self.board, self.ask)

    async def ask(self, handles, samples):
        self.asked.append((samples, list(handles)))
        return [row(one, outcomes="u" * samples, latencies_ms=(5.0,) * samples) for one in handles]

    async def load(self):
        async for _ in self.samples.load():
            pass


async def test_what_is_on_the_screen_comes_first_and_in_full_and_of_the_rest_the_last():
    past = Past()
    assert past.samples.show([7, 3], {"severity"})
    await past.load()
    assert past.asked[0] == (SAMPLES, [7, 3])
    assert [(samples, len(handles)) for samples, handles in past.asked[1:]] == [(1, PART), (1, PART), (1, 3)]
    assert len(past.board.entries[7].outcomes) == SAMPLES
    assert past.board.entries[8].outcomes == "u"
    assert not past.samples.show([7, 3], {"severity"})


async def test_a_row_that_comes_into_view_gets_all_its_samples_once():
    past = Past()
    past.samples.show([1], ())
    await past.load()
    before = len(past.asked)
    assert past.samples.show([1, 2], ())
    await past.load()
    assert past.asked[before:] == [(SAMPLES, [2])]
    entry = past.board.entries[2]
    assert (len(entry.outcomes), len(entry.latencies)) == (SAMPLES, SAMPLES)


async def test_an_order_by_a_percentile_needs_the_samples_of_all():
    past = Past(5)
    past.samples.show([0], {"p95"})
    await past.load()
    assert past.asked == [(SAMPLES, [0]), (SAMPLES, [1, 2, 3, 4])]


async def test_a_screen_that_scrolls_meanwhile_is_served_next():
    past = Past()
    past.samples.show([0], ())
    async for _ in past.samples.load():
        assert not past.samples.show([9], ())  # it is loading already
    assert past.asked[:2] == [(SAMPLES, [0]), (SAMPLES, [9])]


async def test_a_load_that_was_given_up_can_begin_again():
    past = Past()
    past.samples.show([0], ())
    loading = past.samples.load()
    await anext(loading)
    await loading.aclose()
    assert past.samples.show([0], ())


async def test_an_endpoint_that_the_past_does_not_know_changes_nothing():
    past = Past(1)
    past.board.apply(Changes(now=NOW, order=()))
    past.samples._take([row(0, outcomes="u", latencies_ms=(1.0,))])
    assert past.board.entries == {}
