"""Exports of all posts of an organisation: asked for by a person, made by a job, watched meanwhile, then fetched.

    card = await start_export(scope)                # a page; a job makes the file, one at a time for an organisation
    found = await get_export_file(scope, card.id)   # once it is done, for seven days

    async for piece in export_markdown(scope):      # a program, or a command: here and now, and kept nowhere
        await response.write(piece)

Where an export is stands in its row. Each run writes under a key of its own, which the row names before the first byte:
what a run that died has left behind is known by that, and one that was overtaken, or that nobody wants any more, finds
another key in the row, or another state, and keeps nothing.
"""
