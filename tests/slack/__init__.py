"""The Slack front door."""
