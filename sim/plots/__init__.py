"""The figures: from states, shares and events to pictures that people read.

Every function gives a matplotlib figure; `save` writes it to a file and `svg` into an HTML page.
This room is the only one that imports matplotlib, and it knows nothing of the simulation.

Imports `ground`.
"""

from sim.plots.attention import attention
from sim.plots.but_for import but_for
from sim.plots.calibration import Calibrated, Dot, calibration
from sim.plots.class_scores import Scored, class_scores
from sim.plots.codings import codings
from sim.plots.contrasts import contrasts
from sim.plots.difference import difference
from sim.plots.divergence import divergence
from sim.plots.evenness import evenness
from sim.plots.first_difference import first_difference
from sim.plots.laws import laws
from sim.plots.occupancy import occupancy
from sim.plots.page import Followed, followed_of, for_phones
from sim.plots.paper import Style
from sim.plots.raster import raster
from sim.plots.rasters import rasters
from sim.plots.reliability import reliability
from sim.plots.save import save, svg, themed
from sim.plots.scores import scores
from sim.plots.style import STATE_COLOURS, STATE_LABELS, STATES
from sim.plots.sweep_lines import sweep_lines
from sim.plots.sweep_map import sweep_map
from sim.plots.timeline import timeline
from sim.plots.tornado import tornado
from sim.plots.transitions import transitions
from sim.plots.waiting import waiting

__all__ = [
    "STATES",
    "STATE_COLOURS",
    "STATE_LABELS",
    "Calibrated",
    "Dot",
    "Followed",
    "Scored",
    "Style",
    "attention",
    "but_for",
    "calibration",
    "class_scores",
    "codings",
    "contrasts",
    "difference",
    "divergence",
    "evenness",
    "first_difference",
    "followed_of",
    "for_phones",
    "laws",
    "occupancy",
    "raster",
    "rasters",
    "reliability",
    "save",
    "scores",
    "svg",
    "sweep_lines",
    "sweep_map",
    "themed",
    "timeline",
    "tornado",
    "transitions",
    "waiting",
]
