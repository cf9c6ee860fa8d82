"""What keeps a page alive after it is drawn: forms, subscriptions, and the browser's half of both."""
