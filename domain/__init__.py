"""Steward's rules: roles, seats, invitations, approvals; the standard library only."""
