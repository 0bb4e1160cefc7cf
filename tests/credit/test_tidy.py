"""Credit as a tidy table: every number of the dataset, once, under its names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xarray as xr

from attribution import as_table, credit, from_events, from_paths
from attribution.models import Last, Linear, Markov, ShaoLi

from .test_groups import log

DRAWS = {"interval": 80, "resamples": 20}


@pytest.mark.parametrize("keywords", [{}, DRAWS, {"by": "segment"}, {"by": "month", **DRAWS}])
def test_every_number_is_there_once(keywords: dict[str, Any]) -> None:
    """Back from the table it is the dataset."""
    credits = credit(from_events(log()), [Last(), Linear(), Markov(1)], **keywords)
    table = as_table(credits)
    by = [keywords["by"]] if "by" in keywords else []
    keys = [*by, "model", "channel"]
    assert table.num_rows == np.prod([credits.sizes[key] for key in keys])
    back = table.to_pandas().set_index(keys).to_xarray().reindex({key: credits[key] for key in keys})
    numbers = 0
    for name, variable in credits.data_vars.items():
        ends = credits["bound"].values.tolist() if "bound" in variable.dims else [None]
        for end in ends:
            own = variable if end is None else variable.sel(bound=end)
            column = name if end is None else f"{name.removesuffix('_interval')}_{end}"
            xr.testing.assert_equal(
                back[column].drop_vars("bound", errors="ignore"), own.drop_vars("bound", errors="ignore")
            )
            numbers += own.size
    assert numbers == table.num_rows * (table.num_columns - len(keys))


def test_units_and_what_was_left_out_go_along(tmp_path: Any) -> None:
    credits = credit(from_paths(["a > b"], [3], [0]))
    pq.write_table(as_table(credits), tmp_path / "credit.parquet")
    table = pq.read_table(tmp_path / "credit.parquet")
    assert table.schema.field("value").metadata[b"units"] == b"currency"
    assert table.schema.metadata[b"says"].decode() == credits.attrs["says"]
    assert table.schema.metadata[b"skipped: shao_li"].decode() == credits.attrs["skipped: shao_li"]
    assert table.schema.types[:2] == [pa.string(), pa.string()]


def test_what_cannot_be_computed_is_null() -> None:
    """In one segment everybody converts, so that there is no rate to compare with."""
    events = pa.table(
        {
            "prospect": [1, 2, 3],
            "time": [1.0, 1.0, 1.0],
            "channel": ["a", "b", "a"],
            "conversion": [1, 1, 0],
            "segment": ["all", "some", "some"],
        }
    )
    table = as_table(credit(from_events(events), [ShaoLi()], by="segment"))
    nothing = table.filter(table["share"].is_null()).select(["segment", "channel"]).to_pylist()
    assert nothing == [{"segment": "all", "channel": "a"}, {"segment": "all", "channel": "b"}]
    assert table["share"].null_count == 2


def test_another_dataset_is_refused() -> None:
    with pytest.raises(ValueError, match="as_table: no dimension model, channel; give it what"):
        as_table(xr.Dataset({"share": ("x", [1.0])}))
