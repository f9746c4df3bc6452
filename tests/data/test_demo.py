"""The demo estate: workbooks like those of RVTools 4.7, coherent, and the same for the same seed."""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from data.demo import series, write_demo
from data.errors import InvalidInputError

HEADERS = Path(__file__).with_name("rvtools_4_7_headers.txt")
MACHINE_TABS = (
    "vInfo", "vCPU", "vMemory", "vDisk", "vPartition", "vNetwork", "vCD", "vUSB", "vSnapshot", "vTools"
)  # fmt: skip
ANNOTATED_TABS = ("vInfo", "vMemory", "vDisk", "vSnapshot")
EPOCH = datetime.fromisoformat("1969-12-31T18:00")

Row = dict[str, object]
Book = dict[str, list[Row]]


@cache
def read(path: Path) -> Book:
    """All tabs of a workbook, each row by header."""
    workbook = CalamineWorkbook.from_path(path)
    book: Book = {}
    for tab in workbook.sheet_names:
        headers, *rows = workbook.get_sheet_by_name(tab).to_python(skip_empty_area=False)
        book[tab] = [dict(zip(headers, row, strict=True)) for row in rows]
    return book


def by_id(rows: list[Row]) -> dict[object, Row]:
    return {row["VM ID"]: row for row in rows}


def datastore_of(path: object) -> str:
    return str(path).removeprefix("[").split("] ")[0]


def total(rows: list[Row], column: str) -> float:
    return sum(row[column] for row in rows)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def book(folder: Path) -> Book:
    """An estate of one vCenter with two datacenters."""
    return read(write_demo(folder / "one.xlsx", vms=260, seed=7)[0])


@pytest.fixture(scope="module")
def months(folder: Path) -> list[Book]:
    """Four months of one vCenter."""
    return [read(path) for path in write_demo(folder / "months", vms=150, seed=3, months=4, vcenters=1)]


@pytest.fixture(scope="module")
def large(folder: Path) -> list[Book]:
    """An estate large enough for rates, in as many vCenters as the generator likes."""
    return [read(path) for path in write_demo(folder / "large", vms=2000, seed=1)]


def test_every_tab_has_the_headers_of_rvtools_4_7_in_their_order(folder: Path) -> None:
    path = write_demo(folder / "headers.xlsx", vms=10, seed=1)[0]
    workbook = CalamineWorkbook.from_path(path)
    expected = [line.split(": ", 1) for line in HEADERS.read_text().splitlines()]
    assert workbook.sheet_names == [tab for tab, _ in expected]
    extra = {}
    for tab, layout in expected:
        headers = workbook.get_sheet_by_name(tab).to_python()[0]
        before, _, after = (part.strip(", ") for part in layout.partition("..."))
        first, last = before.split(", "), after.split(", ") if after else []
        assert headers[: len(first)] == first, tab
        assert headers[len(headers) - len(last) :] == last, tab
        extra[tab] = headers[len(first) : len(headers) - len(last)]
    assert {tab: names for tab, names in extra.items() if names} == {
        **{tab: ["CODE_CCX", "Env", "NB_LAST_BACKUP", "Owner"] for tab in ANNOTATED_TABS},
        "vHost": ["Rack"],
        "vDatastore": ["Storage tier"],
    }


def test_the_same_arguments_give_the_same_cells(folder: Path) -> None:
    first = write_demo(folder / "first", vms=60, seed=11, months=2, vcenters=2)
    second = write_demo(folder / "second", vms=60, seed=11, months=2, vcenters=2)
    assert [path.name for path in first] == [path.name for path in second]
    assert [read(path) for path in first] == [read(path) for path in second]


def test_another_seed_gives_another_estate(folder: Path) -> None:
    one = read(write_demo(folder / "seed1.xlsx", vms=30, seed=1)[0])
    two = read(write_demo(folder / "seed2.xlsx", vms=30, seed=2)[0])
    assert {row["VM UUID"] for row in one["vInfo"]}.isdisjoint(row["VM UUID"] for row in two["vInfo"])


def test_several_processes_write_the_same_cells_in_the_same_order(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = {"vms": 40, "seed": 5, "months": 2, "vcenters": 2}
    alone = write_demo(folder / "alone", **arguments)
    monkeypatch.setattr(series, "_WORTH_PROCESSES", 0)
    told: list[Path] = []
    together = write_demo(folder / "together", **arguments, on_file=told.append)
    assert [path.name for path in told] == [path.name for path in alone]
    assert [read(path) for path in together] == [read(path) for path in alone]


@pytest.mark.parametrize(
    ("vms", "vcenters", "months", "sizes"),
    [
        (10, None, 1, [10]),
        (199, None, 1, [199]),
        (200, None, 1, [140, 60]),
        (100, 3, 2, [60, 30, 10]),
        (60, 5, 1, None),
    ],
)
def test_the_newest_month_holds_exactly_the_machines_asked_for(
    tmp_path: Path, vms: int, vcenters: int | None, months: int, sizes: list[int] | None
) -> None:
    paths = write_demo(tmp_path, vms=vms, seed=2, vcenters=vcenters, months=months)
    counts = [len(read(path)["vInfo"]) for path in paths[len(paths) - len(paths) // months :]]
    assert sum(counts) == vms
    assert counts == sorted(counts, reverse=True)
    if sizes:
        assert all(abs(count - size) <= 3 for count, size in zip(counts, sizes, strict=True))


def test_2000_machines_in_a_folder_come_in_three_vcenters_of_uneven_size(large: list[Book]) -> None:
    assert len({book["vMetaData"][0]["Server"] for book in large}) == 3
    assert [round(len(book["vInfo"]) / 200) for book in large] == [6, 3, 1]
    assert sum(len(book["vInfo"]) for book in large) == 2000


def test_one_workbook_is_written_exactly_where_it_is_wanted(tmp_path: Path) -> None:
    target = tmp_path / "new folder" / "estate.xlsx"
    assert write_demo(target, vms=10, seed=1) == [target]
    assert target.is_file()


def test_several_workbooks_add_vcenter_and_time_to_the_name_of_the_file(tmp_path: Path) -> None:
    paths = write_demo(tmp_path / "estate.xlsx", vms=20, seed=1, months=2, vcenters=2)
    assert [path.name for path in paths] == [
        "estate_vc-fra-01_RVTools_export_all_2026-10-16_06.00.00.xlsx",
        "estate_vc-ams-01_RVTools_export_all_2026-10-16_05.53.00.xlsx",
        "estate_vc-fra-01_RVTools_export_all_2026-11-16_06.00.00.xlsx",
        "estate_vc-ams-01_RVTools_export_all_2026-11-16_05.53.00.xlsx",
    ]
    assert sorted(tmp_path.iterdir()) == sorted(paths)


def test_each_workbook_is_reported_when_it_is_written(tmp_path: Path) -> None:
    told: list[tuple[Path, bool]] = []
    paths = write_demo(
        tmp_path, vms=10, seed=1, months=3, on_file=lambda path: told.append((path, path.is_file()))
    )
    assert told == [(path, True) for path in paths]


def test_the_newest_state_is_exported_when_asked_and_older_ones_a_month_apart(tmp_path: Path) -> None:
    newest = datetime(2025, 3, 31, 9, 30, tzinfo=UTC)
    paths = write_demo(tmp_path, vms=10, seed=1, months=3, newest=newest)
    assert [path.stem[-19:] for path in paths] == [
        "2025-01-28_09.30.00",
        "2025-02-28_09.30.00",
        "2025-03-31_09.30.00",
    ]
    times = [read(path)["vMetaData"][0]["xlsx creation datetime"] for path in paths]
    assert times == [datetime.fromisoformat(f"2025-{day}T09:30") for day in ("01-28", "02-28", "03-31")]


@pytest.mark.parametrize(
    "numbers",
    [
        {"vms": 9},
        {"vms": 100_001},
        {"vms": 10, "months": 0},
        {"vms": 10, "vcenters": 3},
        {"vms": 10, "vcenters": 0},
    ],
)
def test_numbers_out_of_their_limits_are_refused_and_nothing_is_written(
    tmp_path: Path, numbers: dict[str, int]
) -> None:
    with pytest.raises(InvalidInputError):
        write_demo(tmp_path / "estate", seed=1, **numbers)
    assert not list(tmp_path.iterdir())


def test_rows_of_all_tabs_join_by_id_and_agree_on_what_they_repeat(book: Book) -> None:
    machines = by_id(book["vInfo"])
    assert len(machines) == len({row["VM UUID"] for row in book["vInfo"]}) == 260
    repeated = (
        "VM",
        "Powerstate",
        "VM UUID",
        "Datacenter",
        "Cluster",
        "Host",
        "Annotation",
        "VI SDK Server",
        "VI SDK UUID",
    )
    for tab in MACHINE_TABS[1:]:
        for row in book[tab]:
            machine = machines.get(row["VM ID"])
            if machine is None:
                assert tab in {"vTools", "vPartition"}
            else:
                assert [row[column] for column in repeated] == [machine[column] for column in repeated], tab


def test_tools_and_partitions_know_a_machine_that_vinfo_does_not(book: Book) -> None:
    machines = by_id(book["vInfo"])
    for tab in ("vTools", "vPartition"):
        assert 1 <= sum(key not in machines for key in by_id(book[tab])) <= 2


def test_each_machine_has_its_rows_of_cpu_memory_disks_and_adapters(book: Book) -> None:
    processors, memory = by_id(book["vCPU"]), by_id(book["vMemory"])
    disks: defaultdict[object, list[Row]] = defaultdict(list)
    for row in book["vDisk"]:
        disks[row["VM ID"]].append(row)
    adapters: defaultdict[object, list[object]] = defaultdict(list)
    for row in book["vNetwork"]:
        adapters[row["VM ID"]].append(row["Network"])
    for row in book["vInfo"]:
        key = row["VM ID"]
        assert (
            processors[key]["CPUs"]
            == row["CPUs"]
            == processors[key]["Sockets"] * processors[key]["Cores p/s"]
        )
        assert memory[key]["Size MiB"] == row["Memory"]
        assert [row[f"Network #{number}"] for number in range(1, 9) if row[f"Network #{number}"]] == adapters[
            key
        ][:8]
        if not str(row["VM"]).startswith("vCLS-"):
            assert row["Disks"] == len(disks[key]) > 0
            assert row["Total disk capacity MiB"] == total(disks[key], "Capacity MiB")
        assert row["Total disk capacity MiB"] < row["Provisioned MiB"] >= row["In Use MiB"] > 0


def test_machines_of_vsphere_itself_have_no_disk_and_no_adapter(book: Book) -> None:
    own = {row["VM ID"] for row in book["vInfo"] if str(row["VM"]).startswith("vCLS-")}
    assert own
    for tab in ("vDisk", "vNetwork", "vPartition", "vCD"):
        assert own.isdisjoint(row["VM ID"] for row in book[tab])


def test_file_systems_are_known_of_running_guests_alone_and_fit_on_their_disks(book: Book) -> None:
    running = {row["VM ID"] for row in book["vTools"] if row["Tools"] in {"toolsOk", "toolsOld"}}
    space: Counter[object] = Counter()
    for row in book["vPartition"]:
        assert row["VM ID"] in running
        assert row["Powerstate"] == "poweredOn"
        assert row["Consumed MiB"] + row["Free MiB"] == row["Capacity MiB"]
        space[row["VM ID"]] += row["Capacity MiB"]
    for row in book["vInfo"]:
        assert space[row["VM ID"]] <= row["Total disk capacity MiB"]


def test_hosts_add_up_what_runs_on_them_and_it_fits(book: Book) -> None:
    running = [row for row in book["vInfo"] if row["Powerstate"] == "poweredOn"]
    for host in book["vHost"]:
        here = [row for row in running if row["Host"] == host["Host"]]
        assert host["# VMs total"] == sum(row["Host"] == host["Host"] for row in book["vInfo"])
        assert host["# VMs"] == len(here)
        assert host["# vCPUs"] == total(here, "CPUs")
        assert host["vRAM"] == total(here, "Memory") <= host["# Memory"]
        assert host["# Cores"] == host["# CPU"] * host["Cores per CPU"]
        assert 0 < host["CPU usage %"] <= 99
        assert 0 < host["Memory usage %"] <= 99
        if host["in Maintenance Mode"] == "True":
            assert not here
    assert {row["Host"] for row in book["vInfo"]} <= {host["Host"] for host in book["vHost"]}


def test_a_host_in_maintenance_keeps_at_most_a_few_machines_that_are_off(large: list[Book]) -> None:
    resting = [host for book in large for host in book["vHost"] if host["in Maintenance Mode"] == "True"]
    assert resting
    assert all(host["# VMs"] == 0 and host["# VMs total"] <= 3 for host in resting)


def test_clusters_add_up_their_hosts(book: Book) -> None:
    names = {host["Cluster"] for host in book["vHost"]}
    assert {cluster["Name"] for cluster in book["vCluster"]} == names
    for cluster in book["vCluster"]:
        hosts = [host for host in book["vHost"] if host["Cluster"] == cluster["Name"]]
        assert cluster["NumHosts"] == len(hosts)
        assert cluster["numEffectiveHosts"] == sum(host["in Maintenance Mode"] == "False" for host in hosts)
        assert cluster["NumCpuCores"] == total(hosts, "# Cores")
        assert cluster["TotalMemory"] == total(hosts, "# Memory")
        assert cluster["TotalCpu"] == sum(host["# Cores"] * host["Speed"] for host in hosts)


def test_datastores_add_up_the_machines_on_them(book: Book) -> None:
    machines: defaultdict[str, set[object]] = defaultdict(set)
    for row in (*book["vInfo"], *book["vDisk"]):
        machines[datastore_of(row["Path"])].add(row["VM ID"])
    running = {row["VM ID"] for row in book["vInfo"] if row["Powerstate"] == "poweredOn"}
    with_machines = []
    for datastore in book["vDatastore"]:
        here = machines.pop(str(datastore["Name"]), set())
        assert datastore["# VMs total"] == len(here)
        assert datastore["# VMs"] == len(here & running)
        assert datastore["In Use MiB"] + datastore["Free MiB"] == datastore["Capacity MiB"]
        assert datastore["Free MiB"] > 0
        assert datastore["# Hosts"] == len(str(datastore["Hosts"]).split(", "))
        if here:
            with_machines.append(datastore)
    assert not machines
    assert total(with_machines, "In Use MiB") == total(book["vInfo"], "In Use MiB")
    assert total(with_machines, "Provisioned MiB") == total(book["vInfo"], "Provisioned MiB")


def test_machines_lie_on_datastores_that_their_host_reaches(book: Book) -> None:
    hosts = {row["Name"]: str(row["Hosts"]).split(", ") for row in book["vDatastore"]}
    for row in (*book["vInfo"], *book["vDisk"]):
        assert row["Host"] in hosts[datastore_of(row["Path"])]


def test_yes_and_no_are_the_texts_true_and_false(book: Book) -> None:
    for tab in book.values():
        for row in tab:
            assert not any(isinstance(value, bool) for value in row.values())
    assert {row["Template"] for row in book["vInfo"]} == {"True", "False"}
    assert {row["EnableUUID"] for row in book["vInfo"]} == {"TRUE", ""}


@pytest.mark.parametrize(
    ("tab", "columns"),
    [
        ("vInfo", ["Suspend Interval", "Overall Cpu Readiness"]),
        ("vDisk", ["Disk Key"]),
        ("vTools", ["VMRef"]),
        ("vHost", ["GMT Offset", "ATS Heartbeat", "ATS Locking"]),
        ("vDatastore", ["Version"]),
        ("vSource", ["Patch level", "Build", "Product version"]),
    ],
)
def test_numbers_that_rvtools_writes_as_text_are_text(book: Book, tab: str, columns: list[str]) -> None:
    for column in columns:
        values = [row[column] for row in book[tab]]
        assert any(values)
        assert all(isinstance(value, str) for value in values)


def test_times_are_dates_and_an_unknown_creation_date_is_the_epoch(large: list[Book]) -> None:
    created = [row["Creation date"] for book in large for row in book["vInfo"]]
    assert all(isinstance(value, date) for value in created)
    assert 0.2 < sum(value == EPOCH for value in created) / len(created) < 0.3
    for row in large[0]["vInfo"]:
        assert isinstance(row["PowerOn"], date) == (row["Powerstate"] == "poweredOn")
        assert isinstance(row["Suspend time"], date) == (row["Powerstate"] == "suspended")


def test_vinfo_leaves_the_folder_empty_and_the_other_tabs_name_it_three_to_five_deep(book: Book) -> None:
    assert {row["Folder"] for row in book["vInfo"]} == {""}
    for row in book["vCPU"]:
        assert str(row["Folder"]).startswith(f"/{row['Datacenter']}/vm/")
    assert {str(row["Folder"]).count("/") for row in book["vCPU"]} == {3, 4, 5}


def test_the_files_tab_holds_only_the_sentence_that_it_is_empty(book: Book) -> None:
    (row,) = book["vFileInfo"]
    assert str(row.pop("Friendly Path Name")).startswith("This tab page is empty")
    assert not any(row.values())


def test_the_workbook_says_what_wrote_it_when_and_of_which_vcenter(book: Book) -> None:
    assert book["vMetaData"] == [
        {
            "RVTools major version": "4.7",
            "RVTools version": "4.7.1.4",
            "xlsx creation datetime": datetime.fromisoformat("2026-11-16T06:00"),
            "Server": "vc-fra-01.corp.example.com",
        }
    ]
    servers = {(row["VI SDK Server"], row["VI SDK UUID"]) for row in (*book["vInfo"], *book["vHost"])}
    assert servers == {(row["VI SDK Server"], row["VI SDK UUID"]) for row in book["vSource"]}
    assert len(servers) == 1


def test_no_machine_is_touched_before_it_is_made_or_after_the_export(large: list[Book]) -> None:
    for book in large:
        now = book["vMetaData"][0]["xlsx creation datetime"]
        for row in book["vInfo"]:
            for column in ("PowerOn", "Change Version", "Suspend time"):
                assert row[column] == "" or row["Creation date"] <= row[column] <= now
            backup = row["NB_LAST_BACKUP"]
            assert backup == "" or row["Creation date"] <= datetime.fromisoformat(str(backup)) <= now


SHARES: list[tuple[str, Callable[[Row], object], float, float]] = [
    ("powered off", lambda row: row["Powerstate"] == "poweredOff", 0.09, 0.14),
    ("suspended", lambda row: row["Powerstate"] == "suspended", 0.001, 0.006),
    ("template", lambda row: row["Template"] == "True", 0.015, 0.025),
    ("no DNS name", lambda row: row["DNS Name"] == "", 0.03, 0.055),
    ("no address", lambda row: row["Primary IP Address"] == "", 0.04, 0.065),
    ("consolidation", lambda row: row["Consolidation Needed"] == "True", 0.003, 0.008),
    ("one vCPU to 64", lambda row: 1 <= row["CPUs"] <= 64, 1, 1),
    ("four vCPU or fewer", lambda row: row["CPUs"] <= 4, 0.5, 0.85),
    ("up to 1 TiB", lambda row: row["Memory"] <= 1024**2, 1, 1),
    ("no cluster", lambda row: row["Cluster"] == "", 0, 0.03),
    ("line break in the annotation", lambda row: "\n" in str(row["Annotation"]), 0.005, 0.04),
    ("vApp", lambda row: row["vApp"], 0.001, 0.02),
]


@pytest.mark.parametrize(
    ("matches", "least", "most"), [row[1:] for row in SHARES], ids=[row[0] for row in SHARES]
)
def test_an_estate_has_the_gaps_and_states_of_a_real_one(
    large: list[Book], matches: Callable[[Row], object], least: float, most: float
) -> None:
    rows = [row for book in large for row in book["vInfo"]]
    assert least <= sum(bool(matches(row)) for row in rows) / len(rows) <= most


def test_snapshots_tools_and_datastores_have_the_states_of_real_ones(large: list[Book]) -> None:
    snapshots = [row for book in large for row in book["vSnapshot"]]
    now = large[0]["vMetaData"][0]["xlsx creation datetime"]
    ages = [(now - row["Date / time"]).days for row in snapshots]
    assert 0.07 < len({(row["VI SDK UUID"], row["VM ID"]) for row in snapshots}) / 2000 < 0.09
    assert 0 <= min(ages) < 7
    assert 200 < max(ages) <= 400
    tools = Counter(
        row["Tools"] for book in large for row in book["vTools"] if row["Powerstate"] == "poweredOn"
    )
    assert 0.03 < (tools["toolsNotRunning"] + tools["toolsNotInstalled"]) / tools.total() < 0.07
    assert tools["toolsNotInstalled"]
    assert tools["toolsOld"]
    tight = [row["Free %"] < 10 for book in large for row in book["vDatastore"]]
    assert 0 < sum(tight) / len(tight) < 0.15
    systems = {row["OS according to the configuration file"] for book in large for row in book["vInfo"]}
    assert 20 <= len(systems) <= 35
    hosts = sum(len(book["vHost"]) for book in large)
    assert 15 <= 2000 / hosts <= 40


def test_an_estate_has_the_odd_names_and_shared_keys_of_a_real_one(large: list[Book]) -> None:
    rows = large[0]["vInfo"]
    names = Counter(str(row["VM"]) for row in rows)
    assert any(name.isdigit() for name in names)
    assert any(name[0] in "=-" for name in names)
    assert any(not name.isascii() for name in names)
    places: defaultdict[object, set[object]] = defaultdict(set)
    for row in rows:
        places[row["VM"]].add(row["Datacenter"])
    twice = [name for name, count in names.items() if count > 1]
    assert twice
    assert all(len(places[name]) > 1 for name in twice)
    assert max(Counter(row["SMBIOS UUID"] for row in rows).values()) > 1
    assert max(Counter(row["VM UUID"] for row in rows).values()) == 1


def test_months_keep_the_identity_of_machines(months: list[Book]) -> None:
    for before, after in pairwise(months):
        old, new = by_id(before["vInfo"]), by_id(after["vInfo"])
        kept = old.keys() & new.keys()
        assert 0.93 * len(old) < len(kept)
        for key in kept:
            for column in ("VM UUID", "SMBIOS UUID", "Creation date", "VI SDK UUID", "Datacenter"):
                assert old[key][column] == new[key][column]


def test_every_month_brings_each_kind_of_change_to_a_few_machines(months: list[Book]) -> None:
    for before, after in pairwise(months):
        old, new = by_id(before["vInfo"]), by_id(after["vInfo"])
        kept = old.keys() & new.keys()
        changed = {
            column: sum(old[key][column] != new[key][column] for key in kept) / len(kept)
            for column in (
                "VM",
                "Host",
                "CPUs",
                "Memory",
                "Powerstate",
                "Total disk capacity MiB",
                "In Use MiB",
            )
        }
        assert 0 < len(old.keys() - kept) / len(old) < 0.05
        assert 0 < len(new.keys() - kept) / len(new) < 0.05
        for column in ("VM", "CPUs", "Memory", "Total disk capacity MiB"):
            assert 0 < changed[column] < 0.08, column
        assert 0 < changed["Host"] < 0.2
        assert 0 < changed["Powerstate"] < 0.08
        assert changed["In Use MiB"] > 0.5


def test_machines_move_to_another_cluster_over_the_months(months: list[Book]) -> None:
    first, last = by_id(months[0]["vInfo"]), by_id(months[-1]["vInfo"])
    assert any(first[key]["Cluster"] != last[key]["Cluster"] for key in first.keys() & last.keys())


def test_new_machines_were_made_since_the_month_before(months: list[Book]) -> None:
    for before, after in pairwise(months):
        since = before["vMetaData"][0]["xlsx creation datetime"]
        old = by_id(before["vInfo"])
        fresh = [row for row in after["vInfo"] if row["VM ID"] not in old]
        assert fresh
        assert all(row["Creation date"] >= since for row in fresh)


def test_some_machines_are_off_in_every_month_and_some_snapshots_come_and_go(months: list[Book]) -> None:
    off = [{row["VM ID"] for row in book["vInfo"] if row["Powerstate"] == "poweredOff"} for book in months]
    assert off[0] & off[1] & off[2] & off[3]
    taken = [{(row["VM ID"], row["Date / time"]) for row in book["vSnapshot"]} for book in months]
    for before, after in pairwise(taken):
        assert before - after
        assert after - before
        assert before & after


def test_the_estate_grows_a_little_and_the_hosts_still_hold_it(months: list[Book]) -> None:
    counts = [len(book["vInfo"]) for book in months]
    assert counts == sorted(counts)
    assert counts[-1] == 150
    for book in months:
        assert all(host["vRAM"] <= host["# Memory"] for host in book["vHost"])
        assert all(row["Free MiB"] > 0 for row in book["vDatastore"])
    times = [book["vMetaData"][0]["xlsx creation datetime"] for book in months]
    assert all(timedelta(days=27) < after - before < timedelta(days=32) for before, after in pairwise(times))
