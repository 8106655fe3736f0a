"""Markdown, pages and figures of the laboratory's results."""
