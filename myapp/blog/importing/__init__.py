"""How posts of other sites get in: readers of their formats, the blog's rules, a loader. `blog.imports` is the door."""
