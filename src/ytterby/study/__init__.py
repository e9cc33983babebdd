"""Cases run from start to end."""
