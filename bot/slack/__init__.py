"""The Slack front door: the edge, the screens and what Slack is told."""
