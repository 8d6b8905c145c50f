"""Broker to database: batch, admit, commit, then acknowledge."""
