"""Telling people of alerts: whom, when and why is decided purely; deliveries carry it out."""
