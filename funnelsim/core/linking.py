"""How compiled functions become machine code: parts as little as possible, a kernel and all its parts as one.

Numba compiles every function to machine code of its own and optimises it once more in each of its callers. A part here
stops at unoptimised code for the kernels that call it; a kernel takes in all its parts, hides them, and is optimised
once. A function that nobody else can see may be dissolved into its callers, its arguments and its status with it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import llvmlite.binding as llvm
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder, _LowerResult
from numba.core.compiler_machinery import LoweringPass, PassManager, register_pass
from numba.core.funcdesc import PythonFunctionDescriptor
from numba.core.lowering import Lower
from numba.core.typed_passes import IRLegalization, NoPythonBackend, NopythonTypeInference, PreLowerStripPhis
from numba.core.untyped_passes import (
    DeadBranchPrune,
    FixupArgs,
    IRProcessing,
    ReconstructSSA,
    RewriteSemanticConstants,
    TranslateByteCode,
)

_announcements: list[Callable[[], None]] = []


@contextmanager
def announcing(tell: Callable[[], None]) -> Iterator[None]:
    """Within this, `tell` is called when a kernel has to be compiled because it is not cached; once at most."""
    _announcements.append(tell)
    try:
        yield
    finally:
        if tell in _announcements:
            _announcements.remove(tell)


PLACE = "place_in_callers"
"""The attribute of a function that says whether its code stands in its callers' ("alwaysinline") or apart."""


class PartLibrary(JITCodeLibrary):
    """The code of a part: kept as it was translated, never optimised or loaded on its own."""

    placed: tuple[str, str] | None = None
    """The name under which a part is called, and where its code stands, if that is not left to the optimiser."""

    def finalize(self) -> None:
        """Nothing is linked in: the kernel collects the parts of its parts."""
        self._finalized = True


def _collect(library: Any, found: list[Any]) -> None:
    """Add a library after all those that it asks for."""
    if library not in found:
        for below in library._linking_libraries:
            _collect(below, found)
        found.append(library)


class KernelLibrary(JITCodeLibrary):
    """The code of a kernel and of all parts that it calls, however indirectly.

    What runs rarely stays a function of its own, out of the way of what runs often, which may be dissolved.
    """

    def finalize(self) -> None:
        """Take in what the kernel calls and what that calls, callers first: nothing that nobody calls is linked in."""
        found: list[Any] = []
        for library in self._linking_libraries:
            _collect(library, found)
        self._linking_libraries = found[::-1]
        super().finalize()

    def _optimize_final_module(self) -> None:
        parts = (library for library in self._linking_libraries if isinstance(library, PartLibrary))
        places = dict(part.placed for part in parts if part.placed)
        for function in self._final_module.functions:
            if not function.is_declaration and function.linkage == llvm.Linkage.linkonce_odr:
                function.linkage = "internal"
                if function.name in places:
                    function.add_function_attribute(places[function.name])
        # Loops here are short: to vectorize them costs more than it saves. What is folded first is not optimised twice.
        for settings in ({"opt": 0, "cost": "cheap"}, {}):
            passes, builder = self._codegen._module_pass_manager(loop_vectorize=False, slp_vectorize=False, **settings)
            passes.run(self._final_module, builder)


@register_pass(mutates_CFG=True, analysis_only=False)
class _LowerPart(LoweringPass):  # type: ignore[misc]
    """As Numba's own, but into a part's library and without asking for machine code."""

    _name = "lower_part"

    def __init__(self) -> None:
        LoweringPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        target, flags = state.targetctx, state.flags
        state.library = PartLibrary(target.codegen(), state.func_id.func_qualname)
        description = PythonFunctionDescriptor.from_specialized_function(
            state.func_ir,
            state.typemap,
            state.return_type,
            state.calltypes,
            mangler=target.mangler,
            inline=flags.forceinline,
            noalias=flags.noalias,
            abi_tags=[flags.get_mangle_string()],
        )
        place = getattr(state.func_id.func, PLACE, None)
        if place:
            state.library.placed = description.mangled_name, place
        with target.push_code_library(state.library):
            lower = Lower(target, state.library, description, state.func_ir, metadata=state.metadata)
            lower.lower()
        name = refusal(state.func_id.func_name)
        target.insert_user_function(name, description, [state.library])
        state["cr"] = _LowerResult(description, lower.call_helper, cfunc=name, env=lower.env)
        return True


def refusal(name: str) -> Callable[..., None]:
    """What stands where a part's entry from Python would be."""

    def refuse(*_: Any, **__: Any) -> None:
        raise TypeError(f"{name} is called from compiled code only")

    return refuse


class PartCompiler(CompilerBase):  # type: ignore[misc]
    """Numba's passes, without those for arrays, closures and inlining, which parts have no use for."""

    def define_pipelines(self) -> list[PassManager]:
        passes = PassManager("part")
        for step in (
            TranslateByteCode,
            FixupArgs,
            IRProcessing,
            RewriteSemanticConstants,
            DeadBranchPrune,
            ReconstructSSA,
            NopythonTypeInference,
            PreLowerStripPhis,
            IRLegalization,
            _LowerPart,
            NoPythonBackend,
        ):
            passes.add_pass(step, step.__name__)
        passes.finalize()
        return [passes]


class KernelCompiler(CompilerBase):  # type: ignore[misc]
    """Numba's passes, into a library that takes in the parts."""

    def define_pipelines(self) -> list[PassManager]:
        while _announcements:
            _announcements.pop()()
        library = KernelLibrary(self.state.targetctx.codegen(), self.state.func_id.func_qualname)
        library.enable_object_caching()
        self.state.library = library
        return [DefaultPassBuilder.define_nopython_pipeline(self.state)]
