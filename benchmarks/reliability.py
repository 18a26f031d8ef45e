"""Run the fault tests and print what they counted.

Run it with the environment's own Python: ``.venv/bin/python benchmarks/reliability.py``. ``--write`` puts the table
into docs/reliability.md.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

from measuring import put_into, table

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reliability.md"
TESTS = ["tests/faults", *(f"tests/record/test_{name}.py" for name in ("merging", "fuzz", "verification"))]


def main() -> None:
    """Print the table; with ``--write``, write it into the page too."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        options = ("-q", "-n", "auto", "--dist", "worksteal", "-p", "no:cacheprovider", f"--junitxml={report}")
        tests = subprocess.run([sys.executable, "-m", "pytest", *options, *TESTS], cwd=ROOT, check=False)
        if tests.returncode:
            sys.exit("The fault tests fail, so there are no figures.")
        rows = sorted((item.get("name", ""), item.get("value", "")) for item in ET.parse(report).iter("property"))
    lines = table(("what the fault tests did", "result"), rows)
    print("\n".join(lines))
    if "--write" in sys.argv:
        put_into(PAGE, "reliability.py", lines)


if __name__ == "__main__":
    main()
