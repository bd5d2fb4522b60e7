"""Amounts in texts: numerals in digits and words, units, currencies, shares and ranks."""
