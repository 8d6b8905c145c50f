"""The only place that knows SQL. Functions take a connection first; the caller opens the transaction."""
