#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# GROUP: real
# TIMEOUT: 120
. "${TEST_LIB:-$(dirname "$0")/../lib}/common.sh"

require sqlite3
ROUNDS=${TEST_ROUNDS:-40}

sql()
{
	sqlite3 -batch -bail -cmd '.timeout 20000' "$@"
}

# One transaction moves money between two accounts; the sum stays the same.
writer()
{
	local i
	for i in $(seq "$ROUNDS"); do
		sql "$MNT/db" "PRAGMA journal_mode=delete; BEGIN IMMEDIATE;
			UPDATE acc SET v = v - $i WHERE id = $1;
			INSERT INTO log VALUES ($1, $i, hex(randomblob(500)));
			UPDATE acc SET v = v + $i WHERE id = 1 + $1 % 10;
			COMMIT;" >/dev/null || return 1
	done
}

# No reader ever sees half a transaction.
reader()
{
	local i sum
	for i in $(seq "$ROUNDS"); do
		sum=$(sql "$MNT/db" 'SELECT sum(v) FROM acc') || return 1
		[ "$sum" = 10000 ] || { echo "round $i: sum $sum"; return 1; }
	done
}

start_server
mount_fs
mount_fs2
check "a database is made" sql "$MNT/db" "PRAGMA journal_mode=delete;
	CREATE TABLE acc (id INTEGER PRIMARY KEY, v INTEGER);
	CREATE TABLE log (id, round, t);
	WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10)
	INSERT INTO acc SELECT i, 1000 FROM n;"
pids=()
for who in 1 2 3; do
	writer $who >"$WORK/writer$who.log" 2>&1 &
	pids+=($!)
done
for who in 1 2; do
	reader >"$WORK/reader$who.log" 2>&1 &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	check "a writer or reader beside four others" wait "$pid"
done
is "$(sql "$MNT/db" 'SELECT sum(v) FROM acc')" 10000 "the sum is right"
is "$(sql "$MNT/db" 'SELECT count(*) FROM log')" $((3 * ROUNDS)) \
	"every transaction is there"
is "$(sql "$MNT/db" 'PRAGMA integrity_check')" ok "integrity_check"
is "$(sql "$EXPORT/db" 'PRAGMA integrity_check')" ok "at the server too"
is "$(ls "$EXPORT")" db "no journal is left"
check "a big transaction rolled back" sql "$MNT/db" \
	"PRAGMA cache_size=10; BEGIN; UPDATE log SET t = hex(randomblob(900));
	ROLLBACK;"
is "$(sql "$MNT/db" 'SELECT max(length(t)) FROM log')" 1000 "it left no trace"
check "VACUUM" sql "$MNT/db" 'DELETE FROM log; VACUUM;'
is "$(sql "$MNT/db" 'PRAGMA integrity_check')" ok "integrity_check after VACUUM"

# A writer killed in the middle leaves a journal; the next one rolls it back.
sql "$MNT/db" "PRAGMA cache_size=5; BEGIN;
	WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000)
	INSERT INTO log SELECT 9, i, hex(randomblob(500)) FROM n;
	UPDATE acc SET v = 0;
	.shell kill -9 \$PPID" >/dev/null 2>&1
check "the killed writer left its journal" test -s "$EXPORT/db-journal"
is "$(sql "$MNT/db" 'SELECT sum(v) FROM acc')" 10000 "its change is undone"
is "$(sql "$MNT/db" 'PRAGMA integrity_check')" ok "and the database is sound"
umount_fs
done_testing
