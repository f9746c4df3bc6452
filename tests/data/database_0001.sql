BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE clusters (
	id INTEGER NOT NULL, 
	import_id INTEGER NOT NULL, 
	vcenter_id INTEGER NOT NULL, 
	is_current BOOLEAN NOT NULL, 
	name VARCHAR(255), 
	config_status TEXT, 
	overall_status TEXT, 
	hosts INTEGER, 
	effective_hosts INTEGER, 
	cpu_mhz DOUBLE, 
	cores INTEGER, 
	threads INTEGER, 
	effective_cpu_mhz DOUBLE, 
	memory_mib DOUBLE, 
	effective_memory_mib DOUBLE, 
	vmotions INTEGER, 
	ha_enabled BOOLEAN, 
	failover_level INTEGER, 
	admission_control BOOLEAN, 
	host_monitoring TEXT, 
	hb_datastore_policy TEXT, 
	isolation_response TEXT, 
	restart_priority TEXT, 
	cluster_settings TEXT, 
	max_failures INTEGER, 
	max_failure_window INTEGER, 
	failure_interval INTEGER, 
	min_up_time INTEGER, 
	vm_monitoring TEXT, 
	drs_enabled BOOLEAN, 
	drs_behavior TEXT, 
	drs_vmotion_rate INTEGER, 
	dpm_enabled BOOLEAN, 
	dpm_behavior TEXT, 
	dpm_action_rate INTEGER, 
	object_id TEXT, 
	vi_sdk_server VARCHAR(255), 
	vi_sdk_uuid VARCHAR(255), 
	attributes JSON, 
	CONSTRAINT pk_clusters PRIMARY KEY (id), 
	CONSTRAINT fk_clusters_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id) ON DELETE CASCADE
);
CREATE TABLE datastores (
	id INTEGER NOT NULL, 
	import_id INTEGER NOT NULL, 
	vcenter_id INTEGER NOT NULL, 
	is_current BOOLEAN NOT NULL, 
	name VARCHAR(255), 
	config_status TEXT, 
	address TEXT, 
	accessible BOOLEAN, 
	type TEXT, 
	vms_total INTEGER, 
	vms INTEGER, 
	capacity_mib DOUBLE, 
	provisioned_mib DOUBLE, 
	in_use_mib DOUBLE, 
	free_mib DOUBLE, 
	free_pct DOUBLE, 
	sioc_enabled BOOLEAN, 
	sioc_threshold INTEGER, 
	host_count INTEGER, 
	host_list TEXT, 
	cluster_name TEXT, 
	cluster_capacity_mib DOUBLE, 
	cluster_free_mib DOUBLE, 
	block_size INTEGER, 
	max_blocks INTEGER, 
	extents INTEGER, 
	major_version INTEGER, 
	version TEXT, 
	vmfs_upgradeable BOOLEAN, 
	mha TEXT, 
	url TEXT, 
	object_id TEXT, 
	vi_sdk_server VARCHAR(255), 
	vi_sdk_uuid VARCHAR(255), 
	attributes JSON, 
	CONSTRAINT pk_datastores PRIMARY KEY (id), 
	CONSTRAINT fk_datastores_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id) ON DELETE CASCADE
);
INSERT INTO "datastores" VALUES(1,1,1,0,'san-1',NULL,NULL,NULL,NULL,NULL,NULL,1000.0,NULL,NULL,100.0,10.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "datastores" VALUES(2,2,1,1,'san-1',NULL,NULL,NULL,NULL,NULL,NULL,1000.0,NULL,NULL,100.0,10.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE disks (
	id INTEGER NOT NULL, 
	import_id INTEGER NOT NULL, 
	vcenter_id INTEGER NOT NULL, 
	is_current BOOLEAN NOT NULL, 
	virtual_machine_id INTEGER, 
	name VARCHAR(255), 
	vm_id VARCHAR(255), 
	vm_uuid VARCHAR(255), 
	template BOOLEAN, 
	label TEXT, 
	disk_key INTEGER, 
	disk_uuid TEXT, 
	disk_path TEXT, 
	path TEXT, 
	capacity_mib DOUBLE, 
	raw BOOLEAN, 
	disk_mode TEXT, 
	sharing_mode TEXT, 
	thin BOOLEAN, 
	eagerly_scrub BOOLEAN, 
	split BOOLEAN, 
	write_through BOOLEAN, 
	level TEXT, 
	shares INTEGER, 
	reservation INTEGER, 
	io_limit INTEGER, 
	controller TEXT, 
	controller_label TEXT, 
	scsi_unit INTEGER, 
	unit INTEGER, 
	shared_bus TEXT, 
	raw_lun_id TEXT, 
	raw_compatibility_mode TEXT, 
	datastore TEXT, 
	CONSTRAINT pk_disks PRIMARY KEY (id), 
	CONSTRAINT fk_disks_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id) ON DELETE CASCADE, 
	CONSTRAINT fk_disks_virtual_machine_id_virtual_machines FOREIGN KEY(virtual_machine_id) REFERENCES virtual_machines (id) ON DELETE CASCADE
);
INSERT INTO "disks" VALUES(1,1,1,0,1,'web-1','vm-1',NULL,0,'Hard disk 1',NULL,NULL,NULL,'[san-1] web-1/web-1.vmdk',40960.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'san-1');
INSERT INTO "disks" VALUES(2,2,1,1,3,'web-1','vm-1',NULL,0,'Hard disk 1',NULL,NULL,NULL,'[san-1] web-1/web-1.vmdk',40960.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'san-1');
CREATE TABLE folder_labels (
	id INTEGER NOT NULL, 
	vcenter_id INTEGER NOT NULL, 
	folder TEXT NOT NULL, 
	label_id INTEGER NOT NULL, 
	inherit_to_machines BOOLEAN NOT NULL, 
	inherit_to_subfolders BOOLEAN NOT NULL, 
	assigned_at DATETIME NOT NULL, 
	assigned_by VARCHAR(100), 
	CONSTRAINT pk_folder_labels PRIMARY KEY (id), 
	CONSTRAINT fk_folder_labels_label_id_labels FOREIGN KEY(label_id) REFERENCES labels (id) ON DELETE CASCADE, 
	CONSTRAINT fk_folder_labels_vcenter_id_vcenters FOREIGN KEY(vcenter_id) REFERENCES vcenters (id) ON DELETE CASCADE
);
CREATE TABLE generations (
	subject VARCHAR(32) NOT NULL, 
	value INTEGER NOT NULL, 
	CONSTRAINT pk_generations PRIMARY KEY (subject)
);
INSERT INTO "generations" VALUES('inventory',1795455257);
CREATE TABLE hosts (
	id INTEGER NOT NULL, 
	import_id INTEGER NOT NULL, 
	vcenter_id INTEGER NOT NULL, 
	is_current BOOLEAN NOT NULL, 
	name VARCHAR(255), 
	datacenter VARCHAR(255), 
	cluster VARCHAR(255), 
	config_status TEXT, 
	compliance_check_state TEXT, 
	in_maintenance_mode BOOLEAN, 
	in_quarantine_mode BOOLEAN, 
	vsan_fault_domain TEXT, 
	cpu_model TEXT, 
	cpu_mhz DOUBLE, 
	ht_available BOOLEAN, 
	ht_active BOOLEAN, 
	cpus INTEGER, 
	cores_per_cpu INTEGER, 
	cores INTEGER, 
	cpu_usage_pct DOUBLE, 
	memory_mib DOUBLE, 
	memory_tiering_type TEXT, 
	memory_usage_pct DOUBLE, 
	console_mib DOUBLE, 
	nics INTEGER, 
	hbas INTEGER, 
	vms_total INTEGER, 
	vms INTEGER, 
	vms_per_core DOUBLE, 
	vcpus INTEGER, 
	vcpus_per_core DOUBLE, 
	vram_mib DOUBLE, 
	vm_used_memory_mib DOUBLE, 
	vm_swapped_mib DOUBLE, 
	vm_ballooned_mib DOUBLE, 
	vmotion_support BOOLEAN, 
	storage_vmotion_support BOOLEAN, 
	current_evc TEXT, 
	max_evc TEXT, 
	assigned_licences TEXT, 
	ats_heartbeat TEXT, 
	ats_locking TEXT, 
	cpu_power_policy TEXT, 
	cpu_power_supported TEXT, 
	host_power_policy TEXT, 
	esx_version TEXT, 
	booted_at DATETIME, 
	dns_servers TEXT, 
	dhcp BOOLEAN, 
	domain TEXT, 
	domain_list TEXT, 
	dns_search_order TEXT, 
	ntp_servers TEXT, 
	ntpd_running BOOLEAN, 
	time_zone TEXT, 
	time_zone_name TEXT, 
	gmt_offset TEXT, 
	vendor TEXT, 
	model TEXT, 
	serial_number TEXT, 
	service_tag TEXT, 
	oem_string TEXT, 
	bios_vendor TEXT, 
	bios_version TEXT, 
	bios_date DATETIME, 
	certificate_issuer TEXT, 
	certificate_from DATETIME, 
	certificate_until DATETIME, 
	certificate_status TEXT, 
	certificate_subject TEXT, 
	object_id TEXT, 
	uuid TEXT, 
	vi_sdk_server VARCHAR(255), 
	vi_sdk_uuid VARCHAR(255), 
	attributes JSON, 
	CONSTRAINT pk_hosts PRIMARY KEY (id), 
	CONSTRAINT fk_hosts_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id) ON DELETE CASCADE
);
INSERT INTO "hosts" VALUES(1,1,1,0,'esx1','DC1','C1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,16,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "hosts" VALUES(2,2,1,1,'esx1','DC1','C1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,16,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE import_columns (
	import_id INTEGER NOT NULL, 
	tab VARCHAR(32) NOT NULL, 
	field VARCHAR(64) NOT NULL, 
	filled INTEGER NOT NULL, 
	CONSTRAINT pk_import_columns PRIMARY KEY (import_id, tab, field), 
	CONSTRAINT fk_import_columns_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id) ON DELETE CASCADE
);
INSERT INTO "import_columns" VALUES(1,'vInfo','name',2);
INSERT INTO "import_columns" VALUES(1,'vInfo','vm_id',2);
INSERT INTO "import_columns" VALUES(1,'vInfo','vm_uuid',2);
INSERT INTO "import_columns" VALUES(1,'vInfo','power_state',2);
INSERT INTO "import_columns" VALUES(1,'vInfo','template',2);
INSERT INTO "import_columns" VALUES(1,'vInfo','datacenter',2);
INSERT INTO "import_columns" VALUES(1,'vInfo','cluster',2);
INSERT INTO "import_columns" VALUES(1,'vInfo','host',2);
INSERT INTO "import_columns" VALUES(1,'vInfo','cpus',2);
INSERT INTO "import_columns" VALUES(1,'vInfo','memory_mib',2);
INSERT INTO "import_columns" VALUES(1,'vInfo','vi_sdk_server',2);
INSERT INTO "import_columns" VALUES(1,'vInfo','vi_sdk_uuid',2);
INSERT INTO "import_columns" VALUES(1,'vInfo','attr:Owner',1);
INSERT INTO "import_columns" VALUES(1,'vDisk','name',1);
INSERT INTO "import_columns" VALUES(1,'vDisk','vm_id',1);
INSERT INTO "import_columns" VALUES(1,'vDisk','label',1);
INSERT INTO "import_columns" VALUES(1,'vDisk','path',1);
INSERT INTO "import_columns" VALUES(1,'vDisk','capacity_mib',1);
INSERT INTO "import_columns" VALUES(1,'vHost','name',1);
INSERT INTO "import_columns" VALUES(1,'vHost','datacenter',1);
INSERT INTO "import_columns" VALUES(1,'vHost','cluster',1);
INSERT INTO "import_columns" VALUES(1,'vHost','cores',1);
INSERT INTO "import_columns" VALUES(1,'vDatastore','name',1);
INSERT INTO "import_columns" VALUES(1,'vDatastore','capacity_mib',1);
INSERT INTO "import_columns" VALUES(1,'vDatastore','free_mib',1);
INSERT INTO "import_columns" VALUES(1,'vMetaData','rvtools_major_version',1);
INSERT INTO "import_columns" VALUES(1,'vMetaData','rvtools_version',1);
INSERT INTO "import_columns" VALUES(1,'vMetaData','created_at',1);
INSERT INTO "import_columns" VALUES(1,'vMetaData','server',1);
INSERT INTO "import_columns" VALUES(2,'vInfo','name',2);
INSERT INTO "import_columns" VALUES(2,'vInfo','vm_id',2);
INSERT INTO "import_columns" VALUES(2,'vInfo','vm_uuid',2);
INSERT INTO "import_columns" VALUES(2,'vInfo','power_state',2);
INSERT INTO "import_columns" VALUES(2,'vInfo','template',2);
INSERT INTO "import_columns" VALUES(2,'vInfo','datacenter',2);
INSERT INTO "import_columns" VALUES(2,'vInfo','cluster',2);
INSERT INTO "import_columns" VALUES(2,'vInfo','host',2);
INSERT INTO "import_columns" VALUES(2,'vInfo','cpus',2);
INSERT INTO "import_columns" VALUES(2,'vInfo','memory_mib',2);
INSERT INTO "import_columns" VALUES(2,'vInfo','vi_sdk_server',2);
INSERT INTO "import_columns" VALUES(2,'vInfo','vi_sdk_uuid',2);
INSERT INTO "import_columns" VALUES(2,'vInfo','attr:Owner',1);
INSERT INTO "import_columns" VALUES(2,'vDisk','name',1);
INSERT INTO "import_columns" VALUES(2,'vDisk','vm_id',1);
INSERT INTO "import_columns" VALUES(2,'vDisk','label',1);
INSERT INTO "import_columns" VALUES(2,'vDisk','path',1);
INSERT INTO "import_columns" VALUES(2,'vDisk','capacity_mib',1);
INSERT INTO "import_columns" VALUES(2,'vHost','name',1);
INSERT INTO "import_columns" VALUES(2,'vHost','datacenter',1);
INSERT INTO "import_columns" VALUES(2,'vHost','cluster',1);
INSERT INTO "import_columns" VALUES(2,'vHost','cores',1);
INSERT INTO "import_columns" VALUES(2,'vDatastore','name',1);
INSERT INTO "import_columns" VALUES(2,'vDatastore','capacity_mib',1);
INSERT INTO "import_columns" VALUES(2,'vDatastore','free_mib',1);
INSERT INTO "import_columns" VALUES(2,'vMetaData','rvtools_major_version',1);
INSERT INTO "import_columns" VALUES(2,'vMetaData','rvtools_version',1);
INSERT INTO "import_columns" VALUES(2,'vMetaData','created_at',1);
INSERT INTO "import_columns" VALUES(2,'vMetaData','server',1);
CREATE TABLE import_tabs (
	import_id INTEGER NOT NULL, 
	tab VARCHAR(32) NOT NULL, 
	rows INTEGER NOT NULL, 
	rows_refused INTEGER NOT NULL, 
	orphans INTEGER NOT NULL, 
	headers INTEGER NOT NULL, 
	headers_read INTEGER NOT NULL, 
	attributes JSON NOT NULL, 
	CONSTRAINT pk_import_tabs PRIMARY KEY (import_id, tab), 
	CONSTRAINT fk_import_tabs_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id) ON DELETE CASCADE
);
INSERT INTO "import_tabs" VALUES(1,'vInfo',2,0,0,13,12,'["Owner"]');
INSERT INTO "import_tabs" VALUES(1,'vDisk',1,0,0,5,5,'[]');
INSERT INTO "import_tabs" VALUES(1,'vHost',1,0,0,4,4,'[]');
INSERT INTO "import_tabs" VALUES(1,'vDatastore',1,0,0,3,3,'[]');
INSERT INTO "import_tabs" VALUES(1,'vMetaData',1,0,0,4,4,'[]');
INSERT INTO "import_tabs" VALUES(2,'vInfo',2,0,0,13,12,'["Owner"]');
INSERT INTO "import_tabs" VALUES(2,'vDisk',1,0,0,5,5,'[]');
INSERT INTO "import_tabs" VALUES(2,'vHost',1,0,0,4,4,'[]');
INSERT INTO "import_tabs" VALUES(2,'vDatastore',1,0,0,3,3,'[]');
INSERT INTO "import_tabs" VALUES(2,'vMetaData',1,0,0,4,4,'[]');
CREATE TABLE imports (
	id INTEGER NOT NULL, 
	vcenter_id INTEGER NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	file_name TEXT NOT NULL, 
	file_size_bytes INTEGER NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	exported_at DATETIME NOT NULL, 
	exported_at_source VARCHAR(32) NOT NULL, 
	imported_at DATETIME NOT NULL, 
	rvtools_version VARCHAR(32), 
	machines INTEGER, 
	warnings JSON NOT NULL, 
	CONSTRAINT pk_imports PRIMARY KEY (id), 
	CONSTRAINT fk_imports_vcenter_id_vcenters FOREIGN KEY(vcenter_id) REFERENCES vcenters (id) ON DELETE CASCADE
);
INSERT INTO "imports" VALUES(1,1,'published','september.xlsx',7847,'393761bf587550da8172a223d754662445491a84c209ac10b2e174e15bdc3e14','2026-09-01 09:30:00.000000','vMetaData','2026-11-23 17:34:16.948259','4.7.1.4',2,'[]');
INSERT INTO "imports" VALUES(2,1,'published','october.xlsx',7849,'4321067ae61b351d3ecd36059fa531b21186326bd62ec36f3324c9c9363b7195','2026-10-01 09:30:00.000000','vMetaData','2026-11-23 17:34:17.155018','4.7.1.4',2,'[]');
CREATE TABLE jobs (
	id INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	phase VARCHAR(32) NOT NULL, 
	progress_pct INTEGER NOT NULL, 
	message TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	heartbeat_at DATETIME, 
	payload JSON NOT NULL, 
	result JSON, 
	CONSTRAINT pk_jobs PRIMARY KEY (id)
);
INSERT INTO "jobs" VALUES(1,'import','done',100,'Stored.','2026-10-01 08:00:00.000000','2026-10-01 08:00:02.000000','{}',NULL);
CREATE TABLE labels (
	id INTEGER NOT NULL, 
	"key" VARCHAR(100) NOT NULL, 
	value VARCHAR(255) NOT NULL, 
	description TEXT, 
	color VARCHAR(7), 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_labels PRIMARY KEY (id), 
	CONSTRAINT uq_labels_key_value UNIQUE ("key", value)
);
CREATE TABLE machine_labels (
	machine_id INTEGER NOT NULL, 
	label_id INTEGER NOT NULL, 
	assigned_at DATETIME NOT NULL, 
	assigned_by VARCHAR(100), 
	CONSTRAINT pk_machine_labels PRIMARY KEY (machine_id, label_id), 
	CONSTRAINT fk_machine_labels_label_id_labels FOREIGN KEY(label_id) REFERENCES labels (id) ON DELETE CASCADE, 
	CONSTRAINT fk_machine_labels_machine_id_machines FOREIGN KEY(machine_id) REFERENCES machines (id) ON DELETE CASCADE
);
CREATE TABLE machine_texts (
	id INTEGER NOT NULL, 
	import_id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	CONSTRAINT pk_machine_texts PRIMARY KEY (id), 
	CONSTRAINT fk_machine_texts_id_virtual_machines FOREIGN KEY(id) REFERENCES virtual_machines (id) ON DELETE CASCADE, 
	CONSTRAINT fk_machine_texts_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id) ON DELETE CASCADE
);
INSERT INTO "machine_texts" VALUES(1,1,'web-1
esx1
uuid-1');
INSERT INTO "machine_texts" VALUES(2,1,'db-1
esx1
uuid-2');
INSERT INTO "machine_texts" VALUES(3,2,'web-1
esx1
uuid-1');
INSERT INTO "machine_texts" VALUES(4,2,'db-1
esx1
uuid-2');
CREATE TABLE machines (
	id INTEGER NOT NULL, 
	vcenter_id INTEGER NOT NULL, 
	vm_id VARCHAR(255), 
	vm_uuid VARCHAR(255), 
	name VARCHAR(255) NOT NULL, 
	datacenter VARCHAR(255), 
	first_import_id INTEGER NOT NULL, 
	last_import_id INTEGER NOT NULL, 
	CONSTRAINT pk_machines PRIMARY KEY (id), 
	CONSTRAINT fk_machines_vcenter_id_vcenters FOREIGN KEY(vcenter_id) REFERENCES vcenters (id) ON DELETE CASCADE
);
INSERT INTO "machines" VALUES(1,1,'vm-1','uuid-1','web-1','DC1',1,2);
INSERT INTO "machines" VALUES(2,1,'vm-2','uuid-2','db-1','DC1',1,2);
CREATE TABLE network_adapters (
	id INTEGER NOT NULL, 
	import_id INTEGER NOT NULL, 
	vcenter_id INTEGER NOT NULL, 
	is_current BOOLEAN NOT NULL, 
	virtual_machine_id INTEGER, 
	name VARCHAR(255), 
	vm_id VARCHAR(255), 
	vm_uuid VARCHAR(255), 
	template BOOLEAN, 
	label TEXT, 
	adapter TEXT, 
	network VARCHAR(255), 
	switch TEXT, 
	connected BOOLEAN, 
	starts_connected BOOLEAN, 
	mac_address VARCHAR(255), 
	mac_type TEXT, 
	ipv4_address TEXT, 
	ipv6_address TEXT, 
	direct_path_io BOOLEAN, 
	CONSTRAINT pk_network_adapters PRIMARY KEY (id), 
	CONSTRAINT fk_network_adapters_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id) ON DELETE CASCADE, 
	CONSTRAINT fk_network_adapters_virtual_machine_id_virtual_machines FOREIGN KEY(virtual_machine_id) REFERENCES virtual_machines (id) ON DELETE CASCADE
);
CREATE TABLE partitions (
	id INTEGER NOT NULL, 
	import_id INTEGER NOT NULL, 
	vcenter_id INTEGER NOT NULL, 
	is_current BOOLEAN NOT NULL, 
	virtual_machine_id INTEGER, 
	name VARCHAR(255), 
	vm_id VARCHAR(255), 
	vm_uuid VARCHAR(255), 
	template BOOLEAN, 
	disk_key INTEGER, 
	mount_point TEXT, 
	capacity_mib DOUBLE, 
	consumed_mib DOUBLE, 
	free_mib DOUBLE, 
	free_pct DOUBLE, 
	CONSTRAINT pk_partitions PRIMARY KEY (id), 
	CONSTRAINT fk_partitions_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id) ON DELETE CASCADE, 
	CONSTRAINT fk_partitions_virtual_machine_id_virtual_machines FOREIGN KEY(virtual_machine_id) REFERENCES virtual_machines (id) ON DELETE CASCADE
);
CREATE TABLE sources (
	id INTEGER NOT NULL, 
	import_id INTEGER NOT NULL, 
	vcenter_id INTEGER NOT NULL, 
	is_current BOOLEAN NOT NULL, 
	name TEXT, 
	os_type TEXT, 
	api_type TEXT, 
	api_version TEXT, 
	version TEXT, 
	patch_level TEXT, 
	build TEXT, 
	full_name TEXT, 
	product_name TEXT, 
	product_version TEXT, 
	product_line TEXT, 
	vendor TEXT, 
	vi_sdk_server VARCHAR(255), 
	vi_sdk_uuid VARCHAR(255), 
	attributes JSON, 
	CONSTRAINT pk_sources PRIMARY KEY (id), 
	CONSTRAINT fk_sources_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id) ON DELETE CASCADE
);
CREATE TABLE vcenters (
	id INTEGER NOT NULL, 
	instance_uuid VARCHAR(64), 
	server VARCHAR(255), 
	name VARCHAR(255) NOT NULL, 
	is_hidden BOOLEAN NOT NULL, 
	is_demo BOOLEAN NOT NULL, 
	current_import_id INTEGER, 
	CONSTRAINT pk_vcenters PRIMARY KEY (id), 
	CONSTRAINT uq_vcenters_instance_uuid UNIQUE (instance_uuid), 
	CONSTRAINT uq_vcenters_name UNIQUE (name)
);
INSERT INTO "vcenters" VALUES(1,'9f93bf4f-9a1b-4fb0-a2e6-5d4b0f5e0325','vc1.example.com','vc1.example.com',0,0,2);
CREATE TABLE virtual_machines (
	id INTEGER NOT NULL, 
	import_id INTEGER NOT NULL, 
	vcenter_id INTEGER NOT NULL, 
	is_current BOOLEAN NOT NULL, 
	machine_id INTEGER NOT NULL, 
	name VARCHAR(255), 
	vm_id VARCHAR(255), 
	vm_uuid VARCHAR(255), 
	power_state VARCHAR(255), 
	template BOOLEAN, 
	srm_placeholder BOOLEAN, 
	datacenter VARCHAR(255), 
	cluster VARCHAR(255), 
	host VARCHAR(255), 
	folder TEXT, 
	annotation TEXT, 
	os_config VARCHAR(255), 
	os_tools VARCHAR(255), 
	smbios_uuid VARCHAR(255), 
	dns_name VARCHAR(255), 
	config_status TEXT, 
	connection_state TEXT, 
	guest_state TEXT, 
	heartbeat TEXT, 
	consolidation_needed BOOLEAN, 
	powered_on_at DATETIME, 
	suspended_to_memory BOOLEAN, 
	suspended_at DATETIME, 
	suspend_interval INTEGER, 
	created_at DATETIME, 
	change_version TEXT, 
	last_backup_at DATETIME, 
	cpus INTEGER, 
	cpu_readiness_pct DOUBLE, 
	memory_mib DOUBLE, 
	active_memory_mib DOUBLE, 
	nics INTEGER, 
	disks INTEGER, 
	total_disk_mib DOUBLE, 
	fixed_passthru_hotplug BOOLEAN, 
	min_evc_mode TEXT, 
	latency_sensitivity TEXT, 
	op_notification_timeout TEXT, 
	enable_uuid BOOLEAN, 
	cbt BOOLEAN, 
	primary_ip_address VARCHAR(255), 
	network_1 TEXT, 
	network_2 TEXT, 
	network_3 TEXT, 
	network_4 TEXT, 
	network_5 TEXT, 
	network_6 TEXT, 
	network_7 TEXT, 
	network_8 TEXT, 
	num_monitors INTEGER, 
	video_ram_kib DOUBLE, 
	resource_pool TEXT, 
	folder_id TEXT, 
	vapp TEXT, 
	das_protection TEXT, 
	ft_state TEXT, 
	ft_role TEXT, 
	ft_latency TEXT, 
	ft_bandwidth INTEGER, 
	ft_sec_latency INTEGER, 
	failover_in_progress BOOLEAN, 
	provisioned_mib DOUBLE, 
	in_use_mib DOUBLE, 
	unshared_mib DOUBLE, 
	ha_restart_priority TEXT, 
	ha_isolation_response TEXT, 
	ha_vm_monitoring TEXT, 
	cluster_rules TEXT, 
	cluster_rule_names TEXT, 
	boot_required BOOLEAN, 
	boot_delay_ms INTEGER, 
	boot_retry_delay_ms INTEGER, 
	boot_retry_enabled BOOLEAN, 
	boot_bios_setup BOOLEAN, 
	reboot_power_off BOOLEAN, 
	efi_secure_boot BOOLEAN, 
	firmware TEXT, 
	hw_version TEXT, 
	hw_upgrade_status TEXT, 
	hw_upgrade_policy TEXT, 
	hw_target TEXT, 
	path TEXT, 
	log_directory TEXT, 
	snapshot_directory TEXT, 
	suspend_directory TEXT, 
	customization_info TEXT, 
	guest_detailed_data TEXT, 
	vi_sdk_server_type TEXT, 
	vi_sdk_api_version TEXT, 
	vi_sdk_server VARCHAR(255), 
	vi_sdk_uuid VARCHAR(255), 
	sockets INTEGER, 
	cores_per_socket INTEGER, 
	cpu_max_mhz DOUBLE, 
	cpu_usage_mhz DOUBLE, 
	cpu_level TEXT, 
	cpu_shares INTEGER, 
	cpu_reservation_mhz DOUBLE, 
	cpu_entitlement_mhz DOUBLE, 
	cpu_drs_entitlement_mhz DOUBLE, 
	cpu_limit_mhz DOUBLE, 
	cpu_hot_add BOOLEAN, 
	cpu_hot_remove BOOLEAN, 
	numa_hot_add_exposed BOOLEAN, 
	memory_reservation_locked BOOLEAN, 
	memory_overhead_mib DOUBLE, 
	memory_max_mib DOUBLE, 
	memory_consumed_mib DOUBLE, 
	memory_consumed_overhead_mib DOUBLE, 
	memory_private_mib DOUBLE, 
	memory_shared_mib DOUBLE, 
	memory_swapped_mib DOUBLE, 
	memory_ballooned_mib DOUBLE, 
	memory_active_mib DOUBLE, 
	memory_entitlement_mib DOUBLE, 
	memory_drs_entitlement_mib DOUBLE, 
	memory_level TEXT, 
	memory_shares INTEGER, 
	memory_reservation_mib DOUBLE, 
	memory_limit_mib DOUBLE, 
	memory_hot_add BOOLEAN, 
	tools_status VARCHAR(255), 
	tools_version TEXT, 
	tools_required_version TEXT, 
	tools_upgradeable TEXT, 
	tools_upgrade_policy TEXT, 
	tools_sync_time BOOLEAN, 
	app_status TEXT, 
	heartbeat_status TEXT, 
	kernel_crash_state TEXT, 
	operation_ready BOOLEAN, 
	state_change_support BOOLEAN, 
	interactive_guest BOOLEAN, 
	snapshot_count INTEGER, 
	snapshot_size_mib DOUBLE, 
	snapshot_age_days DOUBLE, 
	backup_age_days DOUBLE, 
	off_since DATETIME, 
	off_days DOUBLE, 
	host_in_maintenance BOOLEAN, 
	datastore_free_pct DOUBLE, 
	attributes JSON, 
	CONSTRAINT pk_virtual_machines PRIMARY KEY (id), 
	CONSTRAINT fk_virtual_machines_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id) ON DELETE CASCADE, 
	CONSTRAINT fk_virtual_machines_machine_id_machines FOREIGN KEY(machine_id) REFERENCES machines (id) ON DELETE CASCADE
);
INSERT INTO "virtual_machines" VALUES(1,1,1,0,1,'web-1','vm-1','uuid-1','poweredOn',0,NULL,'DC1','C1','esx1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2,NULL,4096.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'vc1.example.com','9f93bf4f-9a1b-4fb0-a2e6-5d4b0f5e0325',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,10.0,'{"Owner": "Ann"}');
INSERT INTO "virtual_machines" VALUES(2,1,1,0,2,'db-1','vm-2','uuid-2','poweredOn',0,NULL,'DC1','C1','esx1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2,NULL,4096.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'vc1.example.com','9f93bf4f-9a1b-4fb0-a2e6-5d4b0f5e0325',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "virtual_machines" VALUES(3,2,1,1,1,'web-1','vm-1','uuid-1','poweredOn',0,NULL,'DC1','C1','esx1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2,NULL,4096.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'vc1.example.com','9f93bf4f-9a1b-4fb0-a2e6-5d4b0f5e0325',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,10.0,'{"Owner": "Ann"}');
INSERT INTO "virtual_machines" VALUES(4,2,1,1,2,'db-1','vm-2','uuid-2','poweredOn',0,NULL,'DC1','C1','esx1',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4,NULL,4096.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'vc1.example.com','9f93bf4f-9a1b-4fb0-a2e6-5d4b0f5e0325',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE vm_snapshots (
	id INTEGER NOT NULL, 
	import_id INTEGER NOT NULL, 
	vcenter_id INTEGER NOT NULL, 
	is_current BOOLEAN NOT NULL, 
	virtual_machine_id INTEGER, 
	name VARCHAR(255), 
	vm_id VARCHAR(255), 
	vm_uuid VARCHAR(255), 
	template BOOLEAN, 
	snapshot_name TEXT, 
	description TEXT, 
	taken_at DATETIME, 
	file_name TEXT, 
	vmsn_mib DOUBLE, 
	size_mib DOUBLE, 
	quiesced BOOLEAN, 
	state TEXT, 
	CONSTRAINT pk_vm_snapshots PRIMARY KEY (id), 
	CONSTRAINT fk_vm_snapshots_import_id_imports FOREIGN KEY(import_id) REFERENCES imports (id) ON DELETE CASCADE, 
	CONSTRAINT fk_vm_snapshots_virtual_machine_id_virtual_machines FOREIGN KEY(virtual_machine_id) REFERENCES virtual_machines (id) ON DELETE CASCADE
);
CREATE INDEX ix_vcenters_server ON vcenters (server);
CREATE INDEX ix_folder_labels_label_id ON folder_labels (label_id);
CREATE INDEX ix_imports_sha256 ON imports (sha256);
CREATE INDEX ix_imports_vcenter_id_exported_at ON imports (vcenter_id, exported_at);
CREATE INDEX ix_machines_vcenter_id_vm_id ON machines (vcenter_id, vm_id);
CREATE INDEX ix_clusters_import_id ON clusters (import_id);
CREATE INDEX ix_datastores_import_id ON datastores (import_id);
CREATE INDEX ix_hosts_import_id ON hosts (import_id);
CREATE INDEX ix_machine_labels_label_id ON machine_labels (label_id);
CREATE INDEX ix_sources_import_id ON sources (import_id);
CREATE INDEX ix_virtual_machines_counted ON virtual_machines (import_id, datacenter, cluster, power_state, template, cpus, memory_mib, provisioned_mib, in_use_mib, unshared_mib, tools_status, consolidation_needed, datastore_free_pct, snapshot_age_days, backup_age_days, off_days, host_in_maintenance, vcenter_id);
CREATE INDEX ix_virtual_machines_current_cluster ON virtual_machines (is_current, cluster COLLATE "NOCASE", id, import_id, template);
CREATE INDEX ix_virtual_machines_current_cpus ON virtual_machines (is_current, cpus, id, import_id, template);
CREATE INDEX ix_virtual_machines_current_datacenter ON virtual_machines (is_current, datacenter COLLATE "NOCASE", id, import_id, template);
CREATE INDEX ix_virtual_machines_current_host ON virtual_machines (is_current, host COLLATE "NOCASE", id, import_id, template);
CREATE INDEX ix_virtual_machines_current_memory_mib ON virtual_machines (is_current, memory_mib, id, import_id, template);
CREATE INDEX ix_virtual_machines_current_name ON virtual_machines (is_current, name COLLATE "NOCASE", id, import_id, template);
CREATE INDEX ix_virtual_machines_current_os_config ON virtual_machines (is_current, os_config COLLATE "NOCASE", id, import_id, template);
CREATE INDEX ix_virtual_machines_current_power_state ON virtual_machines (is_current, power_state COLLATE "NOCASE", id, import_id, template);
CREATE INDEX ix_virtual_machines_current_primary_ip_address ON virtual_machines (is_current, primary_ip_address COLLATE "NOCASE", id, import_id, template);
CREATE INDEX ix_virtual_machines_current_provisioned_mib ON virtual_machines (is_current, provisioned_mib, id, import_id, template);
CREATE INDEX ix_virtual_machines_import_id ON virtual_machines (import_id);
CREATE INDEX ix_virtual_machines_import_id_os_config_template ON virtual_machines (import_id, os_config, template);
CREATE INDEX ix_virtual_machines_machine_id_import_id ON virtual_machines (machine_id, import_id);
CREATE INDEX ix_virtual_machines_without_cluster ON virtual_machines (import_id, cluster, template) WHERE cluster IS NULL;
CREATE INDEX ix_virtual_machines_without_dns_name ON virtual_machines (import_id, dns_name, template) WHERE dns_name IS NULL;
CREATE INDEX ix_virtual_machines_without_folder ON virtual_machines (import_id, folder, template) WHERE folder IS NULL;
CREATE INDEX ix_virtual_machines_without_host ON virtual_machines (import_id, host, template) WHERE host IS NULL;
CREATE INDEX ix_virtual_machines_without_primary_ip_address ON virtual_machines (import_id, primary_ip_address, template) WHERE primary_ip_address IS NULL;
CREATE INDEX ix_disks_import_id ON disks (import_id);
CREATE INDEX ix_disks_virtual_machine_id ON disks (virtual_machine_id);
CREATE INDEX ix_machine_texts_import_id ON machine_texts (import_id);
CREATE INDEX ix_network_adapters_import_id ON network_adapters (import_id);
CREATE INDEX ix_network_adapters_virtual_machine_id ON network_adapters (virtual_machine_id);
CREATE INDEX ix_partitions_import_id ON partitions (import_id);
CREATE INDEX ix_partitions_virtual_machine_id ON partitions (virtual_machine_id);
CREATE INDEX ix_vm_snapshots_import_id ON vm_snapshots (import_id);
CREATE INDEX ix_vm_snapshots_virtual_machine_id ON vm_snapshots (virtual_machine_id);
COMMIT;