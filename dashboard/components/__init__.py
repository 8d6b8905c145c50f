"""Our own Dash components: one JSON prop in, one event prop out; the scripts beside them draw them."""

from collections.abc import Mapping, Sequence

from dash.development.base_component import Component

Json = str | int | float | bool | None | Mapping[str, "Json"] | Sequence["Json"]


class _Drawn(Component):
    """What our components share: the namespace that their scripts register under."""

    _namespace = "dashboard"
    _base_nodes = ["children"]  # noqa: RUF012  # Dash declares it as a list on the class
    _children_props: list[str] = []  # noqa: RUF012
    _names: tuple[str, ...] = ()

    def __init__(self, **props: object) -> None:
        self._prop_names = ["id", *self._names]
        self._valid_wildcard_attributes: list[str] = []
        self.available_properties = self._prop_names
        self.available_wildcard_properties: list[str] = []
        super().__init__(**props)


class Shell(_Drawn):
    """The bar on top, the live light and the notices. Says `theme`, and `undo` when somebody asks for it."""

    _type = "Shell"
    _names = ("data", "notice", "theme", "undo")


class Worklist(_Drawn):
    """The list of open alerts. Says `query` when a filter changes, `bulk_action` when rows are acted on."""

    _type = "Worklist"
    _names = ("data", "query", "bulk", "bulk_action")


class Page(_Drawn):
    """Any page beside the alerts: `data` names its section. Says `query` when something else is asked for."""

    _type = "Page"
    _names = ("data", "query")


class Patient(_Drawn):
    """Identity, alert and actions of one patient. Says `action`; `result` answers it.

    `shown` is where the page has come to rest: the address, and the days of its charts.
    """

    _type = "Patient"
    _names = ("data", "shown", "action", "result")


class PatientAside(_Drawn):
    """What is known of a patient, and what happened to the alert."""

    _type = "PatientAside"
    _names = ("data",)


class ChartsHead(_Drawn):
    """The charts' legend and how many days they show. Says `days`."""

    _type = "ChartsHead"
    _names = ("shown", "days")


class Charts(_Drawn):
    """The patient's charts, each with its last value, its verdict and its table; `data` holds the figures."""

    _type = "Charts"
    _names = ("data",)
