"""Lets `python -m bot` do what `steward` does."""

from bot.cli import main

main()
