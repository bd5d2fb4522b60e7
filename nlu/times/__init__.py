"""Expressions of time in English and Chinese, and what they mean when they are said."""
