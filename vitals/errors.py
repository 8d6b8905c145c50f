"""The root of every error that Hearthward raises on purpose."""


class HubError(Exception):
    """Something happened that we foresaw; children are named for what it was and carry the datum."""
