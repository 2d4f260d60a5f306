"""Projects and the people in them: a few large, many small."""

import random
from dataclasses import dataclass
from itertools import accumulate
from uuid import UUID

from django.db.models import Max

from bench.seed import packing
from bugs.choices import Role
from bugs.models import IngestKey, Membership, Project, User

PROJECTS = {
    "WEB": "Web shop",
    "API": "Public API",
    "APP": "Mobile app",
    "PAY": "Payments",
    "OPS": "Operations",
    "CRM": "Customer desk",
    "ERP": "Back office",
    "DOC": "Documents",
    "MAIL": "Mail",
    "CHAT": "Chat",
    "MAPS": "Maps",
    "AUTH": "Sign-in",
    "DATA": "Warehouse",
    "ETL": "Imports",
    "BI": "Reports",
    "IOS": "iPhone app",
    "AND": "Android app",
    "WIN": "Desktop app",
    "SDKJ": "Java library",
    "SDKP": "Python library",
    "CLI": "Command line",
    "INF": "Infrastructure",
    "NET": "Network",
    "SEC": "Security",
    "QA": "Test farm",
    "CI": "Builds",
    "LOG": "Logging",
    "MON": "Monitoring",
    "AB": "Experiments",
    "SEO": "Landing pages",
    "CMS": "Content",
    "CDN": "Delivery network",
    "HR": "People",
    "FIN": "Finance",
    "TAX": "Taxes",
    "POS": "Tills",
    "IOT": "Devices",
    "BOT": "Assistant",
    "LAB": "Prototypes",
    "OLD": "Legacy",
}
SLOPE = 1.1  # the n-th project has n ** -SLOPE of the bugs: the first about a quarter
PEOPLE = 300
TEAM = 25
CUSTOM_FIELDS = {"customer": {"type": "text"}, "points": {"type": "number"}}
SLA = {"critical": {"triage_hours": 4, "resolve_hours": 48}, "high": {"triage_hours": 24, "resolve_hours": 240}}
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]


@dataclass(frozen=True, slots=True)
class Cast:
    projects: list[UUID]
    shares: list[float]
    users: list[int]
    teams: list[list[int]]  # of each project, those who get more bugs first


def make(dice: random.Random, since_ms: int) -> Cast:
    """Beside the services, which would give every project another id in every run."""
    first = (Project.objects.aggregate(highest=Max("number"))["highest"] or 0) + 1
    projects = [
        Project(
            id=UUID(bytes=packing.identifier(since_ms, dice.getrandbits(74))[4:]),
            number=first + place,
            key=key,
            name=name,
            time_zone=ZONES[place % len(ZONES)],
            custom_fields=CUSTOM_FIELDS,
            sla=SLA,
        )
        for place, (key, name) in enumerate(PROJECTS.items())
    ]
    Project.objects.bulk_create(projects)
    IngestKey.objects.bulk_create(
        IngestKey(project=one, public_key=f"{dice.getrandbits(128):032x}") for one in projects
    )
    users = User.objects.bulk_create(User(username=f"person{number:03}") for number in range(PEOPLE))
    teams = [dice.sample(users, TEAM) for _ in projects]
    roles = list(Role)
    Membership.objects.bulk_create(
        Membership(project=project, user=user, role=roles[number % len(roles)])
        for project, team in zip(projects, teams, strict=True)
        for number, user in enumerate(team)
    )
    return Cast(
        projects=[project.pk for project in projects],
        shares=[(rank + 1) ** -SLOPE for rank in range(len(projects))],
        users=[user.pk for user in users],
        teams=[[user.pk for user in team] for team in teams],
    )


def zipf(count: int, slope: float = 1.0) -> list[float]:
    """Cumulative weights for `choices`: the n-th is n ** -slope as likely."""
    return list(accumulate((rank + 1) ** -slope for rank in range(count)))
