"""What nurses, patients and programs see: one ASGI process with pages, an API and live events."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("hearthward")
except PackageNotFoundError:  # run from a tree that is not installed
    __version__ = "0.0.0"

# Dash looks for its components' scripts here, on the top-level package of the component classes.
_SCRIPTS = (
    *("elements", "forms", "watch", "reminders", "shell", "worklist", "actions", "care", "pauses", "patient"),
    *("drawing", "enlarged", "charts", "page", "tables", "quarantine", "equipment"),
    *("weekly", "pilots", "tryout", "rules", "settings"),
)
_js_dist = [{"relative_package_path": f"components/{name}.js", "namespace": "dashboard"} for name in _SCRIPTS]
