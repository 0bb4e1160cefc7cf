"""Credit in files: netCDF-4, or a tidy table as Parquet or CSV."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import xarray as xr

SUFFIXES: Final = (".nc", ".parquet", ".csv")


def save_credit(credits: "xr.Dataset", path: Path) -> None:
    """Write credits in the form that the name of the file asks for; none is ever half."""
    from funnelsim.results.files import save_result, whole

    if path.suffix.lower() == ".nc":
        save_result(credits, path)
        return
    from attribution.tidy import as_table

    table = as_table(credits)
    with whole(path) as part:
        if path.suffix.lower() == ".parquet":
            import pyarrow.parquet as pq

            pq.write_table(table, part)
        else:
            from pyarrow import csv

            csv.write_csv(table, part)
