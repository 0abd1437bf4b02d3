"""Copies of the mining map's export: read alike, or refused in a sentence."""

from __future__ import annotations

import pytest

from hashrate_migration.errors import InputError
from hashrate_migration.tables import exports, text

HEAD = "date,country,monthly_hashrate_%,monthly_absolute_hashrate_EH/S"
SHARES = {
    "Mainland China": ("CHN", 20.5),
    "United States": ("USA", 38.0),
    "Kazakhstan": ("KAZ", 13.0),
    "Canada": ("CAN", 7.0),
    "Russian Federation": ("RUS", 5.0),
    "Malaysia": ("MYS", 2.5),
    "Germany *": ("DEU", 3.0),
    "Ireland\N{NO-BREAK SPACE}*": ("IRL", 2.0),
    "Iran, Islamic Rep.": ("IRN", 2.0),
    "Other": ("OTH", 7.0),
}


def lines(month="2022-02-01", share="{:.2f}%"):
    return [
        f'{month},"{name}",{share.format(pct)},{2 * pct:g}' for name, (_, pct) in SHARES.items()
    ]


def of(*rows, head=HEAD):
    return exports.mining_map(text.parsed("\n".join([head, *rows]), "map.csv"), "map.csv")


@pytest.mark.parametrize(
    "month",
    ["2022-02-01", "2022-02", "2022-02-01T00:00:00Z", "2/1/22", "1/2/22", "2/1/2022", "01/02/2022"]
    + ["Feb 2022", "February 2022"],
)
@pytest.mark.parametrize("share", ["{:.2f}%", "{:.1f} %", "{:g}"])
def test_copies_of_the_export_are_read_alike(month, share):
    # Months begin on their first day, so only one of two numbers with slashes can be the day.
    rows = of(*lines(month, share))
    assert set(rows["month"]) == {"2022-02"}
    found = dict(zip(rows["region"], rows["share_pct"].astype(float), strict=True))
    assert found == dict(SHARES.values())
    assert rows["hashrate_ehs"].astype(float).tolist() == [2 * pct for _, pct in SHARES.values()]


@pytest.mark.parametrize(
    "month",
    [
        "Feb-22",
        "22-Feb",
        "202202",
        "44593",
        "févr. 2022",
        "2022-02-03",
        "3/2/22",
        "12:30",
        "13/13/22",
    ]
    + ["2/1/222", "1643673600", "2022-13", "soon", ""],
)
def test_a_month_is_never_guessed(month):
    with pytest.raises(
        InputError, match=rf"^map\.csv, row 2: '{month}' is not a month; .*2022-02\.$"
    ):
        of(*lines(month))


def test_day_and_month_in_two_orders_are_refused():
    mixed = [*lines("2/1/22")[:3], *lines("1/1/22")[3:5], *lines("1/2/22")[5:]]
    with pytest.raises(InputError, match=r"row 7: '1/2/22' has .* another order than '2/1/22'"):
        of(*mixed)
    one_order = of(*(f"{month},Canada,1%,2" for month in ("1/1/22", "1/2/22", "1/12/22")))
    assert one_order["month"].tolist() == ["2022-01", "2022-02", "2022-12"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("2022-02-01,Atlantis,1%,2", "country 'Atlantis' is unknown; write it"),
        ("2022-02-01,Kazakstan,1%,2", r"country 'Kazakstan' is unknown \(nearest: Kazakhstan\)"),
        (
            "2022-02-01,Russian Fed.,1%,2",
            r"'Russian Fed\.' is unknown \(nearest: Russian Federation",
        ),
        ("2022-02-01,,1%,2", "is unknown"),
        ("2022-02-01,Kazakhstan,much,2", "'much' is not a number"),
        ("2022-02-01,Kazakhstan,,2", "is not a number"),
        ("2022-02-01,Kazakhstan,-1%,2", "'-1%' is not a number"),
        (
            "2022-02-01,Kazakhstan,300%,2",
            "column monthly_hashrate_% holds 300; it must be 100 or less",
        ),
        ("2022-02-01,Kazakhstan,1%,26000", r"hashrate_EH/S holds 26000; it must be 5000 or less"),
    ],
)
def test_a_broken_export_names_its_row_and_its_own_column(line, sentence):
    with pytest.raises(InputError, match=rf"^map\.csv, row 3: .*{sentence}"):
        of("2022-02-01,Canada,1%,2", line)


def test_fractions_are_no_percent():
    fractions = [f'2022-02,"{name}",{pct / 100:g},{2 * pct:g}' for name, (_, pct) in SHARES.items()]
    with pytest.raises(InputError, match=r"2022-02 add up to 1\.00; percent are wanted"):
        of(*fractions)
    # A correction of one small country is no list of fractions.
    assert of("2022-02,Kazakhstan,1%,2")["share_pct"].tolist() == ["1"]


def test_columns_of_ones_own_are_passed_over_unless_they_clash():
    own = [f"{line},x" for line in lines()]
    assert list(of(*own, head=f"{HEAD},continent")) == list(of(*lines()))
    with pytest.raises(InputError, match="a column 'region' say the same"):
        of(*own, head=f"{HEAD},region")
