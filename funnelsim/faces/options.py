"""Arguments and options that mean the same in every command, each with its bounds and its help."""

from pathlib import Path
from typing import Annotated

import typer

ScenarioName = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A scenario file, or the name of a shipped one.", show_default=False)
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change one value, as teams.sdr.reps=6; may be repeated."),
]
PolicyNames = Annotated[
    list[str] | None, typer.Option("--policy", "-p", metavar="NAME", help="One of the policies; may be repeated.")
]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policies", metavar="FILE", help="Policies of a file of their own.", show_default=False),
]
Vary = Annotated[
    list[str] | None,
    typer.Option("--vary", "-v", metavar="PATH=VALUES", help="2..10, 2..10..2, 10%..30% or 5min,1h,1d."),
]
Repeated = Annotated[
    int | None,
    typer.Option("--replications", "-n", min=2, max=10_000_000, help="How many times each is run.", show_default="100"),
]
HalfWidth = Annotated[
    str | None,
    typer.Option(
        "--precision", metavar="HALF-WIDTH", help="Run until --measure is known to within 2% of itself, or 0.5."
    ),
]
AtLeast = Annotated[
    int | None,
    typer.Option("--at-least", min=3, help="Replications before --precision is looked at.", show_default="10"),
]
AtMost = Annotated[
    int | None,
    typer.Option("--at-most", min=3, help="Replications at which --precision gives up.", show_default="10000"),
]
Level = Annotated[float, typer.Option("--level", min=50, max=99.99, help="Level of intervals in per cent.")]
Seed = Annotated[int, typer.Option("--seed", min=0, max=(1 << 63) - 1, help="Same seed, same people, same results.")]
Threads = Annotated[
    int | None, typer.Option("--threads", min=1, max=1024, help="Threads of the kernel; default all processors.")
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="R.nc", help="Keep the result in a netCDF-4 file.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
