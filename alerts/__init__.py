"""Observations to alerts, and alerts to people."""
