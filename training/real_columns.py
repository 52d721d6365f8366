"""Columns of real tables, labelled by hand: the outside test that no generator made.

From the tables inside vega-datasets and scikit-learn: measurements, places, products, and one table
of persons (victims of the 1992 Los Angeles riots, as the press published them). Hardly any table of
private persons may be handed out, which is why the large test is generated.
"""

import csv
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files

from column_tables import Column

from diptych.models.zoo.columns.rules import ADDRESS, DATE, NAME, OTHER

_VEGA: dict[str, dict[str, str]] = {
    "airports": {"iata": OTHER, "name": OTHER, "city": OTHER, "state": OTHER, "latitude": OTHER},
    "barley": {"variety": OTHER, "site": OTHER, "yield": OTHER},
    "burtin": {"Bacteria": OTHER, "Gram_Staining": OTHER, "Penicillin": OTHER, "Genus": OTHER},
    "cars": {"Name": OTHER, "Origin": OTHER, "Horsepower": OTHER, "Year": DATE},
    "crimea": {"date": DATE, "wounds": OTHER},
    "driving": {"side": OTHER, "miles": OTHER, "gas": OTHER},
    "iris": {"species": OTHER, "sepalLength": OTHER},
    "la_riots": {
        "first_name": NAME,
        "last_name": NAME,
        "address": ADDRESS,
        "death_date": DATE,
        "age": OTHER,
        "gender": OTHER,
        "race": OTHER,
        "neighborhood": OTHER,
        "type": OTHER,
        "latitude": OTHER,
    },
    "ohlc": {"date": DATE, "open": OTHER, "signal": OTHER, "ret": OTHER},
    "seattle_temps": {"date": DATE, "temp": OTHER},
    "seattle_weather": {"date": DATE, "precipitation": OTHER, "weather": OTHER, "wind": OTHER},
    "stocks": {"symbol": OTHER, "date": DATE, "price": OTHER},
    "us_employment": {"month": DATE, "nonfarm": OTHER, "nonfarm_change": OTHER},
    "wheat": {"wheat": OTHER, "wages": OTHER},
}
_SKLEARN = ("iris.csv", "wine_data.csv", "breast_cancer.csv")


def real_columns(*, mute: bool = False) -> list[Column]:
    """Return every labelled column, and all columns of scikit-learn's tables, which are numbers.

    Args:
        mute: replace the headers by ones that say nothing.
    """
    found = [*_vega(), *_sklearn()]
    if not mute:
        return found
    return [replace(one, header=f"V{position}") for position, one in enumerate(found, start=1)]


def _vega() -> Iterator[Column]:
    from vega_datasets import local_data

    for name, labels in _VEGA.items():
        table = getattr(local_data, name)()
        for header, kind in labels.items():
            found = {str(column): column for column in table.columns}
            if header in found:
                values = tuple(str(value) for value in table[found[header]].dropna().head(2_000))
                yield Column(kind, f"vega/{name}", header, "real", values)


def _sklearn() -> Iterator[Column]:
    for name in _SKLEARN:
        text = files("sklearn.datasets.data").joinpath(name).read_text()
        rows = list(csv.reader(text.splitlines()))
        for position, header in enumerate(rows[0]):
            values = tuple(row[position] for row in rows[1:] if len(row) > position)
            yield Column(OTHER, f"sklearn/{name}", header, "real", values)
