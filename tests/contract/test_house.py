"""The house rules that no linter knows, over every file."""

import ast
import itertools
import os
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".yml",
    ".yaml",
    ".sh",
    ".sql",
    ".conf",
    ".js",
    ".css",
    ".html",
    ".lock",
    ".service",
    "",
}
SKIPPED = {".git", ".venv", "build", "dist", "node_modules", "test-results", "__pycache__", "secrets"}
BANNED_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "core",
    "base",
    "services",
    "managers",
    "misc",
}


def project() -> dict[str, dict[str, object]]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def files(*suffixes: str) -> list[Path]:
    """Every file of the project, without what tools and wards leave behind."""
    return [path for path in everything() if path.suffix in (suffixes or TEXT)]


@cache
def everything() -> list[Path]:
    found: list[Path] = []
    for directory, below, names in os.walk(ROOT):
        at_top = Path(directory) == ROOT
        below[:] = [name for name in below if not is_left_behind(name, at_top=at_top)]
        found += [Path(directory, name) for name in names if not is_left_behind(name, at_top=at_top)]
    return sorted(found)


def is_left_behind(name: str, *, at_top: bool) -> bool:
    hidden = at_top and name.startswith(".") and name not in {".ci", ".gitignore", ".dockerignore"}
    return hidden or name in SKIPPED or name.endswith((".egg-info", "_cache"))


@cache
def text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


SOURCES = files(".py")
PACKAGES = sorted(
    path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name not in {"tests", "benchmarks"}
)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_there_is_something_to_check() -> None:
    assert len(SOURCES) > 50
    assert {"vitals", "gateway", "hub"} <= set(PACKAGES)


def test_no_file_is_longer_than_400_lines() -> None:
    long = {relative(path): length for path in SOURCES if (length := len(text(path).splitlines())) > 400}
    assert long == {}


def test_no_function_is_longer_than_60_lines() -> None:
    long = {
        f"{relative(path)}:{node.lineno} {node.name}": length
        for path in SOURCES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > 60
    }
    assert long == {}


def test_no_module_is_a_drawer_for_everything() -> None:
    named = [relative(path) for path in SOURCES if {path.stem, path.parent.name} & BANNED_NAMES]
    assert named == []


def test_every_module_says_what_it_owns() -> None:
    silent = [
        relative(path)
        for path in SOURCES
        if text(path).strip() and not ast.get_docstring(parsed(path)) and path.stat().st_size > 0
    ]
    assert silent == []


def test_no_test_sleeps_by_itself() -> None:
    """A test waits for a condition, with the harness's pollers. `asyncio.sleep(0)` only lets others run."""
    sleeping = [
        f"{relative(path)}:{node.lineno}"
        for path in SOURCES
        if path.is_relative_to(ROOT / "tests") and not path.is_relative_to(ROOT / "tests" / "harness")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"sleep", "wait_for_timeout"}
        and not (node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0)
    ]
    assert sleeping == []


def test_every_package_is_under_the_import_contracts_and_installed_and_type_checked() -> None:
    tools = project()["tool"]
    linter = tools["importlinter"]  # type: ignore[index]
    layers = set(itertools.chain(*(re.split(r" \| ", layer) for layer in linter["contracts"][0]["layers"])))
    assert sorted(layers) == PACKAGES
    assert sorted(linter["root_packages"]) == PACKAGES
    installed = tools["setuptools"]["packages"]["find"]["include"]  # type: ignore[index]
    assert sorted(name.removesuffix("*") for name in installed) == PACKAGES
    assert sorted(tools["basedpyright"]["include"]) == PACKAGES  # type: ignore[index]


@pytest.mark.parametrize(
    "banned",
    [
        "/" + "work/",
        "/" + "root/",
        "py" + "pi.org",
        "python" + "hosted.org",
        "registry.npm" + "js",
        "deb.deb" + "ian.org",
    ],
)
def test_no_file_names_a_machine_path_or_a_package_index(banned: str) -> None:
    naming = [relative(path) for path in files() if banned in text(path)]
    assert naming == []


def test_every_link_between_the_documents_leads_somewhere() -> None:
    broken = [
        f"{relative(page)} -> {target}"
        for page in files(".md")
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text(page))
        if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists()
    ]
    assert broken == []
