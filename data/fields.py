"""Every typed column of the supported RVTools tabs: the one table behind schema, import, grid and docs.

A `Field` names the database column (`key`), the words on screen (`label`), what it holds (`kind`) and the headers
under which exports carry it. Headers are compared after `normalised`: case, surrounding and repeated spaces and the
old `MB`/`KB` units do not matter. The first header is RVTools' own of version 4.7; the others are older or invented
ones met in real files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from data.vocabulary import Kind

SYNONYMS_VERSION = 2
"""Raised with every change that reads a header otherwise than before: a new synonym, another field, another kind.
Rows that were read under another version may differ. 1: the tabs of machines, hosts, clusters and datastores;
2: every tab of every version of RVTools since 3.8."""

NAME_LENGTH = 255
"""Characters of a name: text that is filtered, sorted or grouped by."""
ATTRIBUTE = "attr:"
"""Before the name of a custom attribute, where a field or a column is named."""


@dataclass(frozen=True, slots=True)
class Field:
    """One typed column of a tab."""

    key: str
    label: str
    kind: Kind
    headers: tuple[str, ...]


def normalised(header: str) -> str:
    """A header as it is compared.

    Example:
        >>> normalised(" Free  % "), normalised("Provisioned MB"), normalised("Video Ram KB")
        ('free %', 'provisioned mib', 'video ram kib')
        >>> normalised("Size MB (total)")
        'size mib (total)'
    """
    words = " ".join(header.split()).lower()
    return re.sub(r"\b([mk])b\b", r"\1ib", words)


def _fields(*rows: tuple[str, str, Kind, str]) -> tuple[Field, ...]:
    return tuple(Field(key, label, kind, tuple(headers.split(" | "))) for key, label, kind, headers in rows)


NAME, TEXT, INTEGER, NUMBER = Kind.NAME, Kind.TEXT, Kind.INTEGER, Kind.NUMBER
MIB, KIB, MHZ, PCT, BOOLEAN, DATETIME = Kind.MIB, Kind.KIB, Kind.MHZ, Kind.PCT, Kind.BOOLEAN, Kind.DATETIME

VM_KEY = _fields(
    ("name", "Name", NAME, "VM | VM Name | Virtual Machine | Virtual Machine Name"),
    ("vm_id", "VM ID", NAME, "VM ID"),
    ("vm_uuid", "VM UUID", NAME, "VM UUID"),
)
"""The columns that say which machine a row of any VM tab belongs to."""

VM_PLACE = _fields(
    ("power_state", "Power", NAME, "Powerstate | Power State"),
    ("template", "Template", BOOLEAN, "Template"),
    ("srm_placeholder", "SRM placeholder", BOOLEAN, "SRM Placeholder"),
    ("datacenter", "Datacenter", NAME, "Datacenter | Data Center | DC"),
    ("cluster", "Cluster", NAME, "Cluster"),
    ("host", "Host", NAME, "Host | ESX Host | ESXi Host"),
    ("folder", "Folder", TEXT, "Folder"),
    ("annotation", "Annotation", TEXT, "Annotation | Annotations | Notes"),
    ("os_config", "Operating system", NAME, "OS according to the configuration file | OS | Guest OS"),
    ("os_tools", "Operating system (Tools)", NAME, "OS according to the VMware Tools"),
)
"""What every VM tab repeats of its machine. vInfo is the source; where it leaves `folder` blank, other tabs fill it."""

SDK = _fields(
    ("vi_sdk_server", "VI SDK server", NAME, "VI SDK Server"),
    ("vi_sdk_uuid", "VI SDK UUID", NAME, "VI SDK UUID | vCenter UUID"),
)

VINFO = (
    VM_KEY
    + VM_PLACE
    + _fields(
        ("smbios_uuid", "SMBIOS UUID", NAME, "SMBIOS UUID"),
        ("dns_name", "DNS name", NAME, "DNS Name | DNS | Hostname | Host Name | Guest Hostname"),
        ("config_status", "Config status", TEXT, "Config status"),
        ("connection_state", "Connection state", TEXT, "Connection state"),
        ("guest_state", "Guest state", TEXT, "Guest state"),
        ("heartbeat", "Heartbeat", TEXT, "Heartbeat"),
        ("consolidation_needed", "Consolidation needed", BOOLEAN, "Consolidation Needed"),
        ("powered_on_at", "Powered on", DATETIME, "PowerOn"),
        ("suspended_to_memory", "Suspended to memory", BOOLEAN, "Suspended To Memory"),
        ("suspended_at", "Suspended", DATETIME, "Suspend time"),
        ("suspend_interval", "Suspend interval", INTEGER, "Suspend Interval"),
        ("created_at", "Created", DATETIME, "Creation date"),
        ("change_version", "Change version", TEXT, "Change Version"),
        (
            "last_backup_at",
            "Last backup",
            DATETIME,
            "NB_LAST_BACKUP | Last Backup | LAST_BACKUP | LastBackup",
        ),
        ("cpus", "vCPU", INTEGER, "CPUs | vCPUs | CPU"),
        ("cpu_readiness_pct", "CPU readiness", PCT, "Overall Cpu Readiness"),
        ("memory_mib", "Memory", MIB, "Memory | Memory MiB"),
        ("active_memory_mib", "Active memory", MIB, "Active Memory"),
        ("nics", "NICs", INTEGER, "NICs"),
        ("disks", "Disks", INTEGER, "Disks"),
        ("total_disk_mib", "Total disk capacity", MIB, "Total disk capacity MiB"),
        ("fixed_passthru_hotplug", "Fixed passthrough hot plug", BOOLEAN, "Fixed Passthru HotPlug"),
        ("min_evc_mode", "Required EVC mode", TEXT, "min Required EVC Mode Key"),
        ("latency_sensitivity", "Latency sensitivity", TEXT, "Latency Sensitivity"),
        ("op_notification_timeout", "Operation notification timeout", TEXT, "Op Notification Timeout"),
        ("enable_uuid", "Disk UUID enabled", BOOLEAN, "EnableUUID"),
        ("cbt", "Changed block tracking", BOOLEAN, "CBT"),
        (
            "primary_ip_address",
            "IP address",
            NAME,
            "Primary IP Address | IP Address | IP | Primary IP | Guest IP",
        ),
        ("network_1", "Network 1", TEXT, "Network #1 | Network 1"),
        ("network_2", "Network 2", TEXT, "Network #2 | Network 2"),
        ("network_3", "Network 3", TEXT, "Network #3 | Network 3"),
        ("network_4", "Network 4", TEXT, "Network #4 | Network 4"),
        ("network_5", "Network 5", TEXT, "Network #5 | Network 5"),
        ("network_6", "Network 6", TEXT, "Network #6 | Network 6"),
        ("network_7", "Network 7", TEXT, "Network #7 | Network 7"),
        ("network_8", "Network 8", TEXT, "Network #8 | Network 8"),
        ("num_monitors", "Monitors", INTEGER, "Num Monitors"),
        ("video_ram_kib", "Video memory", KIB, "Video Ram KiB"),
        ("resource_pool", "Resource pool", TEXT, "Resource pool"),
        ("folder_id", "Folder ID", TEXT, "Folder ID"),
        ("vapp", "vApp", TEXT, "vApp"),
        ("das_protection", "HA protection", TEXT, "DAS protection"),
        ("ft_state", "FT state", TEXT, "FT State"),
        ("ft_role", "FT role", TEXT, "FT Role"),
        ("ft_latency", "FT latency", TEXT, "FT Latency"),
        ("ft_bandwidth", "FT bandwidth", INTEGER, "FT Bandwidth"),
        ("ft_sec_latency", "FT secondary latency", INTEGER, "FT Sec. Latency"),
        ("failover_in_progress", "Failover in progress", BOOLEAN, "Vm Failover In Progress"),
        ("provisioned_mib", "Provisioned", MIB, "Provisioned MiB"),
        ("in_use_mib", "In use", MIB, "In Use MiB"),
        ("unshared_mib", "Unshared", MIB, "Unshared MiB"),
        ("ha_restart_priority", "HA restart priority", TEXT, "HA Restart Priority"),
        ("ha_isolation_response", "HA isolation response", TEXT, "HA Isolation Response"),
        ("ha_vm_monitoring", "HA VM monitoring", TEXT, "HA VM Monitoring"),
        ("cluster_rules", "Cluster rules", TEXT, "Cluster rule(s)"),
        ("cluster_rule_names", "Cluster rule names", TEXT, "Cluster rule name(s)"),
        ("boot_required", "Boot required", BOOLEAN, "Boot Required"),
        ("boot_delay_ms", "Boot delay (ms)", INTEGER, "Boot delay"),
        ("boot_retry_delay_ms", "Boot retry delay (ms)", INTEGER, "Boot retry delay"),
        ("boot_retry_enabled", "Boot retry enabled", BOOLEAN, "Boot retry enabled"),
        ("boot_bios_setup", "Boot into BIOS setup", BOOLEAN, "Boot BIOS setup"),
        ("reboot_power_off", "Reboot powers off", BOOLEAN, "Reboot PowerOff"),
        ("efi_secure_boot", "EFI secure boot", BOOLEAN, "EFI Secure boot"),
        ("firmware", "Firmware", TEXT, "Firmware"),
        ("hw_version", "Hardware version", TEXT, "HW version"),
        ("hw_upgrade_status", "Hardware upgrade status", TEXT, "HW upgrade status"),
        ("hw_upgrade_policy", "Hardware upgrade policy", TEXT, "HW upgrade policy"),
        ("hw_target", "Hardware target", TEXT, "HW target"),
        ("path", "Path", TEXT, "Path | VM Path"),
        ("log_directory", "Log directory", TEXT, "Log directory"),
        ("snapshot_directory", "Snapshot directory", TEXT, "Snapshot directory"),
        ("suspend_directory", "Suspend directory", TEXT, "Suspend directory"),
        ("customization_info", "Customization info", TEXT, "Customization Info"),
        ("guest_detailed_data", "Guest detailed data", TEXT, "Guest Detailed Data"),
        ("vi_sdk_server_type", "VI SDK server type", TEXT, "VI SDK Server type"),
        ("vi_sdk_api_version", "VI SDK API version", TEXT, "VI SDK API Version"),
    )
    + SDK
)

VCPU = _fields(
    ("sockets", "Sockets", INTEGER, "Sockets"),
    ("cores_per_socket", "Cores per socket", INTEGER, "Cores p/s"),
    ("cpu_max_mhz", "CPU maximum", MHZ, "Max"),
    ("cpu_usage_mhz", "CPU usage", MHZ, "Overall"),
    ("cpu_level", "CPU shares level", TEXT, "Level"),
    ("cpu_shares", "CPU shares", INTEGER, "Shares"),
    ("cpu_reservation_mhz", "CPU reservation", MHZ, "Reservation"),
    ("cpu_entitlement_mhz", "CPU entitlement", MHZ, "Entitlement"),
    ("cpu_drs_entitlement_mhz", "CPU DRS entitlement", MHZ, "DRS Entitlement"),
    ("cpu_limit_mhz", "CPU limit", MHZ, "Limit"),
    ("cpu_hot_add", "CPU hot add", BOOLEAN, "Hot Add"),
    ("cpu_hot_remove", "CPU hot remove", BOOLEAN, "Hot Remove"),
    ("numa_hot_add_exposed", "NUMA hot add exposed", BOOLEAN, "Numa Hotadd Exposed"),
)

VMEMORY = _fields(
    ("memory_reservation_locked", "Memory reservation locked", BOOLEAN, "Memory Reservation Locked To Max"),
    ("memory_overhead_mib", "Memory overhead", MIB, "Overhead"),
    ("memory_max_mib", "Memory maximum", MIB, "Max"),
    ("memory_consumed_mib", "Memory consumed", MIB, "Consumed"),
    ("memory_consumed_overhead_mib", "Memory consumed overhead", MIB, "Consumed Overhead"),
    ("memory_private_mib", "Memory private", MIB, "Private"),
    ("memory_shared_mib", "Memory shared", MIB, "Shared"),
    ("memory_swapped_mib", "Memory swapped", MIB, "Swapped"),
    ("memory_ballooned_mib", "Memory ballooned", MIB, "Ballooned"),
    ("memory_active_mib", "Memory active", MIB, "Active"),
    ("memory_entitlement_mib", "Memory entitlement", MIB, "Entitlement"),
    ("memory_drs_entitlement_mib", "Memory DRS entitlement", MIB, "DRS Entitlement"),
    ("memory_level", "Memory shares level", TEXT, "Level"),
    ("memory_shares", "Memory shares", INTEGER, "Shares"),
    ("memory_reservation_mib", "Memory reservation", MIB, "Reservation"),
    ("memory_limit_mib", "Memory limit", MIB, "Limit"),
    ("memory_hot_add", "Memory hot add", BOOLEAN, "Hot Add"),
)

VTOOLS = _fields(
    ("tools_status", "VMware Tools", NAME, "Tools | Tools Status"),
    ("tools_version", "Tools version", TEXT, "Tools Version"),
    ("tools_required_version", "Tools required version", TEXT, "Required Version"),
    ("tools_upgradeable", "Tools upgradeable", TEXT, "Upgradeable"),
    ("tools_upgrade_policy", "Tools upgrade policy", TEXT, "Upgrade Policy"),
    ("tools_sync_time", "Tools sync time", BOOLEAN, "Sync time"),
    ("app_status", "Application status", TEXT, "App status"),
    ("heartbeat_status", "Heartbeat status", TEXT, "Heartbeat status"),
    ("kernel_crash_state", "Kernel crash state", TEXT, "Kernel Crash state"),
    ("operation_ready", "Operation ready", BOOLEAN, "Operation Ready"),
    ("state_change_support", "State change support", BOOLEAN, "State change support"),
    ("interactive_guest", "Interactive guest", BOOLEAN, "Interactive Guest"),
)

VDISK = VM_KEY + _fields(
    ("template", "Template", BOOLEAN, "Template"),
    ("label", "Disk", TEXT, "Disk"),
    ("disk_key", "Disk key", INTEGER, "Disk Key"),
    ("disk_uuid", "Disk UUID", TEXT, "Disk UUID"),
    ("disk_path", "Disk path", TEXT, "Disk Path"),
    ("path", "Path", TEXT, "Path"),
    ("capacity_mib", "Capacity", MIB, "Capacity MiB"),
    ("raw", "Raw", BOOLEAN, "Raw"),
    ("disk_mode", "Disk mode", TEXT, "Disk Mode"),
    ("sharing_mode", "Sharing mode", TEXT, "Sharing mode"),
    ("thin", "Thin", BOOLEAN, "Thin"),
    ("eagerly_scrub", "Eagerly scrubbed", BOOLEAN, "Eagerly Scrub"),
    ("split", "Split", BOOLEAN, "Split"),
    ("write_through", "Write through", BOOLEAN, "Write Through"),
    ("level", "Shares level", TEXT, "Level"),
    ("shares", "Shares", INTEGER, "Shares"),
    ("reservation", "Reservation", INTEGER, "Reservation"),
    ("io_limit", "Limit", INTEGER, "Limit"),
    ("controller", "Controller", TEXT, "Controller"),
    ("controller_label", "Controller label", TEXT, "Label"),
    ("scsi_unit", "SCSI unit", INTEGER, "SCSI Unit #"),
    ("unit", "Unit", INTEGER, "Unit #"),
    ("shared_bus", "Shared bus", TEXT, "Shared Bus"),
    ("raw_lun_id", "Raw LUN ID", TEXT, "Raw LUN ID"),
    ("raw_compatibility_mode", "Raw compatibility mode", TEXT, "Raw Comp. Mode"),
)

VPARTITION = VM_KEY + _fields(
    ("template", "Template", BOOLEAN, "Template"),
    ("disk_key", "Disk key", INTEGER, "Disk Key"),
    ("mount_point", "Partition", TEXT, "Disk"),
    ("capacity_mib", "Capacity", MIB, "Capacity MiB"),
    ("consumed_mib", "Consumed", MIB, "Consumed MiB"),
    ("free_mib", "Free", MIB, "Free MiB"),
    ("free_pct", "Free", PCT, "Free %"),
)

VNETWORK = VM_KEY + _fields(
    ("template", "Template", BOOLEAN, "Template"),
    ("label", "Adapter", TEXT, "NIC label"),
    ("adapter", "Type", TEXT, "Adapter"),
    ("network", "Network", NAME, "Network"),
    ("switch", "Switch", TEXT, "Switch"),
    ("connected", "Connected", BOOLEAN, "Connected"),
    ("starts_connected", "Starts connected", BOOLEAN, "Starts Connected"),
    ("mac_address", "MAC address", NAME, "Mac Address"),
    ("mac_type", "MAC type", TEXT, "Type"),
    ("ipv4_address", "IPv4 address", TEXT, "IPv4 Address | IP Address"),
    ("ipv6_address", "IPv6 address", TEXT, "IPv6 Address"),
    ("direct_path_io", "DirectPath I/O", BOOLEAN, "Direct Path IO"),
)

VSNAPSHOT = VM_KEY + _fields(
    ("template", "Template", BOOLEAN, "Template"),
    ("snapshot_name", "Snapshot", TEXT, "Name | Snapshot"),
    ("description", "Description", TEXT, "Description"),
    ("taken_at", "Taken", DATETIME, "Date / time"),
    ("file_name", "File", TEXT, "Filename"),
    ("vmsn_mib", "Size (vmsn)", MIB, "Size MiB (vmsn)"),
    ("size_mib", "Size", MIB, "Size MiB (total) | Size MiB"),
    ("quiesced", "Quiesced", BOOLEAN, "Quiesced"),
    ("state", "State", TEXT, "State"),
)

VCD = VM_KEY + _fields(
    ("template", "Template", BOOLEAN, "Template"),
    ("device_node", "Drive", TEXT, "Device Node"),
    ("connected", "Connected", BOOLEAN, "Connected"),
    ("starts_connected", "Starts connected", BOOLEAN, "Starts Connected"),
    ("device_type", "Device type", TEXT, "Device Type"),
    ("vm_ref", "VM reference", TEXT, "VMRef"),
)

VFLOPPY = VCD

VUSB = VM_KEY + _fields(
    ("template", "Template", BOOLEAN, "Template"),
    ("device_node", "Device", TEXT, "Device Node"),
    ("device_type", "Device type", TEXT, "Device Type"),
    ("connected", "Connected", BOOLEAN, "Connected"),
    ("family", "Family", TEXT, "Family"),
    ("speed", "Speed", TEXT, "Speed"),
    ("ehci_enabled", "EHCI enabled", BOOLEAN, "EHCI enabled"),
    ("auto_connect", "Connects by itself", BOOLEAN, "Auto connect"),
    ("bus_number", "Bus", INTEGER, "Bus number"),
    ("unit_number", "Unit", INTEGER, "Unit number"),
    ("vm_ref", "VM reference", TEXT, "VMRef"),
)

VHOST = (
    _fields(
        ("name", "Host", NAME, "Host | Name"),
        ("datacenter", "Datacenter", NAME, "Datacenter"),
        ("cluster", "Cluster", NAME, "Cluster"),
        ("config_status", "Config status", TEXT, "Config status"),
        ("compliance_check_state", "Compliance check state", TEXT, "Compliance Check State"),
        ("in_maintenance_mode", "In maintenance mode", BOOLEAN, "in Maintenance Mode"),
        ("in_quarantine_mode", "In quarantine mode", BOOLEAN, "in Quarantine Mode"),
        ("vsan_fault_domain", "vSAN fault domain", TEXT, "vSAN Fault Domain Name"),
        ("cpu_model", "CPU model", TEXT, "CPU Model"),
        ("cpu_mhz", "CPU speed", MHZ, "Speed"),
        ("ht_available", "Hyper-threading available", BOOLEAN, "HT Available"),
        ("ht_active", "Hyper-threading active", BOOLEAN, "HT Active"),
        ("cpus", "CPUs", INTEGER, "# CPU"),
        ("cores_per_cpu", "Cores per CPU", INTEGER, "Cores per CPU | Cores per Socket"),
        ("cores", "Cores", INTEGER, "# Cores"),
        ("cpu_usage_pct", "CPU usage", PCT, "CPU usage %"),
        ("memory_mib", "Memory", MIB, "# Memory | Memory"),
        ("memory_tiering_type", "Memory tiering type", TEXT, "Memory Tiering Type"),
        ("memory_usage_pct", "Memory usage", PCT, "Memory usage %"),
        ("console_mib", "Console", MIB, "Console"),
        ("nics", "NICs", INTEGER, "# NICs"),
        ("hbas", "HBAs", INTEGER, "# HBAs"),
        ("vms_total", "Machines in all", INTEGER, "# VMs total"),
        ("vms", "Machines", INTEGER, "# VMs"),
        ("vms_per_core", "Machines per core", NUMBER, "VMs per Core"),
        ("vcpus", "vCPU", INTEGER, "# vCPUs"),
        ("vcpus_per_core", "vCPU per core", NUMBER, "vCPUs per Core"),
        ("vram_mib", "vRAM", MIB, "vRAM"),
        ("vm_used_memory_mib", "Memory used by machines", MIB, "VM Used memory"),
        ("vm_swapped_mib", "Swapped", MIB, "VM Memory Swapped"),
        ("vm_ballooned_mib", "Ballooned", MIB, "VM Memory Ballooned"),
        ("vmotion_support", "vMotion support", BOOLEAN, "VMotion support"),
        ("storage_vmotion_support", "Storage vMotion support", BOOLEAN, "Storage VMotion support"),
        ("current_evc", "Current EVC", TEXT, "Current EVC"),
        ("max_evc", "Maximum EVC", TEXT, "Max EVC"),
        ("assigned_licences", "Assigned licences", TEXT, "Assigned License(s)"),
        ("ats_heartbeat", "ATS heartbeat", TEXT, "ATS Heartbeat"),
        ("ats_locking", "ATS locking", TEXT, "ATS Locking"),
        ("cpu_power_policy", "CPU power policy", TEXT, "Current CPU power man. policy"),
        ("cpu_power_supported", "CPU power management supported", TEXT, "Supported CPU power man."),
        ("host_power_policy", "Host power policy", TEXT, "Host Power Policy"),
        ("esx_version", "ESXi version", TEXT, "ESX Version | ESXi Version"),
        ("booted_at", "Booted", DATETIME, "Boot time"),
        ("dns_servers", "DNS servers", TEXT, "DNS Servers"),
        ("dhcp", "DHCP", BOOLEAN, "DHCP"),
        ("domain", "Domain", TEXT, "Domain"),
        ("domain_list", "Domain list", TEXT, "Domain List"),
        ("dns_search_order", "DNS search order", TEXT, "DNS Search Order"),
        ("ntp_servers", "NTP servers", TEXT, "NTP Server(s)"),
        ("ntpd_running", "NTPD running", BOOLEAN, "NTPD running"),
        ("time_zone", "Time zone", TEXT, "Time Zone"),
        ("time_zone_name", "Time zone name", TEXT, "Time Zone Name"),
        ("gmt_offset", "GMT offset", TEXT, "GMT Offset"),
        ("vendor", "Vendor", TEXT, "Vendor"),
        ("model", "Model", TEXT, "Model"),
        ("serial_number", "Serial number", TEXT, "Serial number"),
        ("service_tag", "Service tag", TEXT, "Service tag"),
        ("oem_string", "OEM string", TEXT, "OEM specific string"),
        ("bios_vendor", "BIOS vendor", TEXT, "BIOS Vendor"),
        ("bios_version", "BIOS version", TEXT, "BIOS Version"),
        ("bios_date", "BIOS date", DATETIME, "BIOS Date"),
        ("certificate_issuer", "Certificate issuer", TEXT, "Certificate Issuer"),
        ("certificate_from", "Certificate valid from", DATETIME, "Certificate Start Date"),
        ("certificate_until", "Certificate valid until", DATETIME, "Certificate Expiry Date"),
        ("certificate_status", "Certificate status", TEXT, "Certificate Status"),
        ("certificate_subject", "Certificate subject", TEXT, "Certificate Subject"),
        ("object_id", "Object ID", TEXT, "Object ID"),
        ("uuid", "UUID", TEXT, "UUID"),
    )
    + SDK
)

VCLUSTER = (
    _fields(
        ("name", "Cluster", NAME, "Name | Cluster"),
        ("config_status", "Config status", TEXT, "Config status"),
        ("overall_status", "Overall status", TEXT, "OverallStatus"),
        ("hosts", "Hosts", INTEGER, "NumHosts | # Hosts"),
        ("effective_hosts", "Effective hosts", INTEGER, "numEffectiveHosts"),
        ("cpu_mhz", "CPU", MHZ, "TotalCpu | Total CPU"),
        ("cores", "Cores", INTEGER, "NumCpuCores | # CPU Cores"),
        ("threads", "Threads", INTEGER, "NumCpuThreads | # CPU Threads"),
        ("effective_cpu_mhz", "Effective CPU", MHZ, "Effective Cpu"),
        ("memory_mib", "Memory", MIB, "TotalMemory | Total Memory"),
        ("effective_memory_mib", "Effective memory", MIB, "Effective Memory"),
        ("vmotions", "vMotions", INTEGER, "Num VMotions"),
        ("ha_enabled", "HA enabled", BOOLEAN, "HA enabled"),
        ("failover_level", "Failover level", INTEGER, "Failover Level"),
        ("admission_control", "Admission control", BOOLEAN, "AdmissionControlEnabled"),
        ("host_monitoring", "Host monitoring", TEXT, "Host monitoring"),
        ("hb_datastore_policy", "Heartbeat datastore policy", TEXT, "HB Datastore Candidate Policy"),
        ("isolation_response", "Isolation response", TEXT, "Isolation Response"),
        ("restart_priority", "Restart priority", TEXT, "Restart Priority"),
        ("cluster_settings", "Cluster settings", TEXT, "Cluster Settings"),
        ("max_failures", "Maximum failures", INTEGER, "Max Failures"),
        ("max_failure_window", "Maximum failure window", INTEGER, "Max Failure Window"),
        ("failure_interval", "Failure interval", INTEGER, "Failure Interval"),
        ("min_up_time", "Minimum up time", INTEGER, "Min Up Time"),
        ("vm_monitoring", "VM monitoring", TEXT, "VM Monitoring"),
        ("drs_enabled", "DRS enabled", BOOLEAN, "DRS enabled"),
        ("drs_behavior", "DRS default behaviour", TEXT, "DRS default VM behavior"),
        ("drs_vmotion_rate", "DRS vMotion rate", INTEGER, "DRS vmotion rate"),
        ("dpm_enabled", "DPM enabled", BOOLEAN, "DPM enabled"),
        ("dpm_behavior", "DPM default behaviour", TEXT, "DPM default behavior"),
        ("dpm_action_rate", "DPM host power action rate", INTEGER, "DPM Host Power Action Rate"),
        ("object_id", "Object ID", TEXT, "Object ID"),
    )
    + SDK
)

VDATASTORE = (
    _fields(
        ("name", "Datastore", NAME, "Name"),
        ("config_status", "Config status", TEXT, "Config status"),
        ("address", "Address", TEXT, "Address"),
        ("accessible", "Accessible", BOOLEAN, "Accessible"),
        ("type", "Type", TEXT, "Type"),
        ("vms_total", "Machines in all", INTEGER, "# VMs total"),
        ("vms", "Machines", INTEGER, "# VMs"),
        ("capacity_mib", "Capacity", MIB, "Capacity MiB"),
        ("provisioned_mib", "Provisioned", MIB, "Provisioned MiB"),
        ("in_use_mib", "In use", MIB, "In Use MiB"),
        ("free_mib", "Free", MIB, "Free MiB"),
        ("free_pct", "Free", PCT, "Free %"),
        ("sioc_enabled", "SIOC enabled", BOOLEAN, "SIOC enabled"),
        ("sioc_threshold", "SIOC threshold", INTEGER, "SIOC Threshold"),
        ("host_count", "Hosts", INTEGER, "# Hosts"),
        ("host_list", "Host list", TEXT, "Hosts"),
        ("cluster_name", "Datastore cluster", TEXT, "Cluster name"),
        ("cluster_capacity_mib", "Datastore cluster capacity", MIB, "Cluster capacity MiB"),
        ("cluster_free_mib", "Datastore cluster free space", MIB, "Cluster free space MiB"),
        ("block_size", "Block size", INTEGER, "Block size"),
        ("max_blocks", "Maximum blocks", INTEGER, "Max Blocks"),
        ("extents", "Extents", INTEGER, "# Extents"),
        ("major_version", "Major version", INTEGER, "Major Version"),
        ("version", "Version", TEXT, "Version"),
        ("vmfs_upgradeable", "VMFS upgradeable", BOOLEAN, "VMFS Upgradeable"),
        ("mha", "MHA", TEXT, "MHA"),
        ("url", "URL", TEXT, "URL"),
        ("object_id", "Object ID", TEXT, "Object ID"),
    )
    + SDK
)

VSOURCE = _fields(
    ("name", "Name", TEXT, "Name"),
    ("os_type", "OS type", TEXT, "OS type"),
    ("api_type", "API type", TEXT, "API type"),
    ("api_version", "API version", TEXT, "API version"),
    ("version", "Version", TEXT, "Version"),
    ("patch_level", "Patch level", TEXT, "Patch level"),
    ("build", "Build", TEXT, "Build"),
    ("full_name", "Full name", TEXT, "Fullname | Full Name"),
    ("product_name", "Product name", TEXT, "Product name"),
    ("product_version", "Product version", TEXT, "Product version"),
    ("product_line", "Product line", TEXT, "Product line"),
    ("vendor", "Vendor", TEXT, "Vendor"),
    ("vi_sdk_server", "VI SDK server", NAME, "VI SDK Server | Server"),
    ("vi_sdk_uuid", "VI SDK UUID", NAME, "VI SDK UUID | Instance UUID"),
)

HOST_PLACE = _fields(
    ("host", "Host", NAME, "Host | ESX Host | ESXi Host"),
    ("datacenter", "Datacenter", NAME, "Datacenter"),
    ("cluster", "Cluster", NAME, "Cluster"),
)
"""The columns that say which host a row of a tab about hosts belongs to."""

VRP = (
    _fields(
        ("name", "Resource pool", NAME, "Resource Pool name"),
        ("path", "Path", TEXT, "Resource Pool path | Resource pool"),
        ("status", "Status", TEXT, "Status"),
        ("vms_total", "Machines in all", INTEGER, "# VMs total"),
        ("vms", "Machines", INTEGER, "# VMs"),
        ("vcpus", "vCPU", INTEGER, "# vCPUs"),
        ("cpu_limit_mhz", "CPU limit", MHZ, "CPU limit"),
        ("cpu_overhead_limit_mhz", "CPU overhead limit", MHZ, "CPU overheadLimit"),
        ("cpu_reservation_mhz", "CPU reservation", MHZ, "CPU reservation"),
        ("cpu_level", "CPU shares level", TEXT, "CPU level"),
        ("cpu_shares", "CPU shares", INTEGER, "CPU shares"),
        ("cpu_expandable", "CPU reservation expandable", BOOLEAN, "CPU expandableReservation"),
        ("cpu_max_mhz", "CPU maximum", MHZ, "CPU maxUsage"),
        ("cpu_usage_mhz", "CPU usage", MHZ, "CPU overallUsage"),
        ("cpu_reserved_mhz", "CPU reserved", MHZ, "CPU reservationUsed"),
        ("cpu_reserved_for_vms_mhz", "CPU reserved for machines", MHZ, "CPU reservationUsedForVm"),
        ("cpu_unreserved_for_pools_mhz", "CPU unreserved for pools", MHZ, "CPU unreservedForPool"),
        ("cpu_unreserved_for_vms_mhz", "CPU unreserved for machines", MHZ, "CPU unreservedForVm"),
        ("memory_configured_mib", "Memory configured", MIB, "Mem Configured"),
        ("memory_limit_mib", "Memory limit", MIB, "Mem limit"),
        ("memory_overhead_limit_mib", "Memory overhead limit", MIB, "Mem overheadLimit"),
        ("memory_reservation_mib", "Memory reservation", MIB, "Mem reservation"),
        ("memory_level", "Memory shares level", TEXT, "Mem level"),
        ("memory_shares", "Memory shares", INTEGER, "Mem shares"),
        ("memory_expandable", "Memory reservation expandable", BOOLEAN, "Mem expandableReservation"),
        ("memory_max_mib", "Memory maximum", MIB, "Mem maxUsage"),
        ("memory_usage_mib", "Memory usage", MIB, "Mem overallUsage"),
        ("memory_reserved_mib", "Memory reserved", MIB, "Mem reservationUsed"),
        ("memory_reserved_for_vms_mib", "Memory reserved for machines", MIB, "Mem reservationUsedForVm"),
        ("memory_unreserved_for_pools_mib", "Memory unreserved for pools", MIB, "Mem unreservedForPool"),
        ("memory_unreserved_for_vms_mib", "Memory unreserved for machines", MIB, "Mem unreservedForVm"),
        ("cpu_demand_now_mhz", "CPU demand now", MHZ, "QS overallCpuDemand"),
        ("cpu_usage_now_mhz", "CPU usage now", MHZ, "QS overallCpuUsage"),
        ("cpu_entitlement_static_mhz", "CPU entitlement, static", MHZ, "QS staticCpuEntitlement"),
        ("cpu_entitlement_mhz", "CPU entitlement", MHZ, "QS distributedCpuEntitlement"),
        ("memory_ballooned_mib", "Memory ballooned", MIB, "QS balloonedMemory"),
        ("memory_compressed_kib", "Memory compressed", KIB, "QS compressedMemory"),
        ("memory_consumed_overhead_mib", "Memory consumed overhead", MIB, "QS consumedOverheadMemory"),
        ("memory_entitlement_mib", "Memory entitlement", MIB, "QS distributedMemoryEntitlement"),
        ("memory_active_mib", "Memory active", MIB, "QS guestMemoryUsage"),
        ("memory_consumed_mib", "Memory consumed", MIB, "QS hostMemoryUsage"),
        ("memory_overhead_mib", "Memory overhead", MIB, "QS overheadMemory"),
        ("memory_private_mib", "Memory private", MIB, "QS privateMemory"),
        ("memory_shared_mib", "Memory shared", MIB, "QS sharedMemory"),
        ("memory_entitlement_static_mib", "Memory entitlement, static", MIB, "QS staticMemoryEntitlement"),
        ("memory_swapped_mib", "Memory swapped", MIB, "QS swappedMemory"),
        ("object_id", "Object ID", TEXT, "Object ID"),
    )
    + SDK
)
"""vSphere counts compressed memory in KB and everything else in MB."""

VHBA = (
    HOST_PLACE
    + _fields(
        ("device", "Adapter", NAME, "Device"),
        ("type", "Type", TEXT, "Type"),
        ("status", "Status", TEXT, "Status"),
        ("bus", "Bus", INTEGER, "Bus"),
        ("pci", "PCI address", TEXT, "Pci"),
        ("driver", "Driver", TEXT, "Driver"),
        ("model", "Model", TEXT, "Model"),
        ("wwn", "WWN", NAME, "WWN"),
    )
    + SDK
)

VNIC = (
    HOST_PLACE
    + _fields(
        ("device", "Adapter", NAME, "Network Device"),
        ("driver", "Driver", TEXT, "Driver"),
        ("speed_mbit", "Speed (Mbit/s)", INTEGER, "Speed"),
        ("duplex", "Full duplex", TEXT, "Duplex"),
        ("mac_address", "MAC address", NAME, "MAC"),
        ("switch", "Switch", NAME, "Switch"),
        ("uplink_port", "Uplink port", TEXT, "Uplink port"),
        ("pci", "PCI address", TEXT, "PCI"),
        ("wake_on_lan", "Wake on LAN", BOOLEAN, "WakeOn"),
    )
    + SDK
)
"""`duplex` says `Link is down!` instead of yes or no where that is so."""

PORT_POLICY = _fields(
    ("promiscuous_mode", "Promiscuous mode", BOOLEAN, "Promiscuous Mode"),
    ("mac_changes", "MAC changes", BOOLEAN, "Mac Changes"),
    ("forged_transmits", "Forged transmits", BOOLEAN, "Forged Transmits"),
    ("traffic_shaping", "Traffic shaping", BOOLEAN, "Traffic Shaping"),
    ("average_bandwidth", "Average bandwidth", NUMBER, "Width"),
    ("peak_bandwidth", "Peak bandwidth", NUMBER, "Peak"),
    ("burst_size", "Burst size", NUMBER, "Burst"),
    ("policy", "Load balancing", TEXT, "Policy"),
    ("reverse_policy", "Reverse policy", BOOLEAN, "Reverse Policy"),
    ("notify_switch", "Notify switch", BOOLEAN, "Notify Switch"),
    ("rolling_order", "Rolling order", BOOLEAN, "Rolling Order"),
    ("offload", "Offload", BOOLEAN, "Offload"),
    ("tso", "TSO", BOOLEAN, "TSO"),
    ("zero_copy_transmit", "Zero copy transmit", BOOLEAN, "Zero Copy Xmit"),
)
"""What standard switches and their port groups say alike."""

VSWITCH = (
    HOST_PLACE
    + _fields(
        ("switch", "Switch", NAME, "Switch"),
        ("ports", "Ports", INTEGER, "# Ports | Ports"),
        ("free_ports", "Free ports", INTEGER, "Free Ports | Ports Available"),
    )
    + PORT_POLICY
    + _fields(("mtu", "MTU", INTEGER, "MTU"))
    + SDK
)

VPORT = (
    HOST_PLACE
    + _fields(
        ("port_group", "Port group", NAME, "Port Group"),
        ("switch", "Switch", NAME, "Switch"),
        ("vlan", "VLAN", TEXT, "VLAN"),
    )
    + PORT_POLICY
    + SDK
)

SHAPING = _fields(
    ("in_shaping", "Shaping in", BOOLEAN, "In Traffic Shaping | In Traffic Shapping"),
    ("in_average", "Average in", NUMBER, "In Avg"),
    ("in_peak", "Peak in", NUMBER, "In Peak"),
    ("in_burst", "Burst in", NUMBER, "In Burst"),
    ("out_shaping", "Shaping out", BOOLEAN, "Out Traffic Shaping | Out Trafic Shaping"),
    ("out_average", "Average out", NUMBER, "Out Avg"),
    ("out_peak", "Peak out", NUMBER, "Out Peak"),
    ("out_burst", "Burst out", NUMBER, "Out Burst"),
)
"""What distributed switches and their ports say alike. RVTools 3 misspells two of the headers."""

DVSWITCH = (
    _fields(
        ("name", "Switch", NAME, "Switch"),
        ("datacenter", "Datacenter", NAME, "Datacenter"),
        ("product_name", "Product", TEXT, "Name"),
        ("vendor", "Vendor", TEXT, "Vendor"),
        ("version", "Version", TEXT, "Version"),
        ("description", "Description", TEXT, "Description"),
        ("created_at", "Created", DATETIME, "Created"),
        ("host_members", "Host members", TEXT, "Host members"),
        ("max_ports", "Maximum ports", INTEGER, "Max Ports"),
        ("ports", "Ports", INTEGER, "# Ports | Ports"),
        ("vms", "Machines", INTEGER, "# VMs"),
    )
    + SHAPING
    + _fields(
        ("cdp_type", "CDP type", TEXT, "CDP Type"),
        ("cdp_operation", "CDP operation", TEXT, "CDP Operation"),
        ("lacp_name", "LACP name", TEXT, "LACP Name"),
        ("lacp_mode", "LACP mode", TEXT, "LACP Mode"),
        ("lacp_load_balancing", "LACP load balancing", TEXT, "LACP Load Balance Alg."),
        ("max_mtu", "Maximum MTU", INTEGER, "Max MTU"),
        ("contact", "Contact", TEXT, "Contact"),
        ("admin_name", "Administrator", TEXT, "Admin Name"),
        ("object_id", "Object ID", TEXT, "Object ID"),
    )
    + SDK
)

DVPORT = (
    _fields(
        ("name", "Port group", NAME, "Port | Port Group"),
        ("switch", "Switch", NAME, "Switch"),
        ("type", "Type", TEXT, "Type"),
        ("ports", "Ports", INTEGER, "# Ports"),
        ("vlan", "VLAN", TEXT, "VLAN"),
        ("speed_mbit", "Speed (Mbit/s)", INTEGER, "Speed"),
        ("full_duplex", "Full duplex", BOOLEAN, "Full Duplex"),
        ("blocked", "Blocked", BOOLEAN, "Blocked"),
        ("promiscuous_mode", "Promiscuous mode", BOOLEAN, "Allow Promiscuous"),
        ("mac_changes", "MAC changes", BOOLEAN, "Mac Changes"),
        ("active_uplink", "Active uplink", TEXT, "Active Uplink"),
        ("standby_uplink", "Standby uplink", TEXT, "Standby Uplink"),
        ("policy", "Load balancing", TEXT, "Policy"),
        ("forged_transmits", "Forged transmits", BOOLEAN, "Forged Transmits"),
    )
    + SHAPING
    + _fields(
        ("reverse_policy", "Reverse policy", BOOLEAN, "Reverse Policy"),
        ("notify_switch", "Notify switch", BOOLEAN, "Notify Switch"),
        ("rolling_order", "Rolling order", BOOLEAN, "Rolling Order"),
        ("check_beacon", "Checks beacon", BOOLEAN, "Check Beacon"),
        ("live_port_moving", "Live port moving", BOOLEAN, "Live Port Moving"),
        ("check_duplex", "Checks duplex", BOOLEAN, "Check Duplex"),
        ("check_error", "Checks errors", BOOLEAN, "Check Error %"),
        ("check_speed", "Checks speed", TEXT, "Check Speed"),
        ("error_pct", "Errors allowed", PCT, "Percentage"),
        ("block_override", "Block override", BOOLEAN, "Block Override"),
        ("config_reset", "Configuration reset", BOOLEAN, "Config Reset"),
        ("shaping_override", "Shaping override", BOOLEAN, "Shaping Override"),
        ("vendor_config_override", "Vendor configuration override", BOOLEAN, "Vendor Config Override"),
        ("security_override", "Security policy override", BOOLEAN, "Sec. Policy Override"),
        ("teaming_override", "Teaming override", BOOLEAN, "Teaming Override"),
        ("vlan_override", "VLAN override", BOOLEAN, "Vlan Override"),
        ("object_id", "Object ID", TEXT, "Object ID"),
    )
    + SDK
)
"""A VLAN may be a range, so it is text here and in `VPORT`."""

VSC_VMK = (
    HOST_PLACE
    + _fields(
        ("port_group", "Port group", NAME, "Port Group"),
        ("device", "Adapter", NAME, "Device"),
        ("mac_address", "MAC address", NAME, "Mac Address"),
        ("dhcp", "DHCP", BOOLEAN, "DHCP"),
        ("ipv4_address", "IPv4 address", NAME, "IP Address"),
        ("ipv6_address", "IPv6 address", TEXT, "IP 6 Address"),
        ("subnet_mask", "Subnet mask", TEXT, "Subnet mask"),
        ("ipv4_gateway", "IPv4 gateway", TEXT, "Gateway"),
        ("ipv6_gateway", "IPv6 gateway", TEXT, "IP 6 Gateway"),
        ("mtu", "MTU", INTEGER, "MTU"),
    )
    + SDK
)

PATHS = _fields(
    *(
        row
        for path in range(1, 9)
        for row in (
            (f"path_{path}", f"Path {path}", TEXT, f"Path {path}"),
            (f"path_{path}_state", f"Path {path}, state", TEXT, f"Path {path} state"),
        )
    )
)

VMULTIPATH = (
    HOST_PLACE
    + _fields(
        ("datastore", "Datastore", NAME, "Datastore"),
        ("disk", "Disk", NAME, "Disk"),
        ("display_name", "Display name", TEXT, "Display name"),
        ("policy", "Policy", TEXT, "Policy"),
        ("operational_state", "Operational state", TEXT, "Oper. State"),
    )
    + PATHS
    + _fields(
        ("vstorage", "vStorage support", TEXT, "vStorage"),
        ("queue_depth", "Queue depth", INTEGER, "Queue depth"),
        ("vendor", "Vendor", TEXT, "Vendor"),
        ("model", "Model", TEXT, "Model"),
        ("revision", "Revision", TEXT, "Revision"),
        ("level", "SCSI level", TEXT, "Level"),
        ("serial_number", "Serial number", TEXT, "Serial #"),
        ("uuid", "UUID", TEXT, "UUID"),
        ("object_id", "Object ID", TEXT, "Object ID"),
    )
    + SDK
)

VLICENSE = (
    _fields(
        ("name", "Licence", NAME, "Name"),
        ("key", "Key", TEXT, "Key"),
        ("labels", "Labels", TEXT, "Labels"),
        ("cost_unit", "Unit", TEXT, "Cost Unit"),
        ("total", "Total", INTEGER, "Total"),
        ("used", "Used", INTEGER, "Used"),
        ("expiration", "Expires", TEXT, "Expiration Date"),
        ("features", "Features", TEXT, "Features"),
    )
    + SDK
)
"""`expiration` is what was written: a date or `Never`. The table has the date itself as well."""

VFILEINFO = (
    _fields(
        ("friendly_path", "Friendly path", TEXT, "Friendly Path Name"),
        ("name", "File", TEXT, "File Name"),
        ("type", "Type", TEXT, "File Type"),
        ("size_bytes", "Size (bytes)", NUMBER, "File Size in bytes"),
        ("path", "Path", TEXT, "Path"),
    )
    + SDK
)

VHEALTH = (
    _fields(
        ("name", "Name", NAME, "Name"),
        ("message", "Message", TEXT, "Message"),
        ("message_type", "Type", NAME, "Message type"),
    )
    + SDK
)

VMETADATA = _fields(
    ("rvtools_major_version", "RVTools major version", TEXT, "RVTools major version"),
    ("rvtools_version", "RVTools version", TEXT, "RVTools version"),
    ("created_at", "Workbook created", DATETIME, "xlsx creation datetime"),
    ("server", "Server", TEXT, "Server"),
)

TABS: dict[str, tuple[Field, ...]] = {
    "vInfo": VINFO,
    "vCPU": VM_KEY + VM_PLACE + VCPU,
    "vMemory": VM_KEY + VM_PLACE + VMEMORY,
    "vDisk": VDISK,
    "vPartition": VPARTITION,
    "vNetwork": VNETWORK,
    "vFloppy": VFLOPPY,
    "vCD": VCD,
    "vUSB": VUSB,
    "vSnapshot": VSNAPSHOT,
    "vTools": VM_KEY + VM_PLACE + VTOOLS,
    "vSource": VSOURCE,
    "vRP": VRP,
    "vCluster": VCLUSTER,
    "vHost": VHOST,
    "vHBA": VHBA,
    "vNIC": VNIC,
    "vSwitch": VSWITCH,
    "vPort": VPORT,
    "dvSwitch": DVSWITCH,
    "dvPort": DVPORT,
    "vSC_VMK": VSC_VMK,
    "vDatastore": VDATASTORE,
    "vMultiPath": VMULTIPATH,
    "vLicense": VLICENSE,
    "vFileInfo": VFILEINFO,
    "vHealth": VHEALTH,
    "vMetaData": VMETADATA,
}
"""Tab -> its typed fields, in the order of the workbook. vCPU, vMemory and vTools are columns of the machine."""

VM_TABS = tuple(tab for tab, fields in TABS.items() if set(VM_KEY) <= set(fields))
"""The tabs whose rows belong to machines."""

MERGED_TABS: dict[str, tuple[Field, ...]] = {"vCPU": VCPU, "vMemory": VMEMORY, "vTools": VTOOLS}
"""The tabs whose own columns become columns of the machine."""

REPEATED_HEADERS: dict[str, tuple[str, ...]] = {
    "vInfo": ("Config Checksum",),
    "vCPU": ("CPUs",),
    "vMemory": ("Size MiB",),
    "vDisk": ("Internal Sort Column",),
    "vPartition": ("Internal Sort Column",),
    "vNetwork": ("Internal Sort Column",),
    "vFloppy": ("Select",),
    "vCD": ("Select",),
    "vTools": ("VM Version", "VMRef", "Upgrade"),
    "vFileInfo": ("Internal Sort Column",),
}
"""Headers of RVTools that are not stored: they repeat another column or serve the export itself."""

DB_COLUMN_NAMES: dict[str, dict[str, str]] = {
    "vInfo": {
        "uuid": "VM UUID",
        "provisioned": "Provisioned MiB",
        "inuse": "In Use MiB",
        "ostools": "OS according to the VMware Tools",
        "createdate": "Creation date",
        "numvirtualdisks": "Disks",
    },
    "vPartition": {"uuid": "VM UUID"},
    "vMemory": {"uuid": "VM UUID"},
    "vHost": {"cpumhz": "Speed", "numcpu": "# CPU", "numcpucores": "# Cores", "memorysize": "# Memory"},
}
"""Headers of exports made with `-DBColumnNames`, less the tab in front, where they are not just the usual words."""

DERIVED = (
    Field("snapshot_count", "Snapshots", Kind.INTEGER, ()),
    Field("snapshot_size_mib", "Snapshot size", Kind.MIB, ()),
    Field("snapshot_age_days", "Oldest snapshot", Kind.DAYS, ()),
    Field("backup_age_days", "Since last backup", Kind.DAYS, ()),
    Field("off_since", "Off since", Kind.DATETIME, ()),
    Field("off_days", "Off for", Kind.DAYS, ()),
    Field("host_in_maintenance", "Host in maintenance", Kind.BOOLEAN, ()),
    Field("datastore_free_pct", "Fullest datastore, free", Kind.PCT, ()),
)
"""Facts about a machine that the import works out from several tabs. Ages count from the state's export time.

`off_since` is the export time of the first state of the unbroken run of states, up to this one, in which the machine
is off (a state without a power column interrupts none); `off_days` is the time from then to this state.
`datastore_free_pct` is the free share of the fullest datastore that holds one of its disks.
"""

MACHINE_FIELDS: tuple[Field, ...] = VINFO + VCPU + VMEMORY + VTOOLS + DERIVED
"""Every typed column of `virtual_machines`, in the order of the column chooser."""

MACHINE_FIELD_TABS: dict[str, str] = {
    **dict.fromkeys((f.key for f in VINFO), "vInfo"),
    **dict.fromkeys((f.key for f in VCPU), "vCPU"),
    **dict.fromkeys((f.key for f in VMEMORY), "vMemory"),
    **dict.fromkeys((f.key for f in VTOOLS), "vTools"),
    **dict.fromkeys((f.key for f in DERIVED), "Worked out"),
}

DEFAULT_COLUMNS = (
    "name", "power_state", "cpus", "memory_mib", "provisioned_mib", "primary_ip_address", "os_config",
    "datacenter", "cluster", "host",
)  # fmt: skip
"""The columns VM Explorer starts with; each is indexed."""
