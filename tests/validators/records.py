"""Checks CVE and OSV records against the schemas that packages of their ecosystems ship.

    python records.py cve|cna|osv FILE…

Prints a JSON array, for each file the list of what is wrong with it. "cna" is the container of a CVE
record alone.
"""

import importlib.util
import json
import sys
from pathlib import Path

from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker


def folder_of(package: str) -> Path:
    return Path(importlib.util.find_spec(package).submodule_search_locations[0])


def schema(kind: str) -> dict:
    match kind:
        case "cve":
            (path,) = folder_of("cvelib").glob("schemas/CVE_JSON_bundled_*.json")
        case "cna":
            (path,) = folder_of("cvelib").glob("schemas/CVE_JSON_cnaPublishedContainer_*.json")
        case "osv":
            path = folder_of("osv") / "osv-schema" / "validation" / "schema.json"
    return json.loads(path.read_text())


kind, *files = sys.argv[1:]
validator = Draft202012Validator if kind == "osv" else Draft7Validator
check = validator(schema(kind), format_checker=FormatChecker())
results = []
for file in files:
    document = json.loads(Path(file).read_text())
    if kind == "cna":
        document = document["containers"]["cna"]
    results.append([f"{error.json_path}: {error.message}" for error in check.iter_errors(document)])
print(json.dumps(results))
