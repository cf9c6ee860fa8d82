"""The tables of the chat: rooms, who is in them, and what was said.

What always holds, in the database as in the changesets: a room's slug is unique in its organisation, the messages of a
room are numbered without a gap in the order in which they were committed, and a person's message comes in once however
often it is sent.
"""

from myapp.chat.schemas.messages import Mention, Message
from myapp.chat.schemas.rooms import ChatRoom, RoomMember

__all__ = ["ChatRoom", "Mention", "Message", "RoomMember"]
