"""List what can be measured, with the first line of what each says about itself."""

import ast
from pathlib import Path

for file in sorted(Path(__file__).parent.glob("[!_]*.py")):
    about = (ast.get_docstring(ast.parse(file.read_text())) or "").splitlines()[:1]
    print(f"  make bench NAME={file.stem.replace('_', '-'):16} {''.join(about)}")
