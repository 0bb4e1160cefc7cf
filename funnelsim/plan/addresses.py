"""Addresses of sources and stages: digests of their names, so that nothing else in a scenario can move them."""

from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

SOURCE_BITS = 23
PLACE_BITS = 24
RANK_BITS = 40
TURN_BITS = 16


def addresses(kind: str, names: Iterable[str], bits: int) -> dict[str, int]:
    """A number from 1 to 2**bits - 1 for each name, distinct; a name whose digest is taken gets the next digest.

    Two of n names meet with probability near n**2 / 2**(bits + 1); then the later in the alphabet moves on, and only
    then does a name's address depend on another name.
    """
    taken: dict[int, str] = {}
    for name in sorted(names):
        attempt = 0
        while (address := _digest(f"{kind} {attempt} {name}", bits)) in taken or address == 0:
            attempt += 1
        taken[address] = name
    return {name: address for address, name in taken.items()}


def sources_of(identities: NDArray[np.uint64], prospects: NDArray[np.uint64]) -> NDArray[np.int64]:
    """The number of the source that each prospect comes from; `identities` are those of the sources, by number."""
    digests = identities >> np.uint64(RANK_BITS)
    by_digest = np.argsort(digests)
    return by_digest[np.searchsorted(digests[by_digest], prospects >> np.uint64(RANK_BITS))]


def _digest(text: str, bits: int) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") & ((1 << bits) - 1)
