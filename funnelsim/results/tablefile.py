"""Tables in files, Parquet or CSV: one replication's rows after the other, with names instead of numbers."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow import csv

NAME: Final = pa.dictionary(pa.int32(), pa.string())
"""The type of a column of names."""


class TableFile:
    """A file that takes tables of one schema; its name says which kind it is, and Parquet has one row group a table."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.as_text = path.suffix.lower() == ".csv"
        self.schema = _spelt_out(schema) if self.as_text else schema
        self.writer: Any = (
            csv.CSVWriter(path, self.schema)
            if self.as_text
            else pq.ParquetWriter(path, self.schema, compression="zstd")
        )

    def __enter__(self) -> "TableFile":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.writer.close()

    def append(self, table: pa.Table) -> None:
        """Write one table behind the others."""
        if self.as_text:
            self.writer.write_table(table.cast(self.schema))
        else:
            self.writer.write_table(table, row_group_size=max(1, table.num_rows))


def _spelt_out(schema: pa.Schema) -> pa.Schema:
    """The schema with texts for names: a CSV file has no numbers that stand for them."""
    return pa.schema([field.with_type(pa.string()) if field.type == NAME else field for field in schema])


def named(codes: NDArray[Any], names: Sequence[str]) -> pa.Array:
    """Names by code, null for those below 0."""
    known = codes >= 0
    return pa.DictionaryArray.from_arrays(
        pa.array(np.where(known, codes, 0).astype(np.int32), mask=~known), pa.array(list(names), pa.string())
    )
