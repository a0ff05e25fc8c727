"""Whole journeys: the local Slack, signed HTTP or Socket Mode, Bolt, desk, database, outbox, and back."""
