"""The sampler against worlds drawn from the prior and weighed, and against a truth; its predictions."""

import dataclasses
import sys

import made_up
import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from hashrate_migration.country_panel import evidence, posterior
from hashrate_migration.country_panel.posterior import Posterior
from hashrate_migration.country_panel.prior import DEFAULT, Prior
from hashrate_migration.errors import InputError

WORLDS = 400_000
"""Drawn from the prior: some thousand of them count once they are weighed."""

WARMUP, DRAWS = 300, 1000

TINY = Prior(
    usual_pct=25.0, usual_sd=0.6, rest_pct=30.0, rest_sd=0.5, start_sd=0.4, half_life=6.0, step=0.2
)
"""Beliefs of a world of three regions: with those of the panel too few worlds would add to one."""

LATER = pd.date_range("2022-02-01", periods=3, freq="MS")
BAN = pd.DatetimeIndex(["2021-04-01", "2021-07-01"])
"""Months after the map, and the last before the call with the first that shows nothing in China: two
months make one step, and more worlds add to one."""

CASES = {
    "later": (
        LATER[:2],
        ["USA", "KAZ", "OTH"],
        [
            *made_up.whole("2022-02-01", {"USA": 40.0, "KAZ": 25.0, "OTH": 35.0}, error_sd=0.3),
            made_up.figure(
                "2022-03-01",
                "USA",
                42.0,
                family="press",
                list_id="part",
                error_sd=0.3,
                tail_df=3.0,
            ),
            made_up.figure("2022-03-01", "KAZ", 27.0, reads="floor", kind="floor", offset_sd=0.3),
            made_up.figure(
                "2022-02-01",
                "USA+KAZ",
                67.0,
                end_month="2022-03-01",
                reads="ceiling",
                offset_sd=0.0,
            ),
        ],
    ),
    "ban": (
        BAN,
        ["USA", "CHN", "OTH"],
        [
            *made_up.whole("2021-04-01", {"USA": 30.0, "CHN": 40.0, "OTH": 30.0}, error_sd=0.4),
            made_up.figure("2021-07-01", "CHN", None, reads="none_seen", error_sd=1.0),
        ],
    ),
}
"""Small worlds: a whole list, a lone figure, a floor and a ceiling; zeros and the chain's limit. Each
takes a quarter of a minute to compile, so several kinds of evidence share one."""


@pytest.fixture(scope="module")
def quickly_compiled():
    """Small worlds take longer to compile than to sample: the same program with fewer tricks."""
    pytest.importorskip("numpyro", reason="needs the extra fit")
    import jax

    name = "jax_disable_most_optimizations"
    before = jax.config.read(name)
    jax.config.update(name, True)
    yield
    jax.config.update(name, before)


@pytest.fixture(scope="module", params=CASES)
def pair(request, quickly_compiled):
    """Draws of the sampler, and weighed worlds with their weights: values by name."""
    months, codes, rows = CASES[request.param]
    # So wide that both limits of the ban leave enough of the worlds.
    beliefs = dataclasses.replace(TINY, seen_pct=5.0, kept_running_sd=0.2)
    rows = made_up.table(*rows)
    # A pilot changes the coordinates alone, so one of the worlds has one.
    pilot = 200 if request.param == "ban" else 0
    fit = posterior.sample(
        rows,
        months,
        codes,
        chains=1,
        warmup=WARMUP,
        draws=DRAWS,
        pilot=pilot,
        seed=1,
        prior=beliefs,
    )
    worlds = made_up.from_prior(rows, months, codes, beliefs, WORLDS, seed=2)
    weight = made_up.hold(worlds) + made_up.log_likelihood(rows, worlds, beliefs)
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    by_hand, sampled = {}, {}
    for number, code in enumerate(codes):
        for place, month in enumerate(months.strftime("%Y-%m")):
            by_hand[code, month] = worlds.shares[:, place, number]
            sampled[code, month] = fit.shares[:, place, number]
        by_hand[code, "step"], sampled[code, "step"] = worlds.steps[:, number], fit.steps[:, number]
    for number, name in enumerate(fit.evidence.biases):
        by_hand[name], sampled[name] = worlds.biases[name], fit.biases[:, number]
    for number, kind in enumerate(fit.evidence.kinds):
        by_hand[kind], sampled[kind] = worlds.factors[kind], fit.factors[:, number]
    return fit, sampled, by_hand, weight


def test_the_sampler_finds_what_weighed_worlds_show(pair):
    """Shares, steps, biases and factors have the quantiles of worlds drawn from the prior and weighed.

    A quantile differs by chance, by the weights of the worlds on one side and the effective draws on
    the other; the limit is 4 times the standard deviation of that.
    """
    import arviz

    _, sampled, by_hand, weight = pair
    assert 1 / (weight**2).sum() > 500  # worlds that count
    off = []
    for name, values in by_hand.items():
        order = np.argsort(values)
        upto = np.cumsum(weight[order])
        for part in (0.05, 0.25, 0.5, 0.75, 0.95):
            quantile = values[order][np.searchsorted(upto, part)]
            below = sampled[name] <= quantile
            drawn = float(arviz.ess(below[None].astype(float), method="mean"))
            # A few worlds of small errors weigh most: their quantiles are less sure than others.
            of_worlds = (weight**2 * ((values <= quantile) - part) ** 2).sum()
            by_chance = np.sqrt(of_worlds + part * (1 - part) / drawn)
            off.append((abs(below.mean() - part) / by_chance, name, part))
    assert max(off)[0] < 4, max(off)


def test_shares_add_to_one(pair):
    fit = pair[0]
    assert fit.shares.shape == (DRAWS, len(fit.months), len(fit.codes))
    assert fit.shares.sum(axis=2) == pytest.approx(1.0)
    assert (fit.shares > 0).all()


@pytest.fixture(scope="module")
def simulated(quickly_compiled):
    months = pd.date_range("2022-02-01", periods=30, freq="MS")
    codes, shares = made_up.truth(months)
    rows = made_up.printed(months, codes, shares, seed=4)
    return shares, posterior.sample(rows, months, codes, chains=1, warmup=150, draws=200, pilot=0)


def test_bands_hold_a_truth_that_moves_otherwise(simulated):
    """A band of 90 percent of such a truth holds four of five shares at least."""
    shares, fit = simulated
    low, high = np.quantile(fit.shares, (0.05, 0.95), axis=0)
    assert ((low <= shares) & (shares <= high)).mean() >= 0.8


def test_medians_are_near_a_truth_that_moves_otherwise(simulated):
    # A publisher's bias of 0.15 is all that figures leave open on average.
    shares, fit = simulated
    off = np.log(np.median(fit.shares, axis=0) / shares)
    assert np.median(np.abs(off)) < 0.15
    # The fall of Kazakhstan by half is seen, and where it is.
    fall = np.diff(np.log(np.median(fit.shares, axis=0)[:, 1]))
    # Lists come every three months.
    assert abs(int(fall.argmin()) - int(np.diff(shares[:, 1]).argmin())) <= 3


def known(*rows, codes=("USA", "KAZ", "OTH"), draws=4000):
    """A posterior by hand: shares known but for their noise, every bias 0.3, every factor 2."""
    generator = np.random.default_rng(0)
    codes = list(codes)
    logs = np.log([0.5, 0.1, 0.4]) + generator.normal(0, 0.05, (draws, len(LATER), 3))
    shares = np.exp(logs)
    seen = evidence.gather(made_up.table(*rows), LATER, codes)
    return Posterior(
        months=LATER,
        codes=codes,
        chains=1,
        shares=shares / shares.sum(axis=2, keepdims=True),
        steps=np.full((draws, 3), 0.1),
        biases=np.full((draws, len(seen.biases)), 0.3),
        shifts=np.zeros((draws, len(seen.parts))),
        factors=np.full((draws, len(seen.kinds)), 2.0),
        evidence=seen,
        divergences=0,
    )


def exact(month, members, share_pct=10.0, **values):
    """A figure without an error of its own."""
    return made_up.figure(
        month, members, share_pct, **{"error_sd": 0.0, "printed_sd": 0.0} | values
    )


USA = made_up.figure("2022-03-01", "USA", 50.0)


def test_the_true_share_of_a_figure_is_the_mean_of_sums():
    fit = known(USA)
    rows = made_up.table(exact("2022-02-01", "KAZ+OTH", end_month="2022-03-01"))
    share = fit.shares[:, :2, 1:].sum(axis=2).mean(axis=1)
    assert fit.true_log_odds(rows) == pytest.approx(logit(share)[:, None])


def test_a_bias_that_the_fit_knows_is_used():
    fit = known(USA)
    rows = made_up.table(exact("2022-02-01", "USA"))
    assert fit.predict(rows) == pytest.approx(fit.true_log_odds(rows) + 0.3)


def test_an_unknown_publisher_gets_one_bias_for_all_its_figures_of_the_same_countries():
    fit = known(USA)
    new = {"family": "new", "offset_sd": 0.7}
    rows = made_up.table(
        exact("2022-02-01", "USA", **new),
        exact("2022-04-01", "USA", **new),
        exact("2022-04-01", "KAZ", **new),
        exact("2022-04-01", "USA", family="newer", offset_sd=0.7),
    )
    bias = fit.predict(rows) - fit.true_log_odds(rows)
    assert bias[:, 0] == pytest.approx(bias[:, 1])
    # Four thousand draws: the spread is known to 1.1 percent, a correlation to 0.016.
    assert bias.std(axis=0) == pytest.approx(0.7, rel=0.05)
    assert np.abs(np.corrcoef(bias[:, 1:].T)[np.triu_indices(3, 1)]).max() < 0.07
    # Publishers without a bias have none.
    sure = made_up.table(exact("2022-02-01", "KAZ", family="filings", offset_sd=0.0))
    assert fit.predict(sure) == pytest.approx(fit.true_log_odds(sure))


def test_errors_have_the_factor_of_their_kind_and_each_figure_its_own():
    fit = known(USA)
    one = made_up.figure("2022-02-01", "USA", 50.0, error_sd=0.1, printed_sd=0.0, tail_df=30.0)
    rows = made_up.table(one, one | {"month": LATER[1]}, one | {"error_sd": 0.0, "printed_sd": 0.1})
    error = fit.predict(rows) - fit.true_log_odds(rows) - 0.3
    # Half of a t distribution of 30 degrees lies within 0.683 of its scale.
    assert np.median(np.abs(error), axis=0) == pytest.approx([0.1366, 0.1366, 0.0683], rel=0.07)
    assert abs(np.corrcoef(error.T)[0, 1]) < 0.07


def test_of_an_unknown_kind_the_factor_is_drawn():
    fit = known(USA)
    one = made_up.figure("2022-02-01", "USA", 50.0, kind="new", printed_sd=0.0, tail_df=30.0)
    error = fit.predict(made_up.table(one)) - fit.true_log_odds(made_up.table(one)) - 0.3
    free = np.random.default_rng(1).lognormal(0, DEFAULT.kind_sd, 100_000)
    factor = DEFAULT.least_factor + (1 - DEFAULT.least_factor) * free
    spread = np.abs(0.12 * factor * np.random.default_rng(2).standard_t(30, 100_000))
    assert np.median(np.abs(error)) == pytest.approx(np.median(spread), rel=0.07)


def test_a_list_that_is_not_whole_is_off_as_one():
    fit = known(USA)
    sure = {"family": "filings", "offset_sd": 0.0}
    rows = made_up.table(
        exact("2022-02-01", "USA", list_id="part", **sure),
        exact("2022-02-01", "KAZ", list_id="part", **sure),
        exact("2022-02-01", "KAZ", list_id="other", **sure),
    )
    shift = fit.predict(rows) - fit.true_log_odds(rows)
    assert shift[:, 0] == pytest.approx(shift[:, 1])
    assert shift.std(axis=0) == pytest.approx(DEFAULT.list_sd, rel=0.05)
    assert abs(np.corrcoef(shift[:, 1:].T)[0, 1]) < 0.07


WHOLE = {"USA": 50.0, "KAZ": 10.0, "OTH": 40.0}


def whole(**values):
    rows = made_up.whole("2022-02-01", WHOLE, **values)
    return made_up.table(*(row | {"error_sd": 0.0, "printed_sd": 0.0} for row in rows))


def test_the_shares_of_a_whole_list_add_to_one_before_errors():
    fit = known(USA)
    found = fit.predict(whole(offset_sd=0.8))
    assert expit(found).sum(axis=1) == pytest.approx(1.0)
    # Biases are there: of two countries they differ.
    moved = found - fit.true_log_odds(whole())
    assert moved.std(axis=0).min() > 0.2


def test_a_bias_common_to_a_whole_list_does_not_show():
    fit = known(*made_up.whole("2022-03-01", WHOLE))
    assert fit.predict(whole()) == pytest.approx(fit.true_log_odds(whole()))


def test_of_a_list_of_which_part_is_asked_for_the_others_keep_its_scale():
    fit = known(USA)
    part = whole(family="filings", offset_sd=0.0).iloc[[1]].reset_index(drop=True)
    assert fit.predict(part) == pytest.approx(fit.true_log_odds(part))
    one = whole().iloc[[0]].reset_index(drop=True)
    share = expit(fit.true_log_odds(one)) * np.exp(0.3)
    rest = 1 - expit(fit.true_log_odds(one))
    assert expit(fit.predict(one)) == pytest.approx(share / (share + rest))


def test_a_country_that_a_list_shows_empty_is_left_out_of_its_sum():
    fit = known(USA)
    without = {"USA": 80.0, "OTH": 20.0}
    rows = made_up.table(
        *(
            row | {"error_sd": 0.0, "printed_sd": 0.0}
            for row in made_up.whole("2022-02-01", without, family="filings", offset_sd=0.0)
        )
    )
    share = fit.shares[:, 0, [0, 2]]
    assert expit(fit.predict(rows)) == pytest.approx(share / share.sum(axis=1, keepdims=True))


def test_predictions_of_a_seed_are_the_same():
    fit = known(USA)
    rows = made_up.table(USA, made_up.figure("2022-02-01", "KAZ", 10.0, family="new"))
    assert np.array_equal(fit.predict(rows, seed=3), fit.predict(rows, seed=3))
    assert not np.array_equal(fit.predict(rows, seed=3), fit.predict(rows, seed=4))


@pytest.mark.parametrize(("name", "value"), [("step", -0.1), ("hidden", 1.5), ("start_sd", 0.0)])
def test_beliefs_that_cannot_be_are_refused(name, value):
    with pytest.raises(InputError, match=f"^{name} = {value} is not"):
        posterior.sample(made_up.table(USA), LATER, ["USA", "OTH"], prior=Prior(**{name: value}))


def test_without_a_figure_nothing_is_sampled():
    limit = made_up.table(made_up.figure("2022-03-01", "USA", 50.0, reads="floor"))
    with pytest.raises(InputError, match="^No estimate enters the panel"):
        posterior.sample(limit, LATER, ["USA", "OTH"])


def test_a_figure_outside_the_months_is_named():
    rows = made_up.table(USA, made_up.figure("2022-05-01", "USA", 50.0, estimate_id="late"))
    with pytest.raises(InputError, match="^Estimate late lies outside the panel's months"):
        posterior.sample(rows, LATER, ["USA", "OTH"])
    with pytest.raises(InputError, match="^Estimate late lies outside"):
        known(USA).predict(rows)


def test_without_the_sampler_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "numpyro", None)
    with pytest.raises(InputError, match=r"pip install 'hashrate-migration\[fit\]'"):
        posterior.sample(made_up.table(USA), LATER, ["USA", "OTH"])
