"""What a screen shows, as plain JSON made from rows: pure functions, no store, no Dash."""
