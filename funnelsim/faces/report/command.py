"""`funnelsim report`: results on one page."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from funnelsim.faces.answers import RequestError, answering, check_target, say

if TYPE_CHECKING:
    import xarray as xr


@answering
def report(
    results: Annotated[
        list[Path], typer.Argument(metavar="RESULT...", help="Files of --out of run and compare.", show_default=False)
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="PAGE.html", help="Where to put the page.")] = Path(
        "report.html"
    ),
    as_json: Annotated[
        bool, typer.Option("--json", help="Print headline and health card as one JSON document.")
    ] = False,
) -> None:
    """Put results on one page that opens from disk, asks nobody for anything, and prints to two pages.

    \b
    funnelsim run b2b_saas --out year.nc
    funnelsim compare b2b_saas --out compared.nc
    funnelsim report year.nc compared.nc -o report.html
    """
    from funnelsim.faces.progress import working
    from funnelsim.faces.report.page import headline_of
    from funnelsim.faces.report.page import report as page
    from funnelsim.faces.terminal import messages, output, words
    from funnelsim.results.files import whole

    check_target(out, (".html", ".htm"))
    datasets = [_opened(path) for path in results]
    with working("drawing", messages(), not as_json):
        text = page(datasets)
    with whole(out) as part:
        part.write_text(text, "utf-8")
    if as_json:
        print(json.dumps({"headline": headline_of(datasets), "health": _health(datasets), "wrote": str(out)}, indent=2))
        return
    output().print(words(headline_of(datasets)), soft_wrap=True)
    say(f"wrote {out}")


def _health(datasets: "list[xr.Dataset]") -> list[dict[str, str]]:
    from funnelsim.studies.health import health

    return [{"check": each.name, "state": each.state, "says": each.says} for ds in datasets for each in health(ds)]


def _opened(path: Path) -> "xr.Dataset":
    """A result; raises RequestError where the file is none."""
    from funnelsim.faces.report.page import BUILDERS, kind_of
    from funnelsim.results.files import open_result

    if not path.is_file():
        raise RequestError(f"{path}: there is no such file; make one with funnelsim run SCENARIO --out {path}")
    try:
        ds = open_result(path)
    except (OSError, ValueError):
        raise RequestError(f"{path} is no netCDF-4 file; give one that --out of run or compare wrote") from None
    if not kind_of(ds):
        found = f"holds a result of kind {ds.attrs['kind']!r}" if "kind" in ds.attrs else "holds no result of funnelsim"
        raise RequestError(f"{path} {found}; a report is of {', '.join(BUILDERS)}")
    return ds
