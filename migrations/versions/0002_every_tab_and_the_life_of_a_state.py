"""Every tab, the life of a state, and jobs that outlive the web workers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of the further tabs; add columns, with defaults where rows are there."""
    op.create_table(
        "header_mappings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tab", sa.String(length=32), nullable=False),
        sa.Column("header", sa.String(length=255), nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_header_mappings")),
        sa.UniqueConstraint("tab", "header", name=op.f("uq_header_mappings_tab_header")),
    )
    op.create_table(
        "distributed_ports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("vcenter_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("switch", sa.String(length=255), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("ports", sa.Integer(), nullable=True),
        sa.Column("vlan", sa.Text(), nullable=True),
        sa.Column("speed_mbit", sa.Integer(), nullable=True),
        sa.Column("full_duplex", sa.Boolean(), nullable=True),
        sa.Column("blocked", sa.Boolean(), nullable=True),
        sa.Column("promiscuous_mode", sa.Boolean(), nullable=True),
        sa.Column("mac_changes", sa.Boolean(), nullable=True),
        sa.Column("active_uplink", sa.Text(), nullable=True),
        sa.Column("standby_uplink", sa.Text(), nullable=True),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("forged_transmits", sa.Boolean(), nullable=True),
        sa.Column("in_shaping", sa.Boolean(), nullable=True),
        sa.Column("in_average", sa.Double(), nullable=True),
        sa.Column("in_peak", sa.Double(), nullable=True),
        sa.Column("in_burst", sa.Double(), nullable=True),
        sa.Column("out_shaping", sa.Boolean(), nullable=True),
        sa.Column("out_average", sa.Double(), nullable=True),
        sa.Column("out_peak", sa.Double(), nullable=True),
        sa.Column("out_burst", sa.Double(), nullable=True),
        sa.Column("reverse_policy", sa.Boolean(), nullable=True),
        sa.Column("notify_switch", sa.Boolean(), nullable=True),
        sa.Column("rolling_order", sa.Boolean(), nullable=True),
        sa.Column("check_beacon", sa.Boolean(), nullable=True),
        sa.Column("live_port_moving", sa.Boolean(), nullable=True),
        sa.Column("check_duplex", sa.Boolean(), nullable=True),
        sa.Column("check_error", sa.Boolean(), nullable=True),
        sa.Column("check_speed", sa.Text(), nullable=True),
        sa.Column("error_pct", sa.Double(), nullable=True),
        sa.Column("block_override", sa.Boolean(), nullable=True),
        sa.Column("config_reset", sa.Boolean(), nullable=True),
        sa.Column("shaping_override", sa.Boolean(), nullable=True),
        sa.Column("vendor_config_override", sa.Boolean(), nullable=True),
        sa.Column("security_override", sa.Boolean(), nullable=True),
        sa.Column("teaming_override", sa.Boolean(), nullable=True),
        sa.Column("vlan_override", sa.Boolean(), nullable=True),
        sa.Column("object_id", sa.Text(), nullable=True),
        sa.Column("vi_sdk_server", sa.String(length=255), nullable=True),
        sa.Column("vi_sdk_uuid", sa.String(length=255), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
            name=op.f("fk_distributed_ports_import_id_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distributed_ports")),
    )
    op.create_index("ix_distributed_ports_import_id", "distributed_ports", ["import_id"], unique=False)
    op.create_table(
        "distributed_switches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("vcenter_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("datacenter", sa.String(length=255), nullable=True),
        sa.Column("product_name", sa.Text(), nullable=True),
        sa.Column("vendor", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=True),
        sa.Column("host_members", sa.Text(), nullable=True),
        sa.Column("max_ports", sa.Integer(), nullable=True),
        sa.Column("ports", sa.Integer(), nullable=True),
        sa.Column("vms", sa.Integer(), nullable=True),
        sa.Column("in_shaping", sa.Boolean(), nullable=True),
        sa.Column("in_average", sa.Double(), nullable=True),
        sa.Column("in_peak", sa.Double(), nullable=True),
        sa.Column("in_burst", sa.Double(), nullable=True),
        sa.Column("out_shaping", sa.Boolean(), nullable=True),
        sa.Column("out_average", sa.Double(), nullable=True),
        sa.Column("out_peak", sa.Double(), nullable=True),
        sa.Column("out_burst", sa.Double(), nullable=True),
        sa.Column("cdp_type", sa.Text(), nullable=True),
        sa.Column("cdp_operation", sa.Text(), nullable=True),
        sa.Column("lacp_name", sa.Text(), nullable=True),
        sa.Column("lacp_mode", sa.Text(), nullable=True),
        sa.Column("lacp_load_balancing", sa.Text(), nullable=True),
        sa.Column("max_mtu", sa.Integer(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("admin_name", sa.Text(), nullable=True),
        sa.Column("object_id", sa.Text(), nullable=True),
        sa.Column("vi_sdk_server", sa.String(length=255), nullable=True),
        sa.Column("vi_sdk_uuid", sa.String(length=255), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
            name=op.f("fk_distributed_switches_import_id_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distributed_switches")),
    )
    op.create_index("ix_distributed_switches_import_id", "distributed_switches", ["import_id"], unique=False)
    op.create_table(
        "files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("vcenter_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("friendly_path", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("size_bytes", sa.Double(), nullable=True),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("vi_sdk_server", sa.String(length=255), nullable=True),
        sa.Column("vi_sdk_uuid", sa.String(length=255), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_files_import_id_imports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
    )
    op.create_index("ix_files_import_id", "files", ["import_id"], unique=False)
    op.create_table(
        "health_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("vcenter_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("message_type", sa.String(length=255), nullable=True),
        sa.Column("vi_sdk_server", sa.String(length=255), nullable=True),
        sa.Column("vi_sdk_uuid", sa.String(length=255), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
            name=op.f("fk_health_messages_import_id_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_messages")),
    )
    op.create_index("ix_health_messages_import_id", "health_messages", ["import_id"], unique=False)
    op.create_table(
        "host_adapters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("vcenter_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("datacenter", sa.String(length=255), nullable=True),
        sa.Column("cluster", sa.String(length=255), nullable=True),
        sa.Column("device", sa.String(length=255), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("bus", sa.Integer(), nullable=True),
        sa.Column("pci", sa.Text(), nullable=True),
        sa.Column("driver", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("wwn", sa.String(length=255), nullable=True),
        sa.Column("vi_sdk_server", sa.String(length=255), nullable=True),
        sa.Column("vi_sdk_uuid", sa.String(length=255), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_host_adapters_import_id_imports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_adapters")),
    )
    op.create_index("ix_host_adapters_import_id", "host_adapters", ["import_id"], unique=False)
    op.create_table(
        "host_nics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("vcenter_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("datacenter", sa.String(length=255), nullable=True),
        sa.Column("cluster", sa.String(length=255), nullable=True),
        sa.Column("device", sa.String(length=255), nullable=True),
        sa.Column("driver", sa.Text(), nullable=True),
        sa.Column("speed_mbit", sa.Integer(), nullable=True),
        sa.Column("duplex", sa.Text(), nullable=True),
        sa.Column("mac_address", sa.String(length=255), nullable=True),
        sa.Column("switch", sa.String(length=255), nullable=True),
        sa.Column("uplink_port", sa.Text(), nullable=True),
        sa.Column("pci", sa.Text(), nullable=True),
        sa.Column("wake_on_lan", sa.Boolean(), nullable=True),
        sa.Column("vi_sdk_server", sa.String(length=255), nullable=True),
        sa.Column("vi_sdk_uuid", sa.String(length=255), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_host_nics_import_id_imports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_nics")),
    )
    op.create_index("ix_host_nics_import_id", "host_nics", ["import_id"], unique=False)
    op.create_table(
        "licences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("vcenter_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("labels", sa.Text(), nullable=True),
        sa.Column("cost_unit", sa.Text(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=True),
        sa.Column("expiration", sa.Text(), nullable=True),
        sa.Column("features", sa.Text(), nullable=True),
        sa.Column("vi_sdk_server", sa.String(length=255), nullable=True),
        sa.Column("vi_sdk_uuid", sa.String(length=255), nullable=True),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_licences_import_id_imports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licences")),
    )
    op.create_index("ix_licences_import_id", "licences", ["import_id"], unique=False)
    op.create_table(
        "other_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("vcenter_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("sheet", sa.String(length=255), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_other_rows_import_id_imports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_other_rows")),
    )
    op.create_index("ix_other_rows_import_id", "other_rows", ["import_id"], unique=False)
    op.create_table(
        "port_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("vcenter_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("datacenter", sa.String(length=255), nullable=True),
        sa.Column("cluster", sa.String(length=255), nullable=True),
        sa.Column("port_group", sa.String(length=255), nullable=True),
        sa.Column("switch", sa.String(length=255), nullable=True),
        sa.Column("vlan", sa.Text(), nullable=True),
        sa.Column("promiscuous_mode", sa.Boolean(), nullable=True),
        sa.Column("mac_changes", sa.Boolean(), nullable=True),
        sa.Column("forged_transmits", sa.Boolean(), nullable=True),
        sa.Column("traffic_shaping", sa.Boolean(), nullable=True),
        sa.Column("average_bandwidth", sa.Double(), nullable=True),
        sa.Column("peak_bandwidth", sa.Double(), nullable=True),
        sa.Column("burst_size", sa.Double(), nullable=True),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("reverse_policy", sa.Boolean(), nullable=True),
        sa.Column("notify_switch", sa.Boolean(), nullable=True),
        sa.Column("rolling_order", sa.Boolean(), nullable=True),
        sa.Column("offload", sa.Boolean(), nullable=True),
        sa.Column("tso", sa.Boolean(), nullable=True),
        sa.Column("zero_copy_transmit", sa.Boolean(), nullable=True),
        sa.Column("vi_sdk_server", sa.String(length=255), nullable=True),
        sa.Column("vi_sdk_uuid", sa.String(length=255), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_port_groups_import_id_imports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_port_groups")),
    )
    op.create_index("ix_port_groups_import_id", "port_groups", ["import_id"], unique=False)
    op.create_table(
        "resource_pools",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("vcenter_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("vms_total", sa.Integer(), nullable=True),
        sa.Column("vms", sa.Integer(), nullable=True),
        sa.Column("vcpus", sa.Integer(), nullable=True),
        sa.Column("cpu_limit_mhz", sa.Double(), nullable=True),
        sa.Column("cpu_overhead_limit_mhz", sa.Double(), nullable=True),
        sa.Column("cpu_reservation_mhz", sa.Double(), nullable=True),
        sa.Column("cpu_level", sa.Text(), nullable=True),
        sa.Column("cpu_shares", sa.Integer(), nullable=True),
        sa.Column("cpu_expandable", sa.Boolean(), nullable=True),
        sa.Column("cpu_max_mhz", sa.Double(), nullable=True),
        sa.Column("cpu_usage_mhz", sa.Double(), nullable=True),
        sa.Column("cpu_reserved_mhz", sa.Double(), nullable=True),
        sa.Column("cpu_reserved_for_vms_mhz", sa.Double(), nullable=True),
        sa.Column("cpu_unreserved_for_pools_mhz", sa.Double(), nullable=True),
        sa.Column("cpu_unreserved_for_vms_mhz", sa.Double(), nullable=True),
        sa.Column("memory_configured_mib", sa.Double(), nullable=True),
        sa.Column("memory_limit_mib", sa.Double(), nullable=True),
        sa.Column("memory_overhead_limit_mib", sa.Double(), nullable=True),
        sa.Column("memory_reservation_mib", sa.Double(), nullable=True),
        sa.Column("memory_level", sa.Text(), nullable=True),
        sa.Column("memory_shares", sa.Integer(), nullable=True),
        sa.Column("memory_expandable", sa.Boolean(), nullable=True),
        sa.Column("memory_max_mib", sa.Double(), nullable=True),
        sa.Column("memory_usage_mib", sa.Double(), nullable=True),
        sa.Column("memory_reserved_mib", sa.Double(), nullable=True),
        sa.Column("memory_reserved_for_vms_mib", sa.Double(), nullable=True),
        sa.Column("memory_unreserved_for_pools_mib", sa.Double(), nullable=True),
        sa.Column("memory_unreserved_for_vms_mib", sa.Double(), nullable=True),
        sa.Column("cpu_demand_now_mhz", sa.Double(), nullable=True),
        sa.Column("cpu_usage_now_mhz", sa.Double(), nullable=True),
        sa.Column("cpu_entitlement_static_mhz", sa.Double(), nullable=True),
        sa.Column("cpu_entitlement_mhz", sa.Double(), nullable=True),
        sa.Column("memory_ballooned_mib", sa.Double(), nullable=True),
        sa.Column("memory_compressed_kib", sa.Double(), nullable=True),
        sa.Column("memory_consumed_overhead_mib", sa.Double(), nullable=True),
        sa.Column("memory_entitlement_mib", sa.Double(), nullable=True),
        sa.Column("memory_active_mib", sa.Double(), nullable=True),
        sa.Column("memory_consumed_mib", sa.Double(), nullable=True),
        sa.Column("memory_overhead_mib", sa.Double(), nullable=True),
        sa.Column("memory_private_mib", sa.Double(), nullable=True),
        sa.Column("memory_shared_mib", sa.Double(), nullable=True),
        sa.Column("memory_entitlement_static_mib", sa.Double(), nullable=True),
        sa.Column("memory_swapped_mib", sa.Double(), nullable=True),
        sa.Column("object_id", sa.Text(), nullable=True),
        sa.Column("vi_sdk_server", sa.String(length=255), nullable=True),
        sa.Column("vi_sdk_uuid", sa.String(length=255), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
            name=op.f("fk_resource_pools_import_id_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_pools")),
    )
    op.create_index("ix_resource_pools_import_id", "resource_pools", ["import_id"], unique=False)
    op.create_table(
        "rvtools_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("vcenter_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("rvtools_major_version", sa.Text(), nullable=True),
        sa.Column("rvtools_version", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=True),
        sa.Column("server", sa.Text(), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_rvtools_runs_import_id_imports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rvtools_runs")),
    )
    op.create_index("ix_rvtools_runs_import_id", "rvtools_runs", ["import_id"], unique=False)
    op.create_table(
        "storage_paths",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("vcenter_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("datacenter", sa.String(length=255), nullable=True),
        sa.Column("cluster", sa.String(length=255), nullable=True),
        sa.Column("datastore", sa.String(length=255), nullable=True),
        sa.Column("disk", sa.String(length=255), nullable=True),
        sa.Column("display_name", sa.Text(), nullable=True),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("operational_state", sa.Text(), nullable=True),
        sa.Column("path_1", sa.Text(), nullable=True),
        sa.Column("path_1_state", sa.Text(), nullable=True),
        sa.Column("path_2", sa.Text(), nullable=True),
        sa.Column("path_2_state", sa.Text(), nullable=True),
        sa.Column("path_3", sa.Text(), nullable=True),
        sa.Column("path_3_state", sa.Text(), nullable=True),
        sa.Column("path_4", sa.Text(), nullable=True),
        sa.Column("path_4_state", sa.Text(), nullable=True),
        sa.Column("path_5", sa.Text(), nullable=True),
        sa.Column("path_5_state", sa.Text(), nullable=True),
        sa.Column("path_6", sa.Text(), nullable=True),
        sa.Column("path_6_state", sa.Text(), nullable=True),
        sa.Column("path_7", sa.Text(), nullable=True),
        sa.Column("path_7_state", sa.Text(), nullable=True),
        sa.Column("path_8", sa.Text(), nullable=True),
        sa.Column("path_8_state", sa.Text(), nullable=True),
        sa.Column("vstorage", sa.Text(), nullable=True),
        sa.Column("queue_depth", sa.Integer(), nullable=True),
        sa.Column("vendor", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("revision", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("serial_number", sa.Text(), nullable=True),
        sa.Column("uuid", sa.Text(), nullable=True),
        sa.Column("object_id", sa.Text(), nullable=True),
        sa.Column("vi_sdk_server", sa.String(length=255), nullable=True),
        sa.Column("vi_sdk_uuid", sa.String(length=255), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_storage_paths_import_id_imports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storage_paths")),
    )
    op.create_index("ix_storage_paths_import_id", "storage_paths", ["import_id"], unique=False)
    op.create_table(
        "virtual_switches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("vcenter_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("datacenter", sa.String(length=255), nullable=True),
        sa.Column("cluster", sa.String(length=255), nullable=True),
        sa.Column("switch", sa.String(length=255), nullable=True),
        sa.Column("ports", sa.Integer(), nullable=True),
        sa.Column("free_ports", sa.Integer(), nullable=True),
        sa.Column("promiscuous_mode", sa.Boolean(), nullable=True),
        sa.Column("mac_changes", sa.Boolean(), nullable=True),
        sa.Column("forged_transmits", sa.Boolean(), nullable=True),
        sa.Column("traffic_shaping", sa.Boolean(), nullable=True),
        sa.Column("average_bandwidth", sa.Double(), nullable=True),
        sa.Column("peak_bandwidth", sa.Double(), nullable=True),
        sa.Column("burst_size", sa.Double(), nullable=True),
        sa.Column("policy", sa.Text(), nullable=True),
        sa.Column("reverse_policy", sa.Boolean(), nullable=True),
        sa.Column("notify_switch", sa.Boolean(), nullable=True),
        sa.Column("rolling_order", sa.Boolean(), nullable=True),
        sa.Column("offload", sa.Boolean(), nullable=True),
        sa.Column("tso", sa.Boolean(), nullable=True),
        sa.Column("zero_copy_transmit", sa.Boolean(), nullable=True),
        sa.Column("mtu", sa.Integer(), nullable=True),
        sa.Column("vi_sdk_server", sa.String(length=255), nullable=True),
        sa.Column("vi_sdk_uuid", sa.String(length=255), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
            name=op.f("fk_virtual_switches_import_id_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_virtual_switches")),
    )
    op.create_index("ix_virtual_switches_import_id", "virtual_switches", ["import_id"], unique=False)
    op.create_table(
        "vmkernel_adapters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("vcenter_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=True),
        sa.Column("datacenter", sa.String(length=255), nullable=True),
        sa.Column("cluster", sa.String(length=255), nullable=True),
        sa.Column("port_group", sa.String(length=255), nullable=True),
        sa.Column("device", sa.String(length=255), nullable=True),
        sa.Column("mac_address", sa.String(length=255), nullable=True),
        sa.Column("dhcp", sa.Boolean(), nullable=True),
        sa.Column("ipv4_address", sa.String(length=255), nullable=True),
        sa.Column("ipv6_address", sa.Text(), nullable=True),
        sa.Column("subnet_mask", sa.Text(), nullable=True),
        sa.Column("ipv4_gateway", sa.Text(), nullable=True),
        sa.Column("ipv6_gateway", sa.Text(), nullable=True),
        sa.Column("mtu", sa.Integer(), nullable=True),
        sa.Column("vi_sdk_server", sa.String(length=255), nullable=True),
        sa.Column("vi_sdk_uuid", sa.String(length=255), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.id"],
            name=op.f("fk_vmkernel_adapters_import_id_imports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vmkernel_adapters")),
    )
    op.create_index("ix_vmkernel_adapters_import_id", "vmkernel_adapters", ["import_id"], unique=False)
    op.create_table(
        "cd_drives",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("vcenter_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("virtual_machine_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("vm_id", sa.String(length=255), nullable=True),
        sa.Column("vm_uuid", sa.String(length=255), nullable=True),
        sa.Column("template", sa.Boolean(), nullable=True),
        sa.Column("device_node", sa.Text(), nullable=True),
        sa.Column("connected", sa.Boolean(), nullable=True),
        sa.Column("starts_connected", sa.Boolean(), nullable=True),
        sa.Column("device_type", sa.Text(), nullable=True),
        sa.Column("vm_ref", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_cd_drives_import_id_imports"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["virtual_machine_id"],
            ["virtual_machines.id"],
            name=op.f("fk_cd_drives_virtual_machine_id_virtual_machines"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cd_drives")),
    )
    op.create_index("ix_cd_drives_import_id", "cd_drives", ["import_id"], unique=False)
    op.create_index(
        op.f("ix_cd_drives_virtual_machine_id"), "cd_drives", ["virtual_machine_id"], unique=False
    )
    op.create_table(
        "floppy_drives",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("vcenter_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("virtual_machine_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("vm_id", sa.String(length=255), nullable=True),
        sa.Column("vm_uuid", sa.String(length=255), nullable=True),
        sa.Column("template", sa.Boolean(), nullable=True),
        sa.Column("device_node", sa.Text(), nullable=True),
        sa.Column("connected", sa.Boolean(), nullable=True),
        sa.Column("starts_connected", sa.Boolean(), nullable=True),
        sa.Column("device_type", sa.Text(), nullable=True),
        sa.Column("vm_ref", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_floppy_drives_import_id_imports"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["virtual_machine_id"],
            ["virtual_machines.id"],
            name=op.f("fk_floppy_drives_virtual_machine_id_virtual_machines"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floppy_drives")),
    )
    op.create_index("ix_floppy_drives_import_id", "floppy_drives", ["import_id"], unique=False)
    op.create_index(
        op.f("ix_floppy_drives_virtual_machine_id"), "floppy_drives", ["virtual_machine_id"], unique=False
    )
    op.create_table(
        "usb_devices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("vcenter_id", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("virtual_machine_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("vm_id", sa.String(length=255), nullable=True),
        sa.Column("vm_uuid", sa.String(length=255), nullable=True),
        sa.Column("template", sa.Boolean(), nullable=True),
        sa.Column("device_node", sa.Text(), nullable=True),
        sa.Column("device_type", sa.Text(), nullable=True),
        sa.Column("connected", sa.Boolean(), nullable=True),
        sa.Column("family", sa.Text(), nullable=True),
        sa.Column("speed", sa.Text(), nullable=True),
        sa.Column("ehci_enabled", sa.Boolean(), nullable=True),
        sa.Column("auto_connect", sa.Boolean(), nullable=True),
        sa.Column("bus_number", sa.Integer(), nullable=True),
        sa.Column("unit_number", sa.Integer(), nullable=True),
        sa.Column("vm_ref", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_usb_devices_import_id_imports"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["virtual_machine_id"],
            ["virtual_machines.id"],
            name=op.f("fk_usb_devices_virtual_machine_id_virtual_machines"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usb_devices")),
    )
    op.create_index("ix_usb_devices_import_id", "usb_devices", ["import_id"], unique=False)
    op.create_index(
        op.f("ix_usb_devices_virtual_machine_id"), "usb_devices", ["virtual_machine_id"], unique=False
    )
    op.add_column("imports", sa.Column("is_pinned", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("imports", sa.Column("size_bytes", sa.BigInteger(), nullable=True))
    op.add_column("imports", sa.Column("file_states", sa.Integer(), server_default="1", nullable=False))
    op.add_column("jobs", sa.Column("process_id", sa.Integer(), nullable=True))
    op.add_column("jobs", sa.Column("process_host", sa.String(length=255), nullable=True))
    op.add_column("jobs", sa.Column("process_started", sa.String(length=32), nullable=True))
    op.add_column(
        "vcenters", sa.Column("is_settling", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    short, long = sa.String(length=32), sa.String(length=255)
    if op.get_bind().dialect.name == "postgresql":
        long = sa.String(length=255, collation="C")  # or the column would get that of the database
    with op.batch_alter_table("import_tabs") as batch:
        batch.alter_column("tab", existing_type=short, type_=long, existing_nullable=False)
    with op.batch_alter_table("import_columns") as batch:
        batch.alter_column("tab", existing_type=short, type_=long, existing_nullable=False)
        batch.alter_column("field", existing_type=sa.String(length=64), type_=long, existing_nullable=False)
