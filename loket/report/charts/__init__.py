"""The charts of the report, drawn by Bokeh: one module a chart, one shared time axis."""
