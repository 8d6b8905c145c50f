"""Real servers on loopback for the tests: a database, a broker, our own processes, and patience."""
