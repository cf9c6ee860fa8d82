"""The pages of the blog: lists, posts, tags, search, writing, importing."""
