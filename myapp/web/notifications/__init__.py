"""What the person is told of: the bell in the bar on top, the page of all of it, and the wish for mail.

The bell follows `user:<person>` (`channels/user_channel.py`), the page the stream beside it; no state holds a row.
"""
