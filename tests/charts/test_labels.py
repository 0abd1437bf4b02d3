from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hashrate_migration as hm
from hashrate_migration import charts
from hashrate_migration.charts import labels


class TestSpread:
    @given(st.lists(st.floats(-10, 10), min_size=1, max_size=12), st.floats(0.01, 2))
    def test_neighbours_keep_their_distance_and_order(self, places, gap):
        spread = labels.spread(np.array(places), gap)
        assert (np.diff(np.sort(spread)) >= gap * (1 - 1e-6) - 1e-9).all()
        for (a, new_a), (b, new_b) in itertools.combinations(zip(places, spread, strict=True), 2):
            assert a == b or (a < b) == (new_a < new_b)

    @given(st.lists(st.floats(-10, 10), min_size=1, max_size=12), st.floats(0.01, 2))
    def test_the_mean_stays(self, places, gap):
        assert labels.spread(np.array(places), gap).mean() == pytest.approx(
            np.mean(places), abs=1e-6
        )

    def test_places_that_do_not_collide_stay(self):
        np.testing.assert_allclose(labels.spread(np.array([3.0, 1, 2]), 0.5), [3, 1, 2])

    def test_no_places(self):
        assert labels.spread(np.array([]), 1).size == 0


def test_labels_do_not_overlap(new):
    figure = new(4.6)
    ax = figure.subplots()
    charts.stacked(ax, hm.shares(), "percent")
    figure.draw_without_rendering()
    boxes = sorted((t.get_window_extent() for t in ax.texts), key=lambda box: box.y0)
    for low, high in itertools.pairwise(boxes):
        assert high.y0 > low.y0 + 0.6 * low.height
