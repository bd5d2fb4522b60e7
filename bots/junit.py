"""JUnit XML of a run of conversations, as continuous integration reads it."""

import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from dialogues.conversation_tests import CaseResult

#: Characters that XML 1.0 cannot hold, not even escaped.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(results: Sequence[CaseResult], path: Path, *, name: str) -> None:
    """Write `results` to `path`; a file of conversations is a test suite.

    Raises:
        OSError: the file cannot be written.
    """
    root = ET.Element("testsuites", _counts(results), name=_clean(name))
    for file, group in groupby(results, key=lambda result: result.path):
        cases = list(group)
        suite = ET.SubElement(root, "testsuite", _counts(cases), name=_clean(file.stem))
        for result in cases:
            case = ET.SubElement(
                suite,
                "testcase",
                classname=_clean(file.stem),
                name=_clean(result.name),
                file=_clean(str(file)),
                line=str(result.line),
                time=f"{result.seconds:.3f}",
            )
            if not result.passed:
                failure = ET.SubElement(
                    case, "failure", type="difference", message=_clean(result.failures[0])
                )
                failure.text = _clean("\n".join((*result.failures, "", result.transcript)))
    path.parent.mkdir(parents=True, exist_ok=True)
    ET.indent(root)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _counts(results: Sequence[CaseResult]) -> dict[str, str]:
    return {
        "tests": str(len(results)),
        "failures": str(sum(not result.passed for result in results)),
        "errors": "0",
        "skipped": "0",
        "time": f"{sum(result.seconds for result in results):.3f}",
    }


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
