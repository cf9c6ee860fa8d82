"""The web wing: pages, layout, sessions and what keeps them live. Rooms never import it."""
