"""Pictures: they take a dataset and optional Axes, return Axes, and compute nothing.

    import funnelsim as fs
    fs.plots.funnel(ds).figure.savefig("funnel.png")

Of a run: `funnel`, `flow`, `queues`, `work_in_process`, `responses`, `utilisation`, `heat`, `wins`; of a comparison:
`forest`, `waterfall`; of a forecast `fan`, of assumptions `tornado`, of a sweep `surface`. Names stay text.
"""

from funnelsim.plots.effects import forest, waterfall
from funnelsim.plots.fan import fan
from funnelsim.plots.flow import flow
from funnelsim.plots.funnel import funnel
from funnelsim.plots.heat import heat
from funnelsim.plots.levels import queues, work_in_process
from funnelsim.plots.picture import heat_picture, picture, save_picture, svg
from funnelsim.plots.replayed import wins
from funnelsim.plots.responses import responses
from funnelsim.plots.surface import surface
from funnelsim.plots.tornado import tornado
from funnelsim.plots.utilisation import utilisation

__all__ = [
    "fan",
    "flow",
    "forest",
    "funnel",
    "heat",
    "heat_picture",
    "picture",
    "queues",
    "responses",
    "save_picture",
    "surface",
    "svg",
    "tornado",
    "utilisation",
    "waterfall",
    "wins",
    "work_in_process",
]
