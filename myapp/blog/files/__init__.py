"""Covers and attachments: how they come in, become a post's, are read, and go."""
