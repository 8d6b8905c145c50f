"""Histories gone through again: files and the store read, replays, backtests, and changes tried."""
