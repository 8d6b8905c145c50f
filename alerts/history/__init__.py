"""Histories from other people's files: tables, their cells and words, and what could not be used of them."""
