-- The floor: what the numbers of a page cost when somebody writes the statements by hand, over the product's tables
-- and indexes. Each statement stands under its name, with a variant after it where an engine wants other words.
-- They know what the product has to find out: which states count (:states, and :earlier, the states before each of
-- them), that no filter is set, and that each export has every tab and column.

-- name: states
-- Once, not timed. The states that count, and the state before each of them.
SELECT
  i.id AS import_id,
  v.name AS vcenter,
  i.exported_at,
  (SELECT b.id FROM imports b WHERE b.vcenter_id = v.id AND b.status = 'published' AND b.exported_at < i.exported_at
   ORDER BY b.exported_at DESC, b.id DESC LIMIT 1) AS before_id,
  (SELECT min(f.exported_at) FROM imports f WHERE f.vcenter_id = v.id AND f.status = 'published') AS known_since
FROM vcenters v JOIN imports i ON i.id = v.current_import_id
WHERE NOT v.is_hidden;

-- name: overview tallies
-- One pass over the newest states for everything but operating systems and blanks.
SELECT
  import_id, datacenter, cluster, power_state, template, count(*) AS machines,
  sum(cpus) AS cpus, sum(memory_mib) AS memory, sum(provisioned_mib) AS provisioned, sum(in_use_mib) AS in_use,
  sum(unshared_mib) AS unshared,
  count(CASE WHEN consolidation_needed THEN 1 END) AS consolidation,
  count(CASE WHEN datastore_free_pct < :datastore_free_pct THEN 1 END) AS short_datastore,
  count(CASE WHEN tools_status IN ('toolsNotRunning', 'toolsNotInstalled') THEN 1 END) AS no_tools,
  count(CASE WHEN snapshot_age_days > :snapshot_days THEN 1 END) AS old_snapshot,
  count(CASE WHEN backup_age_days IS NULL OR backup_age_days > :backup_days THEN 1 END) AS no_backup,
  count(CASE WHEN off_days >= :off_days THEN 1 END) AS long_off,
  count(CASE WHEN host_in_maintenance THEN 1 END) AS maintenance
FROM virtual_machines WHERE import_id IN :states
GROUP BY import_id, datacenter, cluster, power_state, template;

-- name: overview earlier
SELECT
  count(*) AS machines, count(CASE WHEN power_state = 'poweredOn' THEN 1 END) AS powered_on,
  sum(cpus) AS cpus, sum(memory_mib) AS memory, sum(in_use_mib) AS in_use
FROM virtual_machines WHERE import_id IN :earlier AND template IS NOT TRUE;

-- name: overview operating_systems
SELECT os_config, count(*) AS machines
FROM virtual_machines WHERE import_id IN :states AND template IS NOT TRUE
GROUP BY import_id, os_config;

-- name: overview blanks
SELECT
  (SELECT count(*) FROM virtual_machines
   WHERE import_id IN :states AND dns_name IS NULL AND template IS NOT TRUE) AS dns_name,
  (SELECT count(*) FROM virtual_machines
   WHERE import_id IN :states AND primary_ip_address IS NULL AND template IS NOT TRUE) AS ip_address,
  (SELECT count(*) FROM virtual_machines
   WHERE import_id IN :states AND folder IS NULL AND template IS NOT TRUE) AS folder,
  (SELECT count(*) FROM virtual_machines
   WHERE import_id IN :states AND host IS NULL AND template IS NOT TRUE) AS host;

-- name: overview hosts
SELECT
  count(*) AS hosts, sum(cores) AS cores, sum(memory_mib) AS memory,
  count(CASE WHEN in_maintenance_mode THEN 1 END) AS in_maintenance
FROM hosts WHERE import_id IN :states;

-- name: overview datastores
SELECT
  count(*) AS datastores, sum(capacity_mib) AS capacity, sum(free_mib) AS free,
  count(CASE WHEN free_pct < :datastore_free_pct THEN 1 END) AS short
FROM datastores WHERE import_id IN :states;

-- name: totals
SELECT count(*), sum(cpus), sum(memory_mib), sum(provisioned_mib)
FROM virtual_machines WHERE import_id IN :states AND template IS NOT TRUE;

-- name: search
SELECT count(*), sum(v.cpus), sum(v.memory_mib), sum(v.provisioned_mib)
FROM machine_texts t CROSS JOIN virtual_machines v ON v.id = t.id
WHERE t.import_id IN :states AND instr(t.text, :text) > 0 AND v.template IS NOT TRUE;

-- name: search on postgresql
SELECT count(*), sum(v.cpus), sum(v.memory_mib), sum(v.provisioned_mib)
FROM machine_texts t JOIN virtual_machines v ON v.id = t.id
WHERE t.import_id IN :states AND strpos(t.text, :text) > 0 AND v.template IS NOT TRUE;

-- name: figures
-- Not timed, and always of SQLite: what the statements above found, each as a table, in the form in which
-- benchmarks/floor.py brings the page's record, too: (figure, JSON).
WITH estate AS MATERIALIZED (SELECT * FROM tallies JOIN states USING (import_id) WHERE template IS NOT TRUE),
powers AS (
  SELECT
    datacenter, import_id, vcenter, sum(machines) AS machines,
    coalesce(sum(machines) FILTER (WHERE power_state = 'poweredOn'), 0) AS powered_on,
    coalesce(sum(machines) FILTER (WHERE power_state = 'poweredOff'), 0) AS powered_off,
    coalesce(sum(machines) FILTER (WHERE power_state = 'suspended'), 0) AS suspended
  FROM estate GROUP BY datacenter, iif(datacenter IS NULL, 0, import_id)
),
datacenters AS (
  SELECT *, row_number() OVER (ORDER BY datacenter IS NULL, machines DESC, datacenter, vcenter) AS place FROM powers
),
clusters AS (
  SELECT
    cluster, sum(machines) AS machines,
    row_number() OVER (ORDER BY cluster IS NULL, sum(machines) DESC, cluster, datacenter) AS place
  FROM estate GROUP BY cluster, iif(cluster IS NULL, 0, import_id), iif(cluster IS NULL, 0, datacenter)
),
systems AS MATERIALIZED (
  SELECT
    os_config, sum(machines) AS machines,
    row_number() OVER (ORDER BY os_config IS NULL, sum(machines) DESC, os_config) AS place
  FROM operating_systems GROUP BY os_config
)
SELECT 'counts', json_array(
  sum(machines),
  sum(machines) FILTER (WHERE power_state = 'poweredOn'),
  sum(machines) FILTER (WHERE power_state = 'poweredOff'),
  sum(machines) FILTER (WHERE power_state = 'suspended'),
  (SELECT sum(machines) FROM tallies WHERE template = 1)) FROM estate
UNION ALL
SELECT 'totals', json_array(sum(cpus), sum(memory), sum(provisioned), sum(in_use), sum(unshared)) FROM estate
UNION ALL
SELECT 'change', json_array(
  sum(n.machines), sum(n.machines) FILTER (WHERE n.power_state = 'poweredOn'), sum(n.cpus), sum(n.memory), sum(n.in_use),
  e.machines, e.powered_on, e.cpus, e.memory, e.in_use)
FROM estate n, earlier e WHERE n.before_id IS NOT NULL
UNION ALL
SELECT 'datacenters', json_group_array(
  json_array(datacenter, powered_on, powered_off, suspended, machines - powered_on - powered_off - suspended))
FROM (SELECT * FROM datacenters WHERE place <= 8 OR datacenter IS NULL ORDER BY place)
UNION ALL
SELECT 'other datacenters', json_array(
  sum(powered_on), sum(powered_off), sum(suspended), sum(machines - powered_on - powered_off - suspended))
FROM datacenters WHERE place > 8 AND datacenter IS NOT NULL
UNION ALL
SELECT 'clusters', json_group_array(json_array(cluster, machines))
FROM (SELECT * FROM clusters WHERE place <= 8 OR cluster IS NULL ORDER BY place)
UNION ALL
SELECT 'other clusters', json_array(
  coalesce(sum(machines) FILTER (WHERE place > 8 AND cluster IS NOT NULL), 0), count(cluster)) FROM clusters
UNION ALL
SELECT 'places', json_array(
  (SELECT count(datacenter) FROM datacenters), (SELECT count(cluster) FROM clusters))
UNION ALL
SELECT 'attention', json_array(
  sum(consolidation), sum(short_datastore), sum(no_tools) FILTER (WHERE power_state = 'poweredOn'), sum(old_snapshot),
  sum(no_backup),
  iif(max(julianday(exported_at) - julianday(known_since)) >= :off_days, sum(long_off), NULL), sum(maintenance))
FROM estate
UNION ALL
SELECT 'blank places', json_array(
  coalesce(sum(machines) FILTER (WHERE datacenter IS NULL), 0), coalesce(sum(machines) FILTER (WHERE cluster IS NULL), 0))
FROM estate
UNION ALL
SELECT 'operating systems', json_group_array(json_array(os_config, machines))
FROM (SELECT * FROM systems WHERE place <= 10 OR os_config IS NULL ORDER BY place)
UNION ALL
SELECT 'other operating systems', json_array(
  coalesce(sum(machines) FILTER (WHERE place > 10 AND os_config IS NOT NULL), 0), count(os_config)) FROM systems
UNION ALL
SELECT 'blanks', json_array(dns_name, ip_address, folder, host) FROM blanks
UNION ALL
SELECT 'hosts', json_array(hosts, cores, memory, in_maintenance) FROM hosts
UNION ALL
SELECT 'datastores', json_array(datastores, capacity, free, short) FROM datastores;
