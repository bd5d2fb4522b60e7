"""Decide: flows, policy, actions and one turn; the only package with conversation logic."""
