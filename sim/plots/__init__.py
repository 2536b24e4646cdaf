"""The figures: from states, shares and events to pictures that people read.

Every function gives a matplotlib figure; `save` writes it to a file and `svg` into an HTML page.
This package is the only one that imports matplotlib.
"""

from sim.plots.divergence import divergence
from sim.plots.occupancy import occupancy
from sim.plots.raster import raster
from sim.plots.save import save, svg
from sim.plots.style import STATE_COLOURS, STATE_LABELS, STATES
from sim.plots.timeline import timeline
from sim.plots.transitions import transitions
from sim.plots.waiting import waiting

__all__ = [
    "STATES",
    "STATE_COLOURS",
    "STATE_LABELS",
    "divergence",
    "occupancy",
    "raster",
    "save",
    "svg",
    "timeline",
    "transitions",
    "waiting",
]
