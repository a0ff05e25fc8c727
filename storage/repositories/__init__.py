"""Queries by aggregate."""
