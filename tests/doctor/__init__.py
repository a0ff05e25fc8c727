"""`steward doctor`."""
