"""The store: SQLite or PostgreSQL behind `domain.ports`, from the same code and the same migrations."""
