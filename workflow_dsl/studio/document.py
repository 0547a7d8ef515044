"""The page as one HTML document: style, script and content."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from workflow_dsl.definition.json import Json
from workflow_dsl.regexes import lazy_regex
from workflow_dsl.studio.content import as_script

# Each uses those before it.
_MODULES = (
    *("dom", "server", "theme", "search", "marks", "minimap", "canvas", "folding", "execution", "differences"),
    *("events", "details", "pages", "player", "runs", "diagram", "app"),
)
_IMPORT = lazy_regex(r'^import .* from "\./\w+\.js";\n', re.MULTILINE)


def document(content: Mapping[str, Json], *, is_live: bool = False) -> str:
    """The HTML document that shows a content. A live one polls its server for changes."""
    policy = _policy(is_live=is_live)
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n<style>{_style()}</style>'
    data = f'<script type="application/json" id="content">{as_script(content)}</script>'
    text = _file("index.html").replace("<!--head-->", head)
    text = text.replace("<!--scripts-->", f'{data}\n<script type="module">{_script()}</script>')
    return text.replace('<html lang="en">', '<html lang="en" data-live="yes">') if is_live else text


def _policy(*, is_live: bool) -> str:
    """The Content-Security-Policy: nothing but the page's own script and style, and its own server."""
    script, style = (_hash(text) for text in (_script(), _style()))
    connect = "'self'" if is_live else "'none'"
    return (
        f"default-src 'none'; script-src '{script}'; style-src '{style}'; connect-src {connect}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _script() -> str:
    """All modules as one script, without imports and exports."""
    modules = (_file(f"{name}.js") for name in _MODULES)
    return "\n".join(re.sub(r"^export ", "", _IMPORT.sub("", module), flags=re.MULTILINE) for module in modules)


@cache
def _style() -> str:
    return _file("studio.css")


def _file(name: str) -> str:
    return files("workflow_dsl.studio").joinpath("page", name).read_text("utf-8")
