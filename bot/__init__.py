"""Front doors: Slack, the web pages, connectors, and the composition root."""
