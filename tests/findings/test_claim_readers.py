"""A second reader: a sheet without verdicts, and how far two readers agree."""

from __future__ import annotations

import pandas as pd
import pytest

import hashrate_migration as hm
from hashrate_migration.errors import InputError
from hashrate_migration.findings import claim_readers, claims
from hashrate_migration.tables import read


@pytest.fixture(scope="module")
def first():
    return claims.check()


@pytest.fixture
def second(first):
    """A reader who agrees on all but one claim."""
    coded = first[["claim_id", "verdict"]].assign(reason="as I read it")
    supported = coded.index[coded["verdict"] == claims.SUPPORTED][0]
    coded.loc[supported, "verdict"] = claims.PARTLY
    return coded


class TestSheet:
    def test_it_has_every_claim_every_rule_and_what_the_tables_say(self):
        sheet = claim_readers.sheet()
        for claim, text in hm.load("claims")[["claim_id", "claim"]].itertuples(index=False):
            assert f"### {claim}: {text}" in sheet
        for rule in claims.RULES:
            assert rule in sheet
        for said in claims.parts().query("says != ''")["says"]:
            assert said in sheet

    def test_it_has_no_verdict_and_no_outcome(self):
        told = claim_readers.sheet().partition("## Claims\n")[2]
        table = hm.load("claims")
        # Words of verdicts may stand in claims and reasons alone.
        for text in pd.concat([table["claim"], table["reason"].dropna()]).unique():
            told = told.replace(text, "")
        for word in (*claims.VERDICTS, claims.HOLDS, claims.FAILS, claims.OPEN):
            assert word not in told

    def test_another_verdict_of_a_reader_changes_nothing(self, data_copy):
        before = claim_readers.sheet()
        path = data_copy / "claims.csv"
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        judged = table["metric"] == "judged"
        table.loc[judged, "verdict"] = "supported"
        table.to_csv(path, index=False, lineterminator="\n")
        assert claim_readers.sheet() == before


class TestAgreement:
    def test_the_same_verdicts_agree_wholly(self, first):
        found = claim_readers.agreement(first[["claim_id", "verdict"]].assign(reason=""))
        assert (found.same, found.share_pct, found.kappa) == (len(first), 100, 1)

    def test_one_difference_is_counted_and_named(self, first, second):
        found = claim_readers.agreement(second)
        assert found.same == len(first) - 1
        assert found.share_pct == pytest.approx(100 * (len(first) - 1) / len(first))
        differ = found.table[found.table["first_verdict"] != found.table["second_verdict"]]
        assert differ["second_reason"].tolist() == ["as I read it"]

    def test_kappa_by_hand(self):
        rows = [
            {"claim_id": f"k{n}", "claim": "Something", "metric": "map_share_pct", "subject": "CHN"}
            | {"start_month": "2021-05", "end_month": "2021-05", "comparison": "at_least"}
            | {"value": value}
            for n, value in enumerate((1.0, 1.0, 99.0, 99.0))
        ]
        coded = pd.DataFrame(
            {
                "claim_id": ["k0", "k1", "k2", "k3"],
                "verdict": ["supported", "contradicted", "contradicted", "contradicted"],
                "reason": ["", "", "", ""],
            }
        )
        found = claim_readers.agreement(coded, pd.DataFrame(rows))
        # Three of four agree; by chance 1/2 x 1/4 + 1/2 x 3/4 = 1/2.
        assert found.same == 3
        assert found.kappa == pytest.approx((0.75 - 0.5) / (1 - 0.5))

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (
                lambda t: t.assign(claim_id=["c99", *t["claim_id"][1:]]),
                "row 2: claim_id 'c99' is no",
            ),
            (lambda t: t.assign(verdict="true"), "row 2: verdict 'true' is unknown; choose one of"),
            (lambda t: t.iloc[1:], "c01 is not judged; add a row for each claim"),
            (lambda t: pd.concat([t, t.iloc[:1]]), "c01 is judged twice"),
            (lambda t: t.drop(columns="verdict"), "the column verdict is missing"),
        ],
    )
    def test_what_cannot_be_compared_is_said(self, second, change, message, tmp_path):
        path = tmp_path / "second.csv"
        change(second).to_csv(path, index=False)
        with pytest.raises(InputError, match=rf"second.csv.*{message}"):
            claim_readers.agreement(path)


def test_verdicts_that_are_kept_are_compared(second, data_copy):
    second = second.assign(source_id="project-convention")
    second.to_csv(data_copy / f"{claim_readers.SECOND_CODING}.csv", index=False)
    read.forget()
    found = claim_readers.kept_agreement()
    assert found is not None
    assert found.same == found.claims - 1
