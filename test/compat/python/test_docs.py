"""The Python snippets of docs/migrate.md, as written."""

import re

import pytest
from conftest import REPOSITORY

SNIPPETS = re.findall(r"```python\n(.*?)```", (REPOSITORY / "docs/migrate.md").read_text(), re.DOTALL)


@pytest.mark.parametrize("code", SNIPPETS)
def test_snippet_runs_as_written(code, server, capsys):
    exec(compile(code.replace("http://127.0.0.1:8080", server), "docs/migrate.md", "exec"), {})
    assert re.fullmatch(r"(\d+ )?384\n", capsys.readouterr().out)
