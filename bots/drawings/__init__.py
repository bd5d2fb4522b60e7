"""Drawings: a bot's flows as SVG files that stand alone, on light and dark pages."""
