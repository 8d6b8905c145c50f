"""How the database answers what the store asks it: the plans of real queries, with their row counts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from store.connection import Connection

Node = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One query's plan, after it ran."""

    query: str
    root: Node

    def nodes(self) -> Iterator[Node]:
        """Every step of the plan."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            waiting += node.get("Plans", [])
            yield node

    def part(self, name: str) -> "Plan":
        """The part of the plan that has this name, such as `CTE page`. AssertionError where there is none."""
        found = [node for node in self.nodes() if node.get("Subplan Name") == name]
        assert len(found) == 1, f"{len(found)} parts of the plan are called {name}"
        return Plan(query=self.query, root=found[0])

    def has(self, kind: str, *, of: str | None = None) -> bool:
        """Whether a step of this kind is in it (of that table, where one is named)."""
        return any(
            node["Node Type"] == kind and (of is None or node.get("Relation Name") == of)
            for node in self.nodes()
        )

    def reads(self, index: str) -> bool:
        """Whether it reads this index."""
        return any(node.get("Index Name") == index for node in self.nodes())

    def rows_of(self, index: str) -> int:
        """How many rows it took from this index, those too that a filter then threw away."""
        return sum(
            round(node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)))
            for node in self.nodes()
            if node.get("Index Name") == index
        )


@contextmanager
def explained(connection: Connection) -> Iterator[list[Plan]]:
    """The plans of the queries that the connection is asked in the block, in their order."""
    plans: list[Plan] = []
    ordinary = connection.cursor_factory

    class Explaining(ordinary):  # type: ignore[valid-type, misc]
        def execute(self, query, params=None, **more):  # type: ignore[no-untyped-def]
            text = query.decode() if isinstance(query, bytes) else str(query)
            if text.lstrip().startswith(("SELECT", "WITH")):
                aside = psycopg.Cursor(connection)
                asked = f"EXPLAIN (ANALYZE, FORMAT JSON) {text}".encode()
                row = aside.execute(asked, params).fetchone()
                assert row is not None
                plans.append(Plan(query=text, root=row[0][0]["Plan"]))
            return super().execute(query, params, **more)

    connection.cursor_factory = Explaining
    try:
        yield plans
    finally:
        connection.cursor_factory = ordinary
