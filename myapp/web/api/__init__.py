"""Plain HTTP endpoints beside the pages."""
