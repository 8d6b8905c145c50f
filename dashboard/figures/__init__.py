"""Charts as pure functions of data: plain dicts that Plotly draws. No clock, no store."""
