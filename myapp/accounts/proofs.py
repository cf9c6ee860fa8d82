"""A link by mail that proves an address to be somebody's, who comes in by it, or chooses a password.

What always holds: who has registered with somebody else's address, and waits for its owner to come, finds nothing.
Where the link is the first that proves the address, all that was put there before is gone: the password, sessions,
programs, keys, and links that would take the account to another address.
"""

from __future__ import annotations

from myapp.accounts.everywhere import end_access
from myapp.accounts.registration import BY_ADDRESS, confirm_user
from myapp.accounts.schemas import User
from myapp.kit import repo
from myapp.kit.changeset import change


async def prove_address(user: User) -> None:
    """The address is the person's who holds the link; in the open transaction."""
    if user.confirmed_at is None:
        await repo.update(change(user, hashed_password=None))
        await end_access(BY_ADDRESS, user.id)
        await confirm_user(user)
