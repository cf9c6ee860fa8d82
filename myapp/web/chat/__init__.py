"""The chat's pages: the rooms of an organisation, and one room.

No message and no room passes through a state: what all see of them comes over `room:<id>` and `rooms:<organisation>`,
and the browser keeps it (`browser/room_topic.js`, `rooms_topic.js`). The list of rooms is short, but it is on
every page and changes with each message: as state it would cost each tab an event and a query a message.
"""
