"""What the engines differ in: ports, licences, families, logs. Current engine versions of late 2025."""

from __future__ import annotations

from dataclasses import dataclass

from dbtui.demo.protocol.errors import invalid_parameter


@dataclass(frozen=True)
class Engine:
    name: str
    port: int
    licence: str
    default_version: str
    user: str = "admin"
    logs: tuple[str, ...] = ()
    clustered: bool = False
    lifecycle: str | None = None
    character_set: str | None = None

    def family(self, version: str) -> str:
        """The parameter group family of a version, such as postgres16 or mysql8.0."""
        major, _, rest = version.partition(".")
        minor = rest.partition(".")[0]
        if self.name in ("postgres", "aurora-postgresql"):
            return f"{self.name}{major}"
        if self.name.startswith("sqlserver"):
            return f"{self.name}-{major}.0"
        if self.name.startswith("oracle"):
            return f"{self.name}-{major}"
        return f"{self.name}{major}.{minor}"

    def major(self, version: str) -> str:
        """The major version as option groups name it: 16, 8-0, 15-00."""
        major, _, rest = version.partition(".")
        minor = rest.partition(".")[0]
        return major if "postgres" in self.name or self.name.startswith("oracle") else f"{major}-{minor}"


_OPEN_LIFECYCLE = "open-source-rds-extended-support"

ENGINES: dict[str, Engine] = {
    engine.name: engine
    for engine in (
        Engine(
            "postgres",
            5432,
            "postgresql-license",
            "17.5",
            "postgres",
            ("postgresql", "upgrade"),
            False,
            _OPEN_LIFECYCLE,
        ),
        Engine(
            "mysql", 3306, "general-public-license", "8.4.5", "admin", ("error", "slowquery"), False, _OPEN_LIFECYCLE
        ),
        Engine("mariadb", 3306, "general-public-license", "11.4.5", "admin", ("error", "slowquery")),
        Engine(
            "sqlserver-se",
            1433,
            "license-included",
            "16.00.4195.2.v1",
            "admin",
            ("error",),
            character_set="SQL_Latin1_General_CP1_CI_AS",
        ),
        Engine(
            "oracle-se2",
            1521,
            "license-included",
            "19.0.0.0.ru-2025-04.rur-2025-04.r1",
            "admin",
            ("alert", "listener"),
            character_set="AL32UTF8",
        ),
        Engine(
            "aurora-postgresql",
            5432,
            "postgresql-license",
            "16.8",
            "postgres",
            ("postgresql",),
            True,
            "open-source-rds-extended-support",
        ),
        Engine(
            "aurora-mysql",
            3306,
            "general-public-license",
            "8.0.mysql_aurora.3.08.2",
            "admin",
            ("error", "slowquery"),
            True,
            "open-source-rds-extended-support",
        ),
        Engine("neptune", 8182, "amazon-license", "1.4.5.0", "admin", ("audit",), True),
        Engine("docdb", 27017, "na", "5.0.0", "docadmin", ("profiler",), True),
    )
}


def engine(name: str) -> Engine:
    found = ENGINES.get(name)
    if found is None:
        raise invalid_parameter(f"Invalid DB engine: {name}")
    return found
