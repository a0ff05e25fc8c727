"""Addresses, letters and the way to the mail server."""
