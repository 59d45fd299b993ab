"""Writes the test corpus of the chart engine as one chart: python3 scripts/bench/corpus.py FOLDER (prints its path)."""

import json
import sys
from pathlib import Path

SLOW = ("bcrypt", "htpasswd", "derivePassword", "encryptAES", "decryptAES")


def corpus(folder, hashes):
    """Each case is a named template, its text a member of a ConfigMap.

    Hashes of passwords are slow by intent, and the same work here and there; without them the rest is seen.
    """
    root = Path(__file__).resolve().parents[2] / "tests/chart"
    named, members = [], []
    for topic in sorted((root / "golden").glob("*.json")):
        for number, case in enumerate(json.loads(topic.read_text())):
            template = case["template"]
            if not hashes and any(word in template for word in SLOW):
                continue
            own = any(word in template for word in ("define", "block", "gen", ".Template"))
            if "output" in case and not own and not template.startswith("## "):
                name = f"{topic.stem}.{number}"
                named.append(f'{{{{ define "{name}" }}}}{template}{{{{ end }}}}')
                members.append(f'  {name}: {{{{ include "{name}" . | b64enc }}}}')
    chart = Path(folder) / ("corpus with password hashes" if hashes else "corpus")
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: corpus\nversion: 1.0.0\n")
    (chart / "values.yaml").write_text((root / "values.json").read_text())
    (chart / "templates/_cases.tpl").write_text("\n".join(named))
    head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: corpus\ndata:\n"
    (chart / "templates/all.yaml").write_text(head + "\n".join(members) + "\n")
    return str(chart)


if __name__ == "__main__":
    print(corpus(sys.argv[1], hashes=False))
