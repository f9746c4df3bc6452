"""What the demo estate is made of: guest systems, roles, hardware, places and words, with their weights."""

from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final, Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """Values with the relative frequency at which a real estate holds them."""

    def __init__(self, *pairs: tuple[T, float]) -> None:
        self.values = [value for value, _ in pairs]
        self._cumulated = list(accumulate(weight for _, weight in pairs))

    def pick(self, rng: Random) -> T:
        """Draw one value."""
        return rng.choices(self.values, cum_weights=self._cumulated)[0]


@dataclass(frozen=True, slots=True)
class GuestOs:
    """A guest system: `config` as set in the machine, `tools` as VMware Tools reports it."""

    config: str
    tools: str
    family: str
    detail: str


def _windows(version: str, build: str, tools: str = "") -> GuestOs:
    config = f"Microsoft Windows {version} (64-bit)"
    detail = (
        f"architecture='X86' bitness='64' buildNumber='{build}' distroName='Windows' distroVersion='10.0' "
        f"familyName='Windows' kernelVersion='{build}.1' prettyName='Windows {version}, 64-bit'"
    )
    return GuestOs(config, f"Microsoft Windows {tools} (64-bit)" if tools else config, "windows", detail)


def _linux(config: str, pretty: str, kernel: str, tools: str = "") -> GuestOs:
    detail = (
        f"architecture='X86' bitness='64' distroName='{config.rstrip(' 0123456789/')}' familyName='Linux' "
        f"kernelVersion='{kernel}' prettyName='{pretty}'"
    )
    return GuestOs(f"{config} (64-bit)", f"{tools or config} (64-bit)", "linux", detail)


RHEL9: Final = _linux(
    "Red Hat Enterprise Linux 9", "Red Hat Enterprise Linux 9.4 (Plow)", "5.14.0-427.el9.x86_64"
)
RHEL8: Final = _linux(
    "Red Hat Enterprise Linux 8", "Red Hat Enterprise Linux 8.10 (Ootpa)", "4.18.0-553.el8_10.x86_64"
)
RHEL7: Final = _linux(
    "Red Hat Enterprise Linux 7", "Red Hat Enterprise Linux Server 7.9 (Maipo)", "3.10.0-1160.el7.x86_64"
)
RHEL6: Final = _linux(
    "Red Hat Enterprise Linux 6", "Red Hat Enterprise Linux Server 6.10", "2.6.32-754.el6.x86_64"
)
UBUNTU: Final = _linux("Ubuntu Linux", "Ubuntu 22.04.5 LTS", "5.15.0-124-generic")
DEBIAN12: Final = _linux("Debian GNU/Linux 12", "Debian GNU/Linux 12 (bookworm)", "6.1.0-26-amd64")
DEBIAN11: Final = _linux("Debian GNU/Linux 11", "Debian GNU/Linux 11 (bullseye)", "5.10.0-33-amd64")
CENTOS7: Final = _linux("CentOS 7", "CentOS Linux 7 (Core)", "3.10.0-1160.el7.x86_64")
CENTOS_OLD: Final = _linux("CentOS 4/5/6/7", "CentOS release 6.10 (Final)", "2.6.32-754.el6.x86_64")
SLES15: Final = _linux(
    "SUSE Linux Enterprise 15", "SUSE Linux Enterprise Server 15 SP5", "5.14.21-150500.55.73-default"
)
SLES12: Final = _linux(
    "SUSE Linux Enterprise 12", "SUSE Linux Enterprise Server 12 SP5", "4.12.14-122.228-default"
)
ORACLE9: Final = _linux("Oracle Linux 9", "Oracle Linux Server 9.4", "5.15.0-300.163.18.el9uek.x86_64")
ORACLE8: Final = _linux("Oracle Linux 8", "Oracle Linux Server 8.10", "5.15.0-300.163.18.el8uek.x86_64")
ROCKY: Final = _linux("Rocky Linux", "Rocky Linux 9.4 (Blue Onyx)", "5.14.0-427.el9.x86_64")
ALMA: Final = _linux("AlmaLinux", "AlmaLinux 9.4 (Seafoam Ocelot)", "5.14.0-427.el9.x86_64")
PHOTON: Final = _linux("VMware Photon OS", "VMware Photon OS/Linux 5.0", "6.1.111-1.ph5")
AMAZON: Final = _linux("Amazon Linux 2", "Amazon Linux 2", "4.14.355-271.569.amzn2.x86_64")
OTHER_LINUX: Final = _linux("Other 5.x or later Linux", "Other Linux 5.15", "5.15.0")
OTHER_3X: Final = _linux("Other 3.x or later Linux", "VMware Photon OS/Linux 3.0", "4.19.305-1.ph3")
FREEBSD: Final = GuestOs(
    "FreeBSD 13 or later versions (64-bit)", "FreeBSD 13 or later versions (64-bit)", "linux", ""
)
OTHER: Final = GuestOs("Other (64-bit)", "", "linux", "")
WIN2025: Final = _windows("Server 2025", "26100")
WIN2022: Final = _windows("Server 2022", "20348")
WIN2019: Final = _windows("Server 2019", "17763")
WIN2016: Final = _windows("Server 2016 or later", "14393", tools="Server 2016")
WIN2012: Final = _windows("Server 2012", "9600", tools="Server 2012 R2")
WIN2008: Final = _windows("Server 2008 R2", "7601")
WIN2003: Final = GuestOs(
    "Microsoft Windows Server 2003 Standard (32-bit)",
    "Microsoft Windows Server 2003 Standard (32-bit)",
    "windows",
    "",
)
WIN11: Final = _windows("11", "22631")
WIN10: Final = _windows("10", "19045")

_LINUX: Final = Weighted(
    (RHEL9, 18.0), (RHEL8, 24.0), (RHEL7, 10.0), (RHEL6, 1.2), (UBUNTU, 10.0), (DEBIAN12, 3.5),
    (DEBIAN11, 3.0), (CENTOS7, 6.0), (CENTOS_OLD, 0.8), (SLES15, 4.0), (SLES12, 1.5), (ORACLE8, 1.5),
    (ROCKY, 2.5), (ALMA, 1.5), (AMAZON, 0.5), (OTHER_LINUX, 1.0),
)  # fmt: skip
_WINDOWS: Final = Weighted(
    (WIN2025, 3.0), (WIN2022, 30.0), (WIN2019, 36.0), (WIN2016, 22.0), (WIN2012, 6.0), (WIN2008, 2.5),
    (WIN2003, 0.4),
)  # fmt: skip
_MIXED: Final = Weighted(
    (RHEL9, 12.0), (RHEL8, 18.0), (RHEL7, 8.0), (UBUNTU, 6.0), (CENTOS7, 4.0), (SLES15, 3.0),
    (WIN2022, 16.0), (WIN2019, 20.0), (WIN2016, 10.0), (WIN2012, 3.0),
)  # fmt: skip
_ORACLE: Final = Weighted((ORACLE9, 25.0), (ORACLE8, 45.0), (RHEL8, 20.0), (RHEL7, 10.0))
_SUSE: Final = Weighted((SLES15, 70.0), (SLES12, 30.0))
_DESKTOPS: Final = Weighted((WIN11, 45.0), (WIN10, 55.0))
_CONTAINERS: Final = Weighted((PHOTON, 30.0), (RHEL9, 20.0), (UBUNTU, 50.0))
_APPLIANCES: Final = Weighted((OTHER_LINUX, 40.0), (FREEBSD, 30.0), (PHOTON, 20.0), (OTHER, 10.0))

_SMALL: Final = Weighted((1, 12.0), (2, 55.0), (4, 28.0), (8, 5.0))
_MEDIUM: Final = Weighted((2, 26.0), (4, 42.0), (8, 24.0), (12, 4.0), (16, 4.0))
_LARGE: Final = Weighted(
    (2, 10.0), (4, 35.0), (8, 33.0), (12, 8.0), (16, 10.0), (24, 2.0), (32, 1.5), (48, 0.5)
)
_HUGE: Final = Weighted((32, 40.0), (48, 35.0), (64, 25.0))


@dataclass(frozen=True, slots=True)
class Role:
    """What a machine is for; `code` is the middle of its name.

    `cluster` names the purpose of the clusters it prefers ("" = by environment), `gib_per_cpu` its memory,
    `data_disks` the least and most disks beside the first one, `data_gib` their sizes.
    """

    code: str
    systems: Weighted[GuestOs]
    cpus: Weighted[int]
    gib_per_cpu: Weighted[float]
    data_disks: tuple[int, int] = (0, 2)
    data_gib: tuple[int, ...] = (50, 100, 200)
    mount: str = "/opt/app"
    cluster: str = ""


_LEAN: Final = Weighted((1.0, 10.0), (2.0, 55.0), (4.0, 35.0))
_EVEN: Final = Weighted((2.0, 35.0), (4.0, 57.0), (8.0, 8.0))
_RICH: Final = Weighted((4.0, 58.0), (8.0, 38.0), (12.0, 4.0))

BUSINESS_ROLES: Final = Weighted(
    (Role("app", _MIXED, _MEDIUM, _EVEN, data_disks=(0, 2)), 24.0),
    (Role("web", _LINUX, _SMALL, _LEAN, data_disks=(0, 1), mount="/var/www"), 17.0),
    (Role("sql", _WINDOWS, _LARGE, _RICH, (2, 5), (100, 200, 400, 800), "/var/opt/mssql"), 9.0),
    (Role("pg", _LINUX, _LARGE, _RICH, (1, 3), (100, 250, 500), "/var/lib/pgsql"), 7.0),
    (Role("ora", _ORACLE, _LARGE, _RICH, (2, 6), (100, 300, 600, 1024), "/u01"), 4.0),
    (Role("k8s", _CONTAINERS, _MEDIUM, _EVEN, (1, 2), (100, 200), "/var/lib/containerd"), 9.0),
    (Role("fil", _WINDOWS, _SMALL, _EVEN, (1, 4), (500, 1024, 2048, 4096), "/srv/share"), 3.0),
    (Role("ci", _LINUX, _MEDIUM, _EVEN, (0, 1), (100, 200), "/var/lib/jenkins"), 4.0),
    (Role("mq", _LINUX, _SMALL, _EVEN, (0, 1), (50, 100), "/var/mqm"), 4.0),
    (Role("trm", _WINDOWS, _MEDIUM, _EVEN, (0, 1), (100,)), 4.0),
)  # fmt: skip
"""What the machines of an application do."""

SHARED_ROLES: Final = Weighted(
    (Role("vdi", _DESKTOPS, _SMALL, _EVEN, (0, 0), (), cluster="vdi"), 6.0),
    (Role("dc", _WINDOWS, _SMALL, _EVEN, (0, 1), (40,), cluster="mgmt"), 2.0),
    (Role("mon", _LINUX, _MEDIUM, _EVEN, (1, 2), (200, 500), "/var/log", cluster="mgmt"), 3.0),
    (Role("bkp", _WINDOWS, _MEDIUM, _EVEN, (1, 3), (500, 1024), "/backup", cluster="mgmt"), 1.5),
    (Role("fw", _APPLIANCES, _SMALL, Weighted((0.5, 25.0), (1.0, 50.0), (2.0, 25.0)), (0, 0), (),
          cluster="edge"), 2.0),
    (Role("hana", _SUSE, _HUGE, Weighted((8.0, 30.0), (16.0, 70.0)), (3, 5), (1024, 2048), "/hana/data"),
     0.15),
)  # fmt: skip
"""What serves all applications; about a machine in seven."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A stage of the applications; `code` starts machine names, `tag` is the custom attribute `Env`."""

    code: str
    tag: str
    folder: str
    cluster: str
    domain: str


ENVIRONMENTS: Final = Weighted(
    (Environment("prd", "PROD", "Prod", "prod", "corp.example.com"), 56.0),
    (Environment("uat", "UAT", "Acceptance", "prod", "uat.example.com"), 10.0),
    (Environment("tst", "TEST", "Test", "test", "test.example.com"), 15.0),
    (Environment("dev", "DEV", "Dev", "test", "dev.example.com"), 19.0),
)


@dataclass(frozen=True, slots=True)
class Hardware:
    """A server model; `cores` per socket, always two sockets."""

    vendor: str
    model: str
    cpu_model: str
    cores: int
    mhz: int
    evc: str
    bios: str


HARDWARE: Final = (
    Hardware("HPE", "ProLiant DL360 Gen10", "Intel(R) Xeon(R) Gold 6226R CPU @ 2.90GHz", 16, 2893,
             "intel-cascadelake", "U32"),
    Hardware("Dell Inc.", "PowerEdge R640", "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz", 20, 2095,
             "intel-cascadelake", "2.21.2"),
    Hardware("HPE", "ProLiant DL380 Gen10", "Intel(R) Xeon(R) Gold 6248R CPU @ 3.00GHz", 24, 2993,
             "intel-cascadelake", "U30"),
    Hardware("Dell Inc.", "PowerEdge R650", "Intel(R) Xeon(R) Gold 6330 CPU @ 2.00GHz", 28, 1995,
             "intel-icelake", "1.14.1"),
    Hardware("Lenovo", "ThinkSystem SR650 V3", "Intel(R) Xeon(R) Gold 6430", 32, 2100,
             "intel-sapphirerapids", "ESE124"),
    Hardware("Cisco Systems Inc", "UCSX-210C-M7", "Intel(R) Xeon(R) Platinum 8460Y+", 40, 2000,
             "intel-sapphirerapids", "X210M7.5.2"),
    Hardware("Dell Inc.", "PowerEdge R6625", "AMD EPYC 9454 48-Core Processor", 48, 2750,
             "amd-zen4", "1.8.3"),
    Hardware("HPE", "ProLiant DL385 Gen11", "AMD EPYC 9554 64-Core Processor", 64, 3100,
             "amd-zen4", "A55"),
)  # fmt: skip
"""Server models by number of cores."""

HOST_MEMORY_GIB: Final = (128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192)

ESX_VERSIONS: Final = (
    "VMware ESXi 7.0.3 build-23794027",
    "VMware ESXi 8.0.2 build-23305546",
    "VMware ESXi 8.0.3 build-24280767",
    "VMware ESXi 8.0.3 build-24674464",
)

SITES: Final = (
    ("fra", "Frankfurt"), ("muc", "München"), ("ber", "Berlin"), ("ham", "Hamburg"), ("cgn", "Köln West"),
    ("str", "Stuttgart"), ("ams", "Amsterdam"), ("bru", "Brussels"), ("par", "Paris"), ("lux", "Luxembourg"),
    ("lyo", "Lyon"), ("mil", "Milan"), ("waw", "Warsaw"), ("prg", "Prague"), ("vie", "Vienna"),
    ("zrh", "Zürich"), ("bud", "Budapest"), ("kra", "Kraków"),
)  # fmt: skip

DEPARTMENTS: Final = ("Finance", "Retail", "Logistics", "People", "Sales", "Engineering", "Security", "Data")
SUBJECTS: Final = (
    "Billing", "Claims", "Payroll", "Orders", "Catalogue", "Customer", "Identity", "Ledger", "Pricing",
    "Returns", "Shipping", "Stock", "Supplier", "Travel", "Treasury", "Warehouse", "Document", "Messaging",
    "Reporting", "Search", "Service Desk", "Contract", "Fleet", "Quality", "Training",
)  # fmt: skip
SYSTEMS: Final = (
    "Portal", "Gateway", "Engine", "Archive", "Hub", "API", "Store", "Batch", "Monitor", "Sync", "Desk",
    "Planner", "Analytics", "Vault",
)  # fmt: skip
TEAMS: Final = (
    "Platform Linux", "Platform Windows", "Data Platform", "Payments", "Web Operations", "Workplace",
    "Network Services", "SAP Basis", "Security Operations", "Release Engineering",
)  # fmt: skip

ODD_NAMES: Final = (
    "serveur-préprod-é", "büro-münchen", "año-nuevo-db", "测试服务器", "開発サーバー", "prod-🚀-launch",
    "Kraków-łącze", "name with spaces", "O'Brien's test",
)  # fmt: skip
FORMULA_NAMES: Final = (
    "=old-sql", "-decommissioned-web", "=cmd-test", "-do-not-start", "+legacy", "@restored",
)  # fmt: skip
ANNOTATIONS: Final = (
    "Owner: data platform", "Do not reboot without a change.", "Patched on the second Tuesday of the month",
    "Migrated from the old cluster", "Licence bound to this host name", "Vendor appliance, no agents",
    "Replaced by the next release, keep until year end", "Static address, see the network plan",
    "Requested in CHG0048213", "Backup excluded by agreement",
)  # fmt: skip
LONG_ANNOTATIONS: Final = (
    "Contact: operations@example.com\nService window: Sunday 02:00 to 06:00\nCriticality: high",
    "Built by automation\r\nTemplate: golden image 2026.1\r\nDo not edit by hand",
    'Second node of the pair.\n\nSee "runbook", page 4; escalate to the duty manager.',
)
SNAPSHOT_NAMES: Final = (
    "before patching", "pre-upgrade", "VEEAM BACKUP TEMPORARY SNAPSHOT", "Before app release", "test",
    "do not delete", "VM Snapshot 1", "prior to config change",
)  # fmt: skip

LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ"
