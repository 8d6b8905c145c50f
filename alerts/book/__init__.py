"""The rulebook: programme files, their mistakes, the limits in force, and what alerts say."""
