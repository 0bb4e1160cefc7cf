"""Results in files: one netCDF-4 file a run, written beside its place and then moved there, so that none is half."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import xarray as xr


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """A temporary path in the same folder, which takes the place of `path` at the end, or vanishes on an error."""
    target = Path(path)
    handle, name = tempfile.mkstemp(prefix=".funnelsim-", suffix=target.suffix, dir=target.parent)
    os.close(handle)
    try:
        yield Path(name)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, target)
    finally:
        Path(name).unlink(missing_ok=True)


def save_result(dataset: xr.Dataset, path: str | Path) -> None:
    """Write a dataset as netCDF-4."""
    packed = {"zlib": True, "complevel": 1}
    numbers = {
        str(name): packed for name, da in dataset.data_vars.items() if da.size and da.dtype.kind in "if" and da.ndim
    }
    with whole(path) as part:
        dataset.to_netcdf(part, engine="netcdf4", format="NETCDF4", encoding=numbers)


def open_result(path: str | Path) -> xr.Dataset:
    """The dataset in a file that `--out` or `save_result` wrote, read into memory."""
    with xr.open_dataset(path, engine="netcdf4") as dataset:
        return dataset.load()
