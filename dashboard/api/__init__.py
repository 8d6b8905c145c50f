"""The JSON API for programs: the same actions as the pages, by the same functions."""
