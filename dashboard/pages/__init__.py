"""The Dash application: one layout, and callbacks that are all coroutines."""
