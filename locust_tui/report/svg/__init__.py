"""The report's pictures: plain functions from values to SVG, in the colours that the page's style gives their classes."""
