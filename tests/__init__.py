"""The tests; `tests.harness` starts the real parts that they need."""
