"""A person's own settings: a page for each kind of thing, side by side."""
