"""The one decorator that compiles credit kernels, and where their machine code is kept.

Kernels are plain functions of arrays that call nothing from other files, so that the cache is stale exactly when their
file has changed. It lies outside the source tree: in `ATTRIBUTION_CACHE_DIR` if that is set, else beside the
simulator's, else in a temporary folder.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numba
from numba.core import config


@lru_cache(maxsize=1)
def cache_folder() -> Path:
    """The folder of compiled code for this interpreter and this Numba; one that can be written."""
    named = os.environ.get("ATTRIBUTION_CACHE_DIR") or os.environ.get("FUNNELSIM_CACHE_DIR")
    base = Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "funnelsim"
    made_by = f"{numba.__version__} {sys.version} {os.environ.get('NUMBA_BOUNDSCHECK', '')}"
    folder = base / f"credit-{hashlib.sha256(made_by.encode()).hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    return folder if writable else Path(tempfile.mkdtemp(prefix="attribution-kernels-"))


def is_cold() -> bool:
    """Whether nothing is compiled yet: the first credits then take some seconds more, once on a machine and version."""
    return not any(cache_folder().rglob("*.nbi"))


def in_lanes(function: Callable[..., Any]) -> Any:
    """Compile a kernel that works on eight lanes by name, as `kernel` does; LLVM then puts eight side by side.

    Numba leaves that pass out unless it is told, and the order of operations in a lane stays as it is written.
    """
    compiled = kernel(function)
    compiles = compiled.compile

    def side_by_side(signature: Any) -> Any:
        before = config.SLP_VECTORIZE
        try:
            config.SLP_VECTORIZE = 1
            return compiles(signature)
        finally:
            config.SLP_VECTORIZE = before

    compiled.compile = side_by_side
    return compiled


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function of arrays and numbers: cached, without the interpreter lock, with exact IEEE arithmetic."""
    njit: Any = numba.njit
    compiled = njit(nogil=True, error_model="numpy")(function)
    before = config.CACHE_DIR
    try:
        config.CACHE_DIR = str(cache_folder())
        compiled.enable_caching()
    finally:
        config.CACHE_DIR = before
    return compiled
