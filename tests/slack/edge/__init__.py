"""The edge: what is let in, how it is dispatched and what is answered."""
