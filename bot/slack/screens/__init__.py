"""What people see and use in Slack, one module per feature: ids, `build()`, `parse()`, short listeners."""
