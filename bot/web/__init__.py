"""Web pages: an invitation's page, health, readiness and metrics."""
