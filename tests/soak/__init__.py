"""Long runs that look for what no single example shows; their short forms are among the tests."""
