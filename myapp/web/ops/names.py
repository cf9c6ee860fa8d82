"""The names of the dialogs of the operators' pages, for those who link to them."""

STATEMENT = "statement"
