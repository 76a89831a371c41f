"""Colours told apart by colour-blind readers: the set of Okabe and Ito, one meaning a colour on every chart."""

BLUE = "#0072b2"
SKY = "#56b4e9"
GREEN = "#009e73"
AMBER = "#e69f00"
VERMILLION = "#d55e00"
PURPLE = "#cc79a7"

# Ink that reads on paper; the page's script repaints it where the reader prefers dark.
INK = "#4a5560"
RULE = "#dfe4e8"
