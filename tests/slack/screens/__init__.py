"""Screens, driven by people in a local Slack."""
