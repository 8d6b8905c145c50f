"""Journeys through a whole product: a real browser, a whole ward."""
