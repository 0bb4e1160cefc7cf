"""Journeys of a log that is larger than memory: events dealt out to pieces on disk, so that no prospect is in two.

Every piece fits into memory and becomes `Journeys` of its own; all have the same codes of channels.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from attribution.journeys.columns import NAMES
from attribution.journeys.events import from_events
from attribution.journeys.identity import identified
from attribution.journeys.problems import JourneysError
from attribution.journeys.ragged import Journeys

ROWS_A_PIECE: Final = 4_000_000
"""Events that a piece holds, about; building its journeys takes some 60 bytes an event."""
BATCH: Final = 1 << 18


@dataclass(frozen=True)
class Pieces:
    """The journeys of a log, a piece at a time; iterate as often as needed."""

    channels: tuple[str, ...]
    files: tuple[Path, ...]
    columns: Mapping[str, str]
    again: str
    sales: bool

    def __iter__(self) -> Iterator[Journeys]:
        for file in self.files:
            with pa.OSFile(str(file)) as source:
                table = pa.ipc.open_stream(source).read_all()
            found = from_events(table, columns=self.columns, again=self.again, sales=self.sales, channels=self.channels)
            del table
            yield found


@contextmanager
def in_pieces(
    source: Any,
    *,
    columns: Mapping[str, str] | None = None,
    again: str = "since",
    sales: bool = False,
    folder: str | Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Pieces]:
    """The journeys of a Parquet file, a folder of them, or any `pyarrow.dataset.Dataset`, dealt out on disk while the
    context lasts.

    Columns and `again` as in `from_events`. The pieces lie in `folder` (default: the system's temporary one) and take
    what the columns take without compression. `progress` is told how many events were just dealt out. Raises
    JourneysError where the columns are not there, OSError where the source cannot be read or the folder written.
    """
    dataset = source if isinstance(source, ds.Dataset) else ds.dataset(source, format="parquet", partitioning="hive")
    mapped = dict(columns or {})
    own = {name: mapped.get(name, name) for name in NAMES}
    names = [name for name in own.values() if name in dataset.schema.names]
    missing = [own[name] for name in ("prospect", "time", "channel") if own[name] not in names]
    if missing:
        has = ", ".join(dataset.schema.names[:12])
        raise JourneysError(f"events: {', '.join(missing)}: there is no such column; the table has {has}")
    n_pieces = max(1, -(-dataset.count_rows() // ROWS_A_PIECE))
    with tempfile.TemporaryDirectory(prefix="attribution-", dir=folder) as place:
        files = tuple(Path(place) / f"{at}.arrow" for at in range(n_pieces))
        channels = _deal(dataset, names, own, files, progress)
        yield Pieces(channels, files, mapped, again, sales)


def _deal(
    dataset: ds.Dataset,
    names: list[str],
    own: Mapping[str, str],
    files: tuple[Path, ...],
    progress: Callable[[int], None] | None,
) -> tuple[str, ...]:
    """Write every event into the file of its prospect; the names of channels."""
    schema = pa.schema([_without_dictionary(dataset.schema.field(name)) for name in names])
    seen: set[str] = set()
    with ExitStack() as stack:
        writers = [stack.enter_context(pa.ipc.new_stream(str(file), schema)) for file in files]
        for batch in dataset.to_batches(columns=names, batch_size=BATCH, batch_readahead=1, fragment_readahead=1):
            table = pa.Table.from_batches([batch]).cast(schema)
            seen |= set(pc.unique(table[own["channel"]]).to_pylist())
            prospects = identified(table[own["prospect"]].combine_chunks())
            # The upper bits: the lower ones of whole numbers may follow a pattern.
            mixed = prospects.numbers(prospects.codes) * np.uint64(0x9E3779B97F4A7C15)
            piece = ((mixed >> np.uint64(33)) % np.uint64(len(files))).astype(np.int64)
            order = np.argsort(piece, kind="stable")
            bounds = np.searchsorted(piece[order], np.arange(len(files) + 1))
            dealt = table.take(pa.array(order)) if len(files) > 1 else table
            for writer, begin, end in zip(writers, bounds[:-1], bounds[1:], strict=True):
                if end > begin:
                    writer.write_table(dealt.slice(begin, end - begin))
            if progress is not None:
                progress(len(batch))
    return tuple(sorted(name for name in seen if name is not None))


def _without_dictionary(field: pa.Field) -> pa.Field:
    is_coded = pa.types.is_dictionary(field.type)
    return field.with_type(field.type.value_type) if is_coded else field
