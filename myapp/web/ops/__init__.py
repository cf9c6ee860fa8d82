"""How the site runs, for its operators: what moves comes over a channel, a snapshot at a time (`boards.py`)."""
