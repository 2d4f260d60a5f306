"""What a pattern of errors is worth saying about: trend, likeness, what its reports share, what to do. Pure."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from statistics import median
from typing import Any

CLEAR = 2.0  # standard deviations: below, a difference may well be chance
MOSTLY = 0.8  # of the reports looked at
ENOUGH = 10  # reports, before a share says anything
TOP = 10
DIMENSIONS = ("environment", "release", "browser", "os", "device")
Facts = dict[str, Any]


def score(current: int, previous: int) -> float:
    """How far two counts are apart, in standard deviations of their difference when nothing had changed (Poisson)."""
    return (current - previous) / math.sqrt(current + previous) if current + previous else 0.0


def trend(current: int, previous: int, *, is_new: bool) -> Facts:
    far = score(current, previous)
    direction = "new" if is_new else "rising" if far >= CLEAR else "falling" if far <= -CLEAR else "steady"
    return {"previous": previous, "change": current - previous, "score": round(far, 2), "direction": direction}


def likeness(mine: Collection[str], other: Collection[str], weights: Mapping[str, float]) -> float:
    """Jaccard's measure, in which what everybody has weighs nothing; 0 to 1."""
    union = sum(weights.get(value, 0.0) for value in {*mine, *other})
    shared = sum(weights.get(value, 0.0) for value in {*mine} & {*other})
    return shared / union if union else 0.0


def weights_of(sets: Collection[Collection[str]]) -> dict[str, float]:
    """The rarer a value is among sets, the more it says; one that all of them have says nothing."""
    holders = Counter(value for each in sets for value in set(each))
    return {value: math.log(len(sets) / count) for value, count in holders.items()}


def shares(reports: Collection[Facts]) -> dict[str, list[Facts]]:
    """Of reports looked at, how many came from which environment, release, browser, system and device."""
    found = {}
    for dimension in DIMENSIONS:
        counts = Counter(value for report in reports if (value := _value(report, dimension)))
        found[dimension] = [
            {"value": value, "reports": count, "share": round(count / len(reports), 3)}
            for value, count in counts.most_common(TOP)
        ]
    return found


def metrics(reports: Iterable[Facts]) -> dict[str, float]:
    """The median of each number that machines sent."""
    numbers: dict[str, list[float]] = {}
    for report in reports:
        for name, number in report.get("system_metrics", {}).items():
            numbers.setdefault(name, []).append(number)
    return {name: median(found) for name, found in sorted(numbers.items())}


def recommendations(pattern: Facts, reports: Collection[Facts], releases: Collection[str]) -> list[Facts]:
    """Plain rules; each says what it saw. releases: every release of the project."""
    said = [*_of_pattern(pattern, releases), *(_of_reports(reports) if len(reports) >= ENOUGH else [])]
    return [{"code": code, "detail": detail, "evidence": evidence} for code, detail, evidence in said]


def _of_pattern(pattern: Facts, releases: Collection[str]) -> Iterable[tuple[str, str, Facts]]:
    seen = pattern["releases"]
    if pattern["bug_status"] == "reopened":
        yield "regressed", "Its bug was resolved and opened again. Look at what the fix left out.", {"releases": seen}
    if len(seen) == 1 and len(releases) > 1:
        yield "one_release", f"Seen only in release {seen[0]}. Look at what that release changed.", {"release": seen[0]}
    if pattern["trend"]["direction"] == "rising":
        yield "rising", "It happens clearly more often than in the range before.", {**pattern["trend"]}
    if pattern["bug"] and pattern["bug_status"] not in ("resolved", "closed") and not pattern["is_assigned"]:
        yield "unassigned", "Nobody is assigned to its bug.", {"bug": pattern["bug"]}
    if not pattern["bug"]:
        yield "no_bug", "No bug is filed for it. Report one if it matters.", {}


def _of_reports(reports: Collection[Facts]) -> Iterable[tuple[str, str, Facts]]:
    looked_at = len(reports)
    for dimension, values in shares(reports).items():
        if dimension not in ("release", "environment") and values and values[0]["share"] >= MOSTLY:
            evidence = {"dimension": dimension, **values[0], "looked_at": looked_at}
            yield "concentrated", f"Most reports come from one {dimension}: {values[0]['value']}.", evidence
    calls = Counter(call for report in reports for call in set(map(_call, report.get("api_failures", []))))
    for (method, url, status), count in calls.most_common(1):
        if url and count / looked_at >= MOSTLY:
            evidence = {"method": method, "url": url, "status": status, "reports": count, "looked_at": looked_at}
            yield "failing_call", "The same call fails before most of these errors. Look there first.", evidence
    refused = sum(1 for report in reports if report.get("auth_errors"))
    if refused / looked_at >= MOSTLY:
        evidence = {"reports": refused, "looked_at": looked_at}
        yield "sign_in", "Most reports had a refused sign-in or permission. Look at sessions and roles.", evidence


def _value(report: Facts, dimension: str) -> str:
    if dimension in ("environment", "release"):
        return str(report.get(dimension) or "")
    context = (report.get("contexts") or {}).get(dimension)
    return str(context.get("name") or context.get("model") or "") if isinstance(context, dict) else ""


def _call(failure: Facts) -> tuple[str, str, int | None]:
    return failure.get("method", ""), failure.get("url", ""), failure.get("status")


def is_new(first_seen_at: datetime, start: datetime) -> bool:
    """Whether it was never seen before the range."""
    return first_seen_at >= start
