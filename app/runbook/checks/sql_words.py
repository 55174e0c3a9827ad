"""Words of SQL: functions with effects, functions known to have none, and words that begin a statement that writes."""

from __future__ import annotations

HARMLESS = frozenset(
    """
    abs age all and any array array_agg as avg between bool_and bool_or by case cast ceil ceiling changes
    char_length coalesce concat count current_database current_schema current_timestamp database date date_format
    date_trunc datediff datetime dense_rank distinct else encode every except exists extract filter first_value
    floor from from_unixtime generate_series greatest group group_concat hash_agg having hex ifnull iif in intersect
    interval join json_agg jsonb_agg julianday lag last_insert_rowid last_value lead least length like limit lower
    ltrim max md5 min mod not now ntile nullif octet_length offset on or order over partition percentile_cont
    pg_current_wal_lsn pg_database_size pg_is_in_recovery pg_last_wal_replay_lsn pg_relation_size pg_size_pretty
    pg_total_relation_size pg_wal_lsn_diff position power printf random rank regexp_replace round row row_number
    rtrim schema select sha256 sign some sqrt stddev strftime string_agg strpos substr substring sum then
    timestampdiff to_char to_date to_timestamp total trim typeof union unix_timestamp unnest upper user using values
    variance version when where within
    """.split()  # noqa: SIM905 - one word a line would take three hundred lines
)
"""Functions, and words that may stand before a parenthesis, that only compute."""

EFFECTS = frozenset(
    """
    database_to_xml dblink dblink_connect dblink_exec dblink_open dblink_send_query edit get_lock lo_creat lo_create
    lo_export lo_from_bytea lo_import lo_put lo_truncate lo_unlink load_extension lowrite nextval pg_advisory_lock
    pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all pg_advisory_xact_lock pg_backup_start
    pg_backup_stop pg_cancel_backend pg_copy_logical_replication_slot pg_copy_physical_replication_slot
    pg_create_logical_replication_slot pg_create_physical_replication_slot pg_create_restore_point
    pg_drop_replication_slot pg_file_rename pg_file_sync pg_file_unlink pg_file_write pg_import_system_collations
    pg_log_backend_memory_contexts pg_log_standby_snapshot pg_logical_emit_message pg_logical_slot_get_binary_changes
    pg_logical_slot_get_changes pg_notify pg_promote pg_reload_conf pg_replication_origin_advance
    pg_replication_origin_create pg_replication_origin_drop pg_replication_slot_advance pg_rotate_logfile
    pg_start_backup pg_stat_clear_snapshot pg_stat_reset pg_stat_reset_backend_stats pg_stat_reset_replication_slot
    pg_stat_reset_shared pg_stat_reset_single_function_counters pg_stat_reset_single_table_counters
    pg_stat_reset_slru pg_stat_reset_subscription_stats pg_stat_statements_reset pg_stop_backup pg_switch_wal
    pg_switch_xlog pg_terminate_backend pg_try_advisory_lock pg_wal_replay_pause pg_wal_replay_resume query_to_xml
    release_all_locks release_lock set_config setval sys_eval sys_exec table_to_xml writefile
    """.split()  # noqa: SIM905 - one word a line would take three hundred lines
)
"""Functions that change something, some of them even in a read-only session."""

WRITING_WORDS = frozenset(
    """
    alter analyze call change checkpoint cluster comment copy create delete discard do drop flush grant import
    insert install kill load lock merge notify optimize purge refresh reindex rename repair replace reset restore
    revoke security start stop truncate uninstall update upsert vacuum
    """.split()  # noqa: SIM905 - one word a line would take three hundred lines
)
"""First words of statements that write, for what cannot be parsed."""

READING_PRAGMAS = frozenset(
    """
    collation_list compile_options data_version database_list foreign_key_check foreign_key_list freelist_count
    function_list index_info index_list index_xinfo integrity_check module_list page_count pragma_list quick_check
    stats table_info table_list table_xinfo
    """.split()  # noqa: SIM905 - as above
)
"""Pragmas of SQLite that only tell, whatever they are asked about."""

SETTING_PRAGMAS = frozenset(
    """
    analysis_limit application_id auto_vacuum automatic_index busy_timeout cache_size cache_spill
    cell_size_check checkpoint_fullfsync default_cache_size defer_foreign_keys encoding foreign_keys fullfsync
    hard_heap_limit ignore_check_constraints journal_mode journal_size_limit legacy_alter_table locking_mode
    max_page_count mmap_size page_size query_only read_uncommitted recursive_triggers reverse_unordered_selects
    schema_version secure_delete soft_heap_limit synchronous temp_store threads trusted_schema user_version
    wal_autocheckpoint writable_schema
    """.split()  # noqa: SIM905 - as above
)
"""Pragmas of SQLite that tell a setting when they are given no value, and set it when they are."""
