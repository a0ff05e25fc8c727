"""`steward doctor`: what is well, and what to do about the rest, beside a running Steward or without one."""
