"""Correlations: which assumptions go together, two by two, as a Gaussian copula has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from funnelsim.core.problems import Problem, did_you_mean
from funnelsim.scenario.assumptions import Assumption
from funnelsim.scenario.document import Document
from funnelsim.scenario.fields import Bounded, Name, Part
from funnelsim.scenario.overrides import full_path

BLOCK = "correlations"
Coefficient = Annotated[float, Bounded(-0.999, 0.999, "a correlation")]
Pairs = tuple[tuple[int, int, float], ...]


class Correlation(Part):
    """Two assumptions that go together."""

    between: Annotated[tuple[Name, ...], Field(min_length=2, max_length=2)] = Field(
        description="the paths of two ranges", examples=[["stages.demo.exits.won", "stages.demo.duration"]]
    )
    r: Coefficient = Field(description="correlation of their normal scores, from -0.999 to 0.999", examples=[0.6])


def pairs(
    correlations: Sequence[Correlation], assumptions: Sequence[Assumption], document: Document
) -> tuple[Pairs, list[Problem]]:
    """The correlated assumptions by index, and what is wrong with the block.

    A pair of which one is no range any more, since another value was laid over it, is left out.
    """
    if not correlations:
        return (), []
    at = {each.path: i for i, each in enumerate(assumptions)}
    found: dict[tuple[int, int], float] = {}
    problems: list[Problem] = []
    for number, each in enumerate(correlations):
        paths = [full_path(document.tree, path) for path in each.between]
        if wrong := list(_unknown(document, number, paths, list(at))):
            problems += wrong
        elif all(path in at for path in paths):
            one, other = sorted(at[path] for path in paths)
            if one == other or (one, other) in found:
                what = "found the same path twice" if one == other else "found a second time"
                rule = "two assumptions are correlated once, each with the other"
                problems.append(document.problem((BLOCK, number, "between"), what, rule, "remove it"))
            else:
                found[one, other] = each.r
    indices = tuple((one, other, r) for (one, other), r in found.items())
    if indices and not problems and not _is_possible(len(at), indices):
        rule = "the matrix of all correlations must be positive definite"
        said = document.problem((BLOCK,), "no numbers can be correlated like that", rule, "bring them nearer to 0")
        problems.append(said)
    return indices, problems


def _unknown(document: Document, number: int, paths: Sequence[str], known: Sequence[str]) -> list[Problem]:
    """The paths that are no ranges, unless something was laid over them."""
    laid_over = {".".join(map(str, path)) for path in document.origins}
    refused = {".".join(map(str, path)) for path in document.refused}
    return [
        document.problem(
            (BLOCK, number, "between", place), f"there is no range at {path}", "", did_you_mean(path, known)
        )
        for place, path in enumerate(paths)
        if path not in known and path not in refused and not any(f"{path}.".startswith(f"{o}.") for o in laid_over)
    ]


def _is_possible(n: int, indices: Pairs) -> bool:
    """Whether the matrix has a Cholesky factor."""
    matrix = [[1.0 if i == j else 0.0 for j in range(n)] for i in range(n)]
    for i, j, r in indices:
        matrix[i][j] = matrix[j][i] = r
    for i in range(n):
        for j in range(i + 1):
            left = matrix[i][j] - sum(matrix[i][k] * matrix[j][k] for k in range(j))
            if i == j and left <= 1e-9:
                return False
            matrix[i][j] = left**0.5 if i == j else left / matrix[j][j]
    return True
