"""Write docs/reference/*.md from the code: commands, settings, errors, API, rules.

Usage: python docs/generate.py [--check]. With `--check` nothing is written and the exit code is 1
when a page is not current.
"""

import argparse
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from enum import EnumType
from pathlib import Path
from types import ModuleType

import click

from diptych_verify.errors import DiptychError

REFERENCE = Path(__file__).resolve().parent / "reference"
NOTE = "<!-- Written by docs/generate.py from the code; change the code instead. -->\n"
ROOT_PACKAGES = ("diptych", "diptych_verify")


def modules() -> list[ModuleType]:
    """Import and return every module of ours, by name."""
    found = [importlib.import_module(name) for name in ROOT_PACKAGES]
    for root in list(found):
        for place in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
            found.append(importlib.import_module(place.name))
    return sorted(found, key=lambda module: module.__name__)


def error_classes() -> list[type[DiptychError]]:
    """Return the error root and every error of ours below it that a caller can see, by code."""
    modules()
    found = {DiptychError}
    waiting = [DiptychError]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            if kind.__module__.split(".")[0] in ROOT_PACKAGES and kind not in found:
                found.add(kind)
                waiting.append(kind)
    # A private class without a code of its own is seen from outside as its parent.
    shown = [k for k in found if "code" in vars(k) or not k.__name__.startswith("_")]
    return sorted(shown, key=lambda kind: (kind.code, kind.__qualname__))


def commands() -> Iterator[tuple[str, click.Command, click.Context]]:
    """Yield (full name, command, context) of the whole command tree, groups before members."""
    from diptych.app.cli import cli

    yield from _below("diptych", cli, None)


def _below(
    name: str, command: click.Command, parent: click.Context | None
) -> Iterator[tuple[str, click.Command, click.Context]]:
    context = click.Context(command, info_name=name.rsplit(" ", 1)[-1], parent=parent)
    yield name, command, context
    if isinstance(command, click.Group):
        for member in command.list_commands(context):
            found = command.get_command(context, member)
            if found is None:
                raise LookupError(f"{name} lists '{member}' but has no such command")
            yield from _below(f"{name} {member}", found, context)


def cli_page() -> str:
    """Return the page of all commands, arguments and options."""
    parts = [
        "# Commands\n",
        "Every command takes `--json` (one JSON object on stdout) and `-C FOLDER`. Progress and"
        " notes go to stderr. Exit codes: 0 ok, 1 findings or verification failed, 2 usage or"
        " configuration, 3 environment.\n",
    ]
    for name, command, context in commands():
        parts.append(f"{'#' * min(2 + name.count(' ') - (' ' in name), 4)} `{name}`\n")
        parts.append(f"{inspect.cleandoc(command.help or '').replace(chr(8), '')}\n")
        usage = " ".join(command.collect_usage_pieces(context))
        parts.append(f"```text\n{name} {usage}\n```\n")
        rows = [row for row in map(_parameter_row, command.params) if row]
        if rows:
            parts.append("| option | meaning |\n|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _parameter_row(parameter: click.Parameter) -> str:
    if not isinstance(parameter, click.Option) or parameter.name in {"as_json", "folder"}:
        return ""
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    if not parameter.is_flag:
        names += f" {_type_name(parameter)}"
    text = parameter.help or ""
    if isinstance(parameter.default, str | int | float) and not isinstance(parameter.default, bool):
        text += f" Default: `{parameter.default}`."
    return f"| `{_cell(names)}` | {_cell(text)} |"


def _type_name(option: click.Option) -> str:
    if isinstance(option.type, click.Choice):
        return " / ".join(str(choice) for choice in option.type.choices)
    return (option.metavar or option.type.name).upper().removesuffix(" RANGE")


def settings_page() -> str:
    """Return the page of all settings with type, default and environment variable."""
    from diptych.core.settings import PREFIX, Settings, load_settings

    parts = [
        "# Settings\n",
        "An argument beats the environment, the environment beats `.diptych/diptych.toml`, that"
        " beats the default. An unknown name is refused. `diptych config` shows each value and"
        " where it came from.\n",
    ]
    settings, rows = load_settings(environ={})
    for section in fields(Settings):
        about = inspect.getdoc(type(getattr(settings, section.name)))
        parts.append(f"## `[{section.name}]`\n\n{about}\n")
        lines = ["| setting | type | default | environment | meaning |", "|---|---|---|---|---|"]
        for row in rows:
            if row.name.startswith(f"{section.name}."):
                variable = f"{PREFIX}{row.name.replace('.', '__')}".upper()
                lines.append(
                    f"| `{row.name}` | {row.expected} | `{row.value}` | `{variable}` "
                    f"| {_cell(row.description)} |"
                )
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def errors_page() -> str:
    """Return the page of all error codes."""
    rows = [
        f"| `{kind.code}` | {kind.exit_code} | {_cell(_paragraph(kind))} "
        f"| `{kind.__module__}.{kind.__qualname__}` |"
        for kind in error_classes()
    ]
    return (
        "# Errors\n\nThe code is stable and stands in brackets in the message and in `--json`"
        " output. A family's own code is only seen where no narrower one fits.\n\n"
        "| code | exit | meaning | class |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def api_page() -> str:
    """Return the page of the names each package exports."""
    parts = [
        "# Python API\n",
        "The names each package exports. Modules below them are importable too; these are the"
        " ones meant to be used from outside.\n",
    ]
    for module in modules():
        names = sorted(getattr(module, "__all__", ()))
        if names and hasattr(module, "__path__"):
            parts.append(f"## `{module.__name__}`\n\n{_paragraph(module)}\n")
            parts += [_name_entry(module, name) for name in names]
    return "\n".join(parts)


def _name_entry(module: ModuleType, name: str) -> str:
    thing = getattr(module, name)
    shown = f"{name}{_signature(thing)}" if callable(thing) else name
    if isinstance(thing, ModuleType):
        shown = f"{name}  # a module"
    lines = [f"### `{module.__name__}.{name}`\n", f"```python\n{shown}\n```\n"]
    if callable(thing) or isinstance(thing, ModuleType):
        lines.append(f"{_paragraph(thing)}\n")
    return "\n".join(lines)


def rules_page() -> str:
    """Return the page of all audit rules."""
    from diptych.audit.catalogue import installed_rules

    infos = [rule.info for rule in installed_rules()]
    parts = [
        f"# Audit rules\n\nThe {len(infos)} rules of `diptych audit scan`. Their classes are those"
        " of SWC, CWE and the OWASP Smart Contract Top 10 (2025).\n",
        "| rule | severity | category | what |\n|---|---|---|---|\n"
        + "\n".join(
            f"| [`{i.id}`](#{i.id}) | {i.severity} | {i.category} | {_cell(i.title)} |"
            for i in infos
        )
        + "\n",
    ]
    for info in infos:
        classes = ", ".join(each for each in (info.swc, info.cwe, info.owasp) if each)
        parts.append(f"## {info.id}\n\n{info.description} ({info.severity}; {classes})\n")
        parts.append(f"**Exploit.** {info.scenario}\n\n**Fix.** {info.fix}\n")
        parts.append(f"<{info.reference}>\n")
    return "\n".join(parts)


_JSON = "str | int | float | bool | None | list['JsonValue'] | dict[str, 'JsonValue']"


def _signature(thing: Callable[..., object]) -> str:
    """Return a signature that is the same in every process and names types without modules."""
    if isinstance(thing, click.Command) or getattr(thing, "_is_protocol", False):
        return ""
    if isinstance(thing, type) and issubclass(thing, BaseException):
        return "(message, *, hint='', **details)"
    if isinstance(thing, EnumType):
        return ""
    try:
        text = str(inspect.signature(thing)).replace(_JSON, "JsonValue")
    except (TypeError, ValueError):
        return ""
    text = re.sub(r"<class '([\w.]+)'>", r"\1", text)
    text = re.sub(r"<(?:built-in )?function ([\w.]+)(?: at 0x\w+)?>", r"\1", text)
    text = re.sub(r"<bound method ([\w.]+) of <.* object at 0x\w+>>", r"\1", text)
    return re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Za-z_])", "", text)


def _paragraph(thing: object) -> str:
    return " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli_page,
    "settings.md": settings_page,
    "errors.md": errors_page,
    "api.md": api_page,
    "rules.md": rules_page,
}


def rendered(name: str) -> str:
    """Return the whole text that the page `name` must have."""
    return f"{NOTE}\n{PAGES[name]().rstrip()}\n"


def main() -> int:
    """Write or check every page; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")
    check = parser.parse_args().check
    stale = [name for name in PAGES if _current(name) != rendered(name)]
    if check:
        for name in stale:
            print(f"docs/reference/{name} is not current: make docs", file=sys.stderr)
        return 1 if stale else 0
    REFERENCE.mkdir(exist_ok=True)
    for name in stale:
        (REFERENCE / name).write_text(rendered(name), encoding="utf-8")
    return 0


def _current(name: str) -> str:
    path = REFERENCE / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())
