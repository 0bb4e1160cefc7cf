"""Credit as a tidy table: a row for each model and channel (and group), for frames, warehouses and files."""

from __future__ import annotations

from itertools import product
from typing import Any, Final

import numpy as np
import pyarrow as pa
import xarray as xr

KEYS: Final = ("model", "channel")


def as_table(credits: xr.Dataset) -> pa.Table:
    """What `attribution.credit` gives back, one row a model and channel, and segment or period if there are any.

    Columns: the group, called as what it is by (`segment`, `month`, ...), `model`, `channel`, then every variable; of
    an interval a column for each end, as `share_low` and `share_high`. Null is what cannot be computed. Units stand in
    the metadata of columns; what stands in the attributes of the dataset (journeys, what was left out, models that were
    not run), in that of the table.

    Raises ValueError for a dataset without models and channels.
    """
    missing = [key for key in KEYS if key not in credits.dims]
    if missing:
        raise ValueError(f"as_table: no dimension {', '.join(missing)}; give it what attribution.credit gave back")
    groups = [str(dim) for dim in credits["share"].dims if dim not in KEYS] if "share" in credits else []
    keys = (*groups, *KEYS)
    labels = list(product(*([str(each) for each in credits[key].values] for key in keys)))
    columns: list[tuple[pa.Field, Any]] = [
        (pa.field(key, pa.string()), pa.array([row[at] for row in labels], pa.string())) for at, key in enumerate(keys)
    ]
    for name, variable in credits.data_vars.items():
        ends = [str(dim) for dim in variable.dims if dim not in keys]
        metadata = {str(key): str(each) for key, each in variable.attrs.items()}
        for end in product(*(credits[dim].values for dim in ends)):
            values = variable.sel(dict(zip(ends, end, strict=True))).transpose(*keys).values.ravel()
            called = "_".join([str(name).removesuffix("_interval"), *map(str, end)])
            columns.append((pa.field(called, pa.float64(), metadata=metadata), _known(values)))
    about = {str(key): str(each) for key, each in credits.attrs.items()}
    schema = pa.schema([field for field, _ in columns], metadata=about)
    return pa.Table.from_arrays([column for _, column in columns], schema=schema)


def _known(values: Any) -> pa.Array:
    """Numbers, null where there is none."""
    numbers = np.asarray(values, np.float64)
    return pa.array(numbers, mask=np.isnan(numbers))
