"""The tables. `metadata` holds them all; columns of the RVTools tabs come from `data.fields`."""

from data.models.inventory import (
    clusters,
    datastores,
    disks,
    hosts,
    machine_texts,
    network_adapters,
    partitions,
    sources,
    virtual_machines,
    vm_snapshots,
)
from data.models.labels import folder_labels, labels, machine_labels
from data.models.schema import metadata
from data.models.states import (
    generations,
    header_mappings,
    import_columns,
    import_tabs,
    imports,
    jobs,
    machines,
    vcenters,
)

__all__ = [
    "clusters",
    "datastores",
    "disks",
    "folder_labels",
    "generations",
    "header_mappings",
    "hosts",
    "import_columns",
    "import_tabs",
    "imports",
    "jobs",
    "labels",
    "machine_labels",
    "machine_texts",
    "machines",
    "metadata",
    "network_adapters",
    "partitions",
    "sources",
    "vcenters",
    "virtual_machines",
    "vm_snapshots",
]
