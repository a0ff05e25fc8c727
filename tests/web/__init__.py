"""The web pages, asked as a browser, a program and a forger ask."""
