"""The one decorator that compiles: where compiled code is kept, and when it is stale.

Numba looks for edits only in the file of the function itself, but a kernel calls rules from other files, so the
folder of the cache carries a digest of all our compiled sources. It lies outside the source tree: in
`FUNNELSIM_CACHE_DIR` if that is set, else in the user's cache folder, else in a temporary one.
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
from numba.core import config, types

from funnelsim.core.linking import PLACE, KernelCompiler, PartCompiler, refusal

COMPILED_ROOMS = ("core", "chance", "plan", "rules", "engines")


@lru_cache(maxsize=1)
def cache_folder() -> Path:
    """The folder of this version's compiled code; one that can be written."""
    home = os.environ.get("FUNNELSIM_CACHE_DIR")
    base = Path(home) if home else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "funnelsim"
    folder = base / f"kernels-{_digest()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except OSError:
        writable = False
    return folder if writable else Path(tempfile.mkdtemp(prefix="funnelsim-kernels-"))


def _digest() -> str:
    package = Path(__file__).parent.parent
    bounds = os.environ.get("NUMBA_BOUNDSCHECK", "")
    digest = hashlib.sha256(f"{numba.__version__} {sys.version} {bounds}".encode())
    for room in COMPILED_ROOMS:
        for source in sorted((package / room).rglob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that Python calls: cached, without the interpreter lock, with exact IEEE arithmetic.

    With everything it calls it becomes one piece of machine code.
    """
    compiled = _compiled(function, KernelCompiler)
    before = config.CACHE_DIR
    try:
        config.CACHE_DIR = str(cache_folder())
        compiled.enable_caching()
    finally:
        config.CACHE_DIR = before
    return compiled


def part(function: Callable[..., Any] | None = None, *, rare: bool = False, often: bool = False) -> Any:
    """Compile a function that only compiled code calls; `entry` makes it one that Python can call.

    What is `rare` stays out of the way of what runs often; what runs at almost every event is dissolved into its
    callers, however large.
    """
    if function is None:
        return lambda inner: part(inner, rare=rare, often=often)
    setattr(function, PLACE, "noinline" if rare else "alwaysinline" if often else None)
    compiled = _compiled(function, PartCompiler, no_cpython_wrapper=True, no_cfunc_wrapper=True)
    # There is no entry for Python: without this a call from there would jump to address 0.
    compiled._insert = lambda *_, **__: None
    compiled._compile_for_args = refusal(function.__name__)
    return compiled


def entry(function: Any) -> Any:
    """The kernel that does what a part does, for Python to call."""
    return kernel(function.py_func)


def _compiled(function: Callable[..., Any], pipeline: type, **options: bool) -> Any:
    njit: Any = numba.njit
    compiled = njit(nogil=True, error_model="numpy", pipeline_class=pipeline, **options)(function)
    _widen_arguments(compiled)
    return compiled


def _widen_arguments(compiled: Any) -> None:
    """Have compiled callers pass constants and short integers as int64.

    Without this a function is compiled anew for each constant and each width of column that it is called with.
    """
    resolve = compiled.get_call_template
    compiled.get_call_template = lambda args, kws: resolve(tuple(_widened(argument) for argument in args), kws)


def _widened(argument: Any) -> Any:
    argument = types.unliteral(argument)
    narrow = isinstance(argument, types.Integer) and argument.bitwidth < 64 and argument.signed
    return types.int64 if narrow else argument
