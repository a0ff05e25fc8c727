"""How fast Steward is, each figure beside what the bare parts do in the same run: `python -m tests.bench`."""
