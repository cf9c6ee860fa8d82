"""Posts: reading, writing, publishing."""
