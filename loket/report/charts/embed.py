"""Charts as one script and their places in the page: Bokeh inlined, nothing fetched."""

from collections.abc import Mapping
from dataclasses import dataclass

from bokeh.document import Document
from bokeh.embed import components
from bokeh.plotting import figure
from bokeh.resources import Resources


@dataclass(frozen=True)
class Drawing:
    """`library` and `script` are JavaScript sources, `places` the HTML in which each chart appears."""

    library: str
    script: str
    places: Mapping[str, str]


def embed(plots: Mapping[str, figure]) -> Drawing:
    """All plots in one document, so that their shared range and crosshair stay shared."""
    if not plots:
        return Drawing("", "", {})
    document = Document()
    # Each added root makes Bokeh walk all models again; frozen, it walks them once.
    with document.models.freeze():
        for plot in plots.values():
            document.add_root(plot)
    library = "\n".join(Resources(mode="inline", components=["bokeh"], log_level="error").js_raw)
    script, places = components(dict(plots), wrap_script=False)
    return Drawing(library, script, places)
