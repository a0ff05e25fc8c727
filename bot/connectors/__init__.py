"""What Steward writes to outside Slack: letters, by mail."""
