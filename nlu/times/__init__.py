"""Expressions of time in customers' texts: days, times of day, durations and what recurs."""
