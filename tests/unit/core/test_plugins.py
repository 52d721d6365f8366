"""Plugins: found by name, refused when unknown, broken or claimed twice."""

from collections.abc import Callable
from importlib.metadata import EntryPoint

import pytest

from diptych.core import plugins
from diptych.core.plugins import BrokenPlugin, UnknownPlugin, load_plugin

GROUP = "diptych.stores"
Install = Callable[..., None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Make the given (name, value) pairs the only registered plugins."""

    def _install(*named: tuple[str, str]) -> None:
        points = [EntryPoint(name, value, GROUP) for name, value in named]
        monkeypatch.setattr(
            plugins, "entry_points", lambda *, group: points if group == GROUP else []
        )

    return _install


def test_a_registered_plugin_is_loaded_by_name(install: Install) -> None:
    install(("sqlite", "sqlite3:connect"), ("json", "json:loads"))
    import sqlite3

    assert load_plugin(GROUP, "sqlite") is sqlite3.connect


def test_plugins_are_listed_without_being_imported(install: Install) -> None:
    install(("broken", "no_such_module_anywhere:x"))
    assert list(plugins.plugins(GROUP)) == ["broken"]


def test_an_unknown_name_is_refused_and_the_known_ones_listed(install: Install) -> None:
    install(("sqlite", "sqlite3:connect"))
    with pytest.raises(UnknownPlugin, match=r"got diptych\.stores plugin 'redis'.*sqlite"):
        load_plugin(GROUP, "redis")


def test_an_empty_group_says_so(install: Install) -> None:
    install()
    with pytest.raises(UnknownPlugin, match="none"):
        load_plugin(GROUP, "redis")


def test_an_unknown_group_is_refused() -> None:
    with pytest.raises(UnknownPlugin, match=r"got plugin group 'diptych\.colours'"):
        plugins.plugins("diptych.colours")


@pytest.mark.parametrize("value", ["no_such_module_anywhere:x", "json:no_such_name"])
def test_a_plugin_that_cannot_be_imported_is_broken(install: Install, value: str) -> None:
    install(("bad", value))
    with pytest.raises(BrokenPlugin, match="'bad'"):
        load_plugin(GROUP, "bad")


def test_two_packages_may_not_claim_one_name(install: Install) -> None:
    install(("x", "json:loads"), ("x", "json:dumps"))
    with pytest.raises(BrokenPlugin, match="claimed by json:loads and json:dumps") as caught:
        load_plugin(GROUP, "x")
    assert "uninstall" in caught.value.hint


def test_the_same_registration_seen_twice_is_one(install: Install) -> None:
    install(("x", "json:loads"), ("x", "json:loads"))
    assert list(plugins.plugins(GROUP)) == ["x"]


@pytest.mark.parametrize("group", plugins.GROUPS)
def test_every_plugin_that_we_ship_loads(group: str) -> None:
    for name in plugins.plugins(group):
        assert load_plugin(group, name) is not None
