"""The worker, its ways into Slack and mail, and the whole process around them."""
