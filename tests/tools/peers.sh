# The peers of bench_ledger.sh: PostgreSQL and etcd, in a directory that is thrown away, on a socket there and on loopback. To be read
# with `.`; expects $work, a directory. A peer that is not installed, or does not start, leaves its address empty.
# Must remain true: both sync before they answer, as they are shipped; only what was started here is stopped.
pg_at='' pg_user='' etcd_at='' etcd_pid=''

as_pg() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

pg_start() {
	pg_bin=$(find /usr/lib/postgresql/15/bin -maxdepth 0 2>/dev/null) && [ -n "$pg_bin" ] || return 1
	[ "$(id -u)" != 0 ] || id postgres >/dev/null 2>&1 || return 1
	mkdir "$work/pg" && chmod 755 "$work" && { [ "$(id -u)" != 0 ] || chown postgres "$work/pg"; } || return 1
	as_pg "$pg_bin/initdb" -D "$work/pg/data" -A trust -U bench -E UTF8 --locale=C >"$work/pg.log" 2>&1 || return 1
	cat >>"$work/pg/data/postgresql.conf" <<-END
		listen_addresses = ''
		unix_socket_directories = '$work/pg'
		fsync = on
		synchronous_commit = on
		shared_buffers = 256MB
		max_wal_size = 4GB
	END
	as_pg "$pg_bin/pg_ctl" -D "$work/pg/data" -l "$work/pg/log" -w -t 60 start >>"$work/pg.log" 2>&1 || return 1
	pg_at="host=$work/pg user=bench dbname=postgres"
}
pg_stop() { [ -z "$pg_at" ] || as_pg "$pg_bin/pg_ctl" -D "$work/pg/data" -m immediate stop >/dev/null 2>&1; pg_at=''; }

etcd_start() {
	command -v etcd >/dev/null && command -v curl >/dev/null || return 1
	port=$((20000 + $$ % 20000))
	etcd --data-dir "$work/etcd" --listen-client-urls "http://127.0.0.1:$port" --advertise-client-urls "http://127.0.0.1:$port" \
		--listen-peer-urls "http://127.0.0.1:$((port + 1))" --initial-advertise-peer-urls "http://127.0.0.1:$((port + 1))" \
		--initial-cluster "default=http://127.0.0.1:$((port + 1))" --log-level error >"$work/etcd.log" 2>&1 &
	etcd_pid=$!
	for _ in $(seq 100); do
		if curl -sf --noproxy '*' -o "$work/etcd.health" "http://127.0.0.1:$port/health"; then
			etcd_at=http://127.0.0.1:$port
			return 0
		fi
		kill -0 "$etcd_pid" 2>/dev/null || break
		sleep 0.2
	done
	return 1
}
etcd_stop() { [ -z "$etcd_pid" ] || { kill "$etcd_pid" 2>/dev/null; wait "$etcd_pid" 2>/dev/null; }; etcd_pid='' etcd_at=''; }
