-- The floor: what the numbers of a page cost when somebody writes the statements by hand, for SQLite, over the
-- product's tables and indexes. Each statement stands under its name. Those of the Overview answer with (figure, JSON);
-- benchmarks/floor.py brings the page's record into the same form and compares every number.
-- They know what the product has to find out: that no filter is set, and that each export has every tab and column.

-- name: setup
-- Once per connection, not timed. The states that count, and the state before each of them.
CREATE TEMP VIEW states AS
SELECT
  i.id AS import_id,
  v.id AS vcenter_id,
  v.name AS vcenter,
  i.exported_at,
  (SELECT b.id FROM imports b WHERE b.vcenter_id = v.id AND b.status = 'published' AND b.exported_at < i.exported_at
   ORDER BY b.exported_at DESC, b.id DESC LIMIT 1) AS before_id,
  (SELECT min(f.exported_at) FROM imports f WHERE f.vcenter_id = v.id AND f.status = 'published') AS known_since
FROM vcenters v JOIN imports i ON i.id = v.current_import_id
WHERE NOT v.is_hidden;

-- name: overview machines
-- One pass over the newest states for everything but operating systems and blanks, one over the states before.
WITH tallies AS MATERIALIZED (
  SELECT
    import_id, datacenter, cluster, power_state, template, count(*) AS machines,
    sum(cpus) AS cpus, sum(memory_mib) AS memory, sum(provisioned_mib) AS provisioned, sum(in_use_mib) AS in_use,
    sum(unshared_mib) AS unshared,
    count(*) FILTER (WHERE consolidation_needed = 1) AS consolidation,
    count(*) FILTER (WHERE datastore_free_pct < :datastore_free_pct) AS short_datastore,
    count(*) FILTER (WHERE tools_status IN ('toolsNotRunning', 'toolsNotInstalled')) AS no_tools,
    count(*) FILTER (WHERE snapshot_age_days > :snapshot_days) AS old_snapshot,
    count(*) FILTER (WHERE backup_age_days IS NULL OR backup_age_days > :backup_days) AS no_backup,
    count(*) FILTER (WHERE off_days >= :off_days) AS long_off,
    count(*) FILTER (WHERE host_in_maintenance = 1) AS maintenance
  FROM virtual_machines WHERE import_id IN (SELECT import_id FROM states)
  GROUP BY import_id, datacenter, cluster, power_state, template
),
estate AS MATERIALIZED (SELECT * FROM tallies JOIN states USING (import_id) WHERE template IS NOT 1),
earlier AS MATERIALIZED (
  SELECT
    count(*) AS machines, count(*) FILTER (WHERE power_state = 'poweredOn') AS powered_on,
    sum(cpus) AS cpus, sum(memory_mib) AS memory, sum(in_use_mib) AS in_use
  FROM virtual_machines WHERE import_id IN (SELECT before_id FROM states) AND template IS NOT 1
),
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
FROM estate;

-- name: overview operating systems
WITH counted AS (
  SELECT os_config, count(*) AS machines
  FROM virtual_machines WHERE import_id IN (SELECT import_id FROM states) AND template IS NOT 1
  GROUP BY import_id, os_config
),
found AS MATERIALIZED (
  SELECT
    os_config, sum(machines) AS machines,
    row_number() OVER (ORDER BY os_config IS NULL, sum(machines) DESC, os_config) AS place
  FROM counted GROUP BY os_config
)
SELECT 'operating systems', json_group_array(json_array(os_config, machines))
FROM (SELECT * FROM found WHERE place <= 10 OR os_config IS NULL ORDER BY place)
UNION ALL
SELECT 'other operating systems', json_array(
  coalesce(sum(machines) FILTER (WHERE place > 10 AND os_config IS NOT NULL), 0), count(os_config)) FROM found;

-- name: overview blanks
SELECT 'blanks', json_array(
  (SELECT count(*) FROM virtual_machines
   WHERE import_id IN (SELECT import_id FROM states) AND dns_name IS NULL AND template IS NOT 1),
  (SELECT count(*) FROM virtual_machines
   WHERE import_id IN (SELECT import_id FROM states) AND primary_ip_address IS NULL AND template IS NOT 1),
  (SELECT count(*) FROM virtual_machines
   WHERE import_id IN (SELECT import_id FROM states) AND folder IS NULL AND template IS NOT 1),
  (SELECT count(*) FROM virtual_machines
   WHERE import_id IN (SELECT import_id FROM states) AND host IS NULL AND template IS NOT 1));

-- name: overview infrastructure
SELECT 'hosts', json_array(count(*), sum(cores), sum(memory_mib), count(*) FILTER (WHERE in_maintenance_mode = 1))
FROM hosts WHERE import_id IN (SELECT import_id FROM states)
UNION ALL
SELECT 'datastores', json_array(
  count(*), sum(capacity_mib), sum(free_mib), count(*) FILTER (WHERE free_pct < :datastore_free_pct))
FROM datastores WHERE import_id IN (SELECT import_id FROM states);

-- name: totals
SELECT count(*), sum(cpus), sum(memory_mib), sum(provisioned_mib)
FROM virtual_machines WHERE import_id IN (SELECT import_id FROM states) AND template IS NOT 1;

-- name: search
SELECT count(*), sum(v.cpus), sum(v.memory_mib), sum(v.provisioned_mib)
FROM machine_texts t CROSS JOIN virtual_machines v ON v.id = t.id
WHERE t.import_id IN (SELECT import_id FROM states) AND instr(t.text, :text) AND v.template IS NOT 1;
