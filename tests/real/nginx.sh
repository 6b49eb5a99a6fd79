#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# An nginx with the assets service's configuration in front of a mount.  Source
# it after common.sh.
#
#   nginx_start a 8081      # serves mount a as http://127.0.0.1:8081/assets/
#   nginx_stop a
#   NGINX_WORKERS=1 nginx_start a 8081      # instead of one for each CPU
#
# The configuration is the demo's; so is the user, who is not root.

NGINX_ID=999
declare -A NGINX_PID

nginx_answers()
{
	curl -m 2 -sf -o /dev/null "http://127.0.0.1:$1/health.html"
}

# The assets are a symbolic link to the mount, so that common.sh knows it under
# the one name that it made.
nginx_start()
{
	local name=$1 port=$2 pod=$WORK/pod_$1 html

	require nginx curl
	html=$pod/usr/share/nginx/html
	mkdir -p "$pod/run" "$html"
	ln -sfn "$WORK/mnt/$name" "$html/assets"
	echo OK >"$html/health.html"
	sed -e "s|@POD@|$pod|g" -e "s|@PORT@|$port|g" \
		-e "s|worker_processes auto|worker_processes ${NGINX_WORKERS:-auto}|" \
		-e 's|@MIME@|/etc/nginx/mime.types|g' \
		"$TEST_TOP/tests/demo/nginx.conf.in" >"$pod/nginx.conf"
	# A log line for each of a million GETs would be most of the work.
	sed -i 's|access_log .*;|access_log off;|' "$pod/nginx.conf"
	chown "$NGINX_ID:$NGINX_ID" "$pod/run"
	setpriv --reuid="$NGINX_ID" --regid="$NGINX_ID" --clear-groups \
		nginx -c "$pod/nginx.conf" -p "$pod/" -e "$pod/run/error.log" \
		>"$WORK/nginx_$name.log" 2>&1 </dev/null &
	NGINX_PID[$name]=$!
	if ! wait_for 10 nginx_answers "$port"; then
		note "$(tail -n 5 "$WORK/nginx_$name.log" "$pod/run/error.log")"
		bail "the nginx of mount $name does not start"
	fi
}

nginx_stop()
{
	local name

	[ $# -gt 0 ] || set -- "${!NGINX_PID[@]}"
	for name; do
		kill -QUIT "${NGINX_PID[$name]}"
		wait_for 10 process_is_gone "${NGINX_PID[$name]}" ||
			kill -KILL "${NGINX_PID[$name]}"
		cp "$WORK/pod_$name/run/error.log" "$WORK/nginx_$name.error.log"
		unset "NGINX_PID[$name]"
	done
}

# http_status URL
http_status()
{
	curl -m 20 -s -o /dev/null -w '%{http_code}' "$1"
}

# get_same URL FILE: the body is the file's content.
get_same()
{
	curl -m 20 -sf "$1" | cmp - "$2"
}

# make_image FILE BYTES: nothing here looks at the picture, only at the bytes.
make_image()
{
	head -c "$2" /dev/urandom >"$1"
}

# get_many N URL: N GETs on one connection; prints "COUNT STATUS" for each status.
get_many()
{
	curl -m 60 -s -o /dev/null -w '%{http_code}\n' "$2?[1-$1]" |
		sort | uniq -c | sed 's/^ *//'
}
