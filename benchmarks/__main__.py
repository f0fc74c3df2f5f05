"""List the benchmarks, with the first line of each one's docstring."""

import ast
from pathlib import Path

for file in sorted(Path(__file__).parent.glob("*.py")):
    module = ast.parse(file.read_text())
    about = (ast.get_docstring(module) or "").splitlines()[:1]
    # without a `main` it is a part that several measurements share
    if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in module.body):
        print(f"  make bench NAME={file.stem.replace('_', '-'):16} {''.join(about)}")
