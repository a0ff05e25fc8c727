"""Everything that proves Steward does what it says."""
