/* SPDX-License-Identifier: Apache-2.0
 *
 * The NFS client against a server of ours that misbehaves in one way for each
 * test: a thread that answers records of RPC by a script.
 */
#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/count.h"
#include "base/mem.h"
#include "rpc/nfs.h"
#include "rpc/nfs_err.h"
#include "rpc/nfs_wire.h"

/* --- the server ---------------------------------------------------------------- */

struct out {
	uint8_t buf[8192];
	size_t len;
};

/* Procedure numbers of RFC 1813 */
enum { P_GETATTR = 1, P_LOOKUP = 3, P_READ = 6, P_WRITE = 7 };
enum { P_MKDIR = 9, P_REMOVE = 12, P_READDIRPLUS = 17 };

enum action { ACT_ANSWER, ACT_HANG_UP, ACT_SILENT };

/* The N-th request of the test (from 0): write the results, say what to do. */
typedef enum action script_fn(unsigned n, uint32_t proc, struct out *o);

static int listener = -1;
static int idle_fd = -1; /* atomic: the connection that is served */
static script_fn *script;
static unsigned n_requests; /* atomic */
static unsigned n_accepted; /* atomic */

static void
put(struct out *o, uint32_t v)
{
	uint32_t be = htonl(v);

	assert_true(o->len + 4 <= sizeof(o->buf));
	memcpy(o->buf + o->len, &be, 4);
	o->len += 4;
}

static void
put_opaque(struct out *o, const char *data, uint32_t len)
{
	put(o, len);
	assert_true(o->len + len + 3 <= sizeof(o->buf));
	memcpy(o->buf + o->len, data, len);
	memset(o->buf + o->len + len, 0, 3);
	o->len += (len + 3) & ~3U;
}

static void
put_fattr(struct out *o, uint32_t type)
{
	int i;

	put(o, type);
	put(o, 0755);
	put(o, 2);
	for (i = 0; i < 12; i++) /* uid 0, gid 0, size 0 ... fileid 0 */
		put(o, 0);
	for (i = 0; i < 6; i++)
		put(o, 7);
}

static void
put_header(struct out *o, uint32_t xid)
{
	put(o, 0); /* the length comes last */
	put(o, xid);
	put(o, 1); /* REPLY */
	put(o, 0); /* accepted */
	put(o, 0); /* no verifier */
	put(o, 0);
	put(o, 0); /* SUCCESS */
}

static int
read_all(int fd, void *buf, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, (char *)buf + got, len - got);

		if (n <= 0)
			return -1;
		got += (size_t)n;
	}
	return 0;
}

static void
serve(int fd)
{
	static uint8_t in[2 << 20];
	uint32_t mark, word[6];

	while (read_all(fd, &mark, 4) == 0) {
		size_t len = ntohl(mark) & 0x7fffffff;
		struct out o = { .len = 0 };
		enum action act;

		if (len < sizeof(word) || len > sizeof(in) ||
		    read_all(fd, in, len) < 0)
			return;
		memcpy(word, in, sizeof(word));
		put_header(&o, ntohl(word[0]));
		act = script(
			__atomic_fetch_add(&n_requests, 1, __ATOMIC_ACQ_REL),
			ntohl(word[5]), &o);
		if (act == ACT_HANG_UP)
			return;
		if (act == ACT_SILENT)
			continue;
		mark = htonl(0x80000000 | (uint32_t)(o.len - 4));
		memcpy(o.buf, &mark, 4);
		if (write(fd, o.buf, o.len) != (ssize_t)o.len)
			return;
	}
}

/* One connection after the other. */
static void *
server_main(void *arg)
{
	int fd;

	(void)arg;
	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		(void)__atomic_add_fetch(&n_accepted, 1, __ATOMIC_ACQ_REL);
		__atomic_store_n(&idle_fd, fd, __ATOMIC_RELEASE);
		serve(fd);
		(void)close(fd);
	}
	return NULL;
}

/* --- one call --------------------------------------------------------------------- */

static const struct nfs_cred root;

struct fixture {
	struct nfs_server server;
	struct loop *loop;
	struct nfs_client *client;
	struct timer stop;
	pthread_t thread;
};

static struct fixture fx;
static char seen[256]; /* names of the listing */
static char data[256]; /* READ, READLINK */
static unsigned n_done;

static void
on_done(struct nfs_call *c)
{
	size_t i;

	n_done++;
	for (i = 0; c->status == 0 && i < c->n_entries; i++) {
		size_t len = strlen(seen);

		(void)snprintf(seen + len, sizeof(seen) - len, "%s%s%s%s ",
			       c->entries[i].name,
			       c->entries[i].is_dot ? "." : "",
			       c->entries[i].has_attr ? "a" : "",
			       c->entries[i].has_fh ? "h" : "");
	}
	if (c->status == 0 && c->proc == NFS_READ)
		memcpy(data, c->ret_data, c->ret_count);
	loop_stop(fx.loop);
}

static void
on_stop(struct timer *t)
{
	(void)t;
	loop_stop(fx.loop);
}

static void
start(script_fn *fn, ns_t op_timeout, ns_t server_timeout)
{
	struct nfs_limits limits = { .connections = 2,
				     .op_timeout = op_timeout,
				     .server_timeout = server_timeout };
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);

	memset(&fx, 0, sizeof(fx));
	script = fn;
	n_requests = n_accepted = n_done = 0;
	seen[0] = '\0';
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (void *)&in, sizeof(in)), 0);
	assert_int_equal(listen(listener, 5), 0);
	assert_int_equal(getsockname(listener, (void *)&in, &len), 0);
	(void)snprintf(fx.server.addr, sizeof(fx.server.addr), "127.0.0.1");
	fx.server.port = ntohs(in.sin_port);
	fx.loop = loop_new();
	fx.stop.fn = on_stop;
	fx.client = nfs_client_new(fx.loop, &fx.server, &limits);
	assert_non_null(fx.client);
	assert_int_equal(pthread_create(&fx.thread, NULL, server_main, NULL),
			 0);
}

static void
finish(void)
{
	assert_int_equal(nfs_in_flight(fx.client), 0);
	nfs_client_free(fx.client);
	(void)shutdown(listener, SHUT_RDWR);
	(void)pthread_join(fx.thread, NULL);
	(void)close(listener);
	loop_free(fx.loop);
}

static struct nfs_call
call_of(enum nfs_proc proc)
{
	struct nfs_call c = { .proc = proc,
			      .done = on_done,
			      .cred = &root,
			      .name = "name",
			      .count = 16 };

	c.fh.len = 4;
	return c;
}

static int
run(struct nfs_call *c)
{
	nfs_submit(fx.client, c);
	assert_int_equal(n_done, 0); /* never from inside nfs_submit() */
	loop_run(fx.loop);
	assert_int_equal(n_done, 1);
	return c->status;
}

static int
one(script_fn *fn, struct nfs_call *c)
{
	int status;

	start(fn, 5 * NS_SEC, NS_SEC);
	status = run(c);
	finish();
	return status;
}

static void
put_getattr(struct out *o)
{
	put(o, 0);
	put_fattr(o, 2);
}

/* --- scripts and tests ------------------------------------------------------------- */

static enum action
jukebox_twice(unsigned n, uint32_t proc, struct out *o)
{
	assert_int_equal(proc, P_GETATTR);
	if (n < 2)
		put(o, NFS_STAT_JUKEBOX);
	else
		put_getattr(o);
	return ACT_ANSWER;
}

static void
jukebox_is_asked_again_later(void **state)
{
	struct nfs_call c = call_of(NFS_GETATTR);
	ns_t before = clock_now();

	(void)state;
	assert_int_equal(one(jukebox_twice, &c), 0);
	assert_true(c.has_attr && S_ISDIR(c.attr.mode));
	assert_int_equal(n_requests, 3);
	assert_false(c.resent);
	assert_true(c.sent - before >= 300 * NS_MS);
}

static enum action
hang_up_once(unsigned n, uint32_t proc, struct out *o)
{
	(void)proc;
	if (n == 0)
		return ACT_HANG_UP;
	put_getattr(o);
	return ACT_ANSWER;
}

static void
lost_connection_is_replaced(void **state)
{
	struct nfs_call c = call_of(NFS_GETATTR);

	(void)state;
	assert_int_equal(one(hang_up_once, &c), 0);
	assert_true(c.resent);
	assert_int_equal(n_accepted, 2);
}

static enum action
silent_once(unsigned n, uint32_t proc, struct out *o)
{
	(void)proc;
	if (n == 0)
		return ACT_SILENT;
	put_getattr(o);
	return ACT_ANSWER;
}

static void
silence_makes_a_new_connection(void **state)
{
	struct nfs_call c = call_of(NFS_GETATTR);
	ns_t before = clock_now();

	(void)state;
	assert_int_equal(one(silent_once, &c), 0);
	assert_true(c.resent);
	assert_true(c.sent - before >= NS_SEC);
	assert_int_equal(n_accepted, 2);
}

static enum action
always_silent(unsigned n, uint32_t proc, struct out *o)
{
	(void)n;
	(void)proc;
	(void)o;
	return ACT_SILENT;
}

static void
deadline_ends_a_call(void **state)
{
	struct nfs_call c = call_of(NFS_GETATTR);
	ns_t before = clock_now();

	(void)state;
	start(always_silent, 300 * NS_MS, 10 * NS_SEC);
	assert_int_equal(run(&c), -EIO);
	assert_true(clock_now() - before < 2 * NS_SEC);
	finish();
}

static enum action
answer_getattr(unsigned n, uint32_t proc, struct out *o)
{
	(void)n;
	(void)proc;
	put_getattr(o);
	return ACT_ANSWER;
}

static void
on_hang_up(struct timer *t)
{
	(void)shutdown(__atomic_load_n(&idle_fd, __ATOMIC_ACQUIRE), SHUT_RDWR);
	t->fn = on_stop;
	(void)timer_set(fx.loop, t, clock_now() + 300 * NS_MS);
}

static void
keep_running(struct nfs_call *c)
{
	n_done++;
	assert_int_equal(c->status, 0);
}

/* A server that closes an idle connection costs nothing. */
static void
idle_connection_stays_closed(void **state)
{
	struct nfs_call c = call_of(NFS_GETATTR);

	(void)state;
	start(answer_getattr, 5 * NS_SEC, NS_SEC);
	c.done = keep_running;
	nfs_submit(fx.client, &c);
	fx.stop.fn = on_hang_up;
	(void)timer_set(fx.loop, &fx.stop, clock_now() + 300 * NS_MS);
	loop_run(fx.loop);
	assert_int_equal(n_done, 1);
	assert_int_equal(__atomic_load_n(&n_accepted, __ATOMIC_ACQUIRE), 1);
	finish();
}

static enum action
denied(unsigned n, uint32_t proc, struct out *o)
{
	(void)n;
	(void)proc;
	o->len = 12;
	put(o, 1); /* MSG_DENIED */
	put(o, 1); /* AUTH_ERROR */
	put(o, 1); /* AUTH_BADCRED */
	return ACT_ANSWER;
}

static void
refused_credential_is_eacces(void **state)
{
	struct nfs_call c = call_of(NFS_GETATTR);

	(void)state;
	assert_int_equal(one(denied, &c), -EACCES);
	assert_int_equal(n_requests, 1);
}

static enum action
truncated(unsigned n, uint32_t proc, struct out *o)
{
	(void)n;
	(void)proc;
	put(o, 0);
	put(o, 2);
	return ACT_ANSWER;
}

static void
nonsense_is_tried_once_more(void **state)
{
	struct nfs_call c = call_of(NFS_GETATTR);

	(void)state;
	assert_int_equal(one(truncated, &c), -EIO);
	assert_int_equal(n_requests, 2);
	assert_int_equal(n_accepted, 2);
}

static enum action
read_too_much(unsigned n, uint32_t proc, struct out *o)
{
	(void)n;
	assert_int_equal(proc, P_READ);
	put(o, 0);
	put(o, 0); /* no attributes */
	put(o, 17); /* 16 were asked for */
	put(o, 1);
	put_opaque(o, "0123456789abcdefX", 17);
	return ACT_ANSWER;
}

static enum action
read_less_than_said(unsigned n, uint32_t proc, struct out *o)
{
	(void)n;
	(void)proc;
	put(o, 0);
	put(o, 0);
	put(o, 16);
	put(o, 1);
	put_opaque(o, "01234567", 8);
	return ACT_ANSWER;
}

static enum action
read_short(unsigned n, uint32_t proc, struct out *o)
{
	(void)n;
	(void)proc;
	put(o, 0);
	put(o, 0);
	put(o, 3);
	put(o, 1);
	put_opaque(o, "abc", 3);
	return ACT_ANSWER;
}

static void
read_counts_are_checked(void **state)
{
	struct nfs_call c = call_of(NFS_READ);

	(void)state;
	assert_int_equal(one(read_too_much, &c), -EIO);
	c = call_of(NFS_READ);
	assert_int_equal(one(read_less_than_said, &c), -EIO);
	c = call_of(NFS_READ);
	assert_int_equal(one(read_short, &c), 0);
	assert_int_equal(c.ret_count, 3);
	assert_true(c.eof);
	assert_memory_equal(data, "abc", 3);
}

static enum action
wrote_too_much(unsigned n, uint32_t proc, struct out *o)
{
	(void)n;
	assert_int_equal(proc, P_WRITE);
	put(o, 0);
	put(o, 0);
	put(o, 0);
	put(o, 17);
	put(o, 2);
	put(o, 1);
	put(o, 2);
	return ACT_ANSWER;
}

static void
write_counts_are_checked(void **state)
{
	struct nfs_call c = call_of(NFS_WRITE);

	(void)state;
	c.data = "0123456789abcdef";
	assert_int_equal(one(wrote_too_much, &c), -EIO);
}

static void
put_entry(struct out *o, const char *name, uint32_t type, uint32_t fh_len)
{
	static const char fh[128];

	put(o, 1);
	put(o, 0);
	put(o, 5); /* fileid */
	put_opaque(o, name, (uint32_t)strlen(name));
	put(o, 0);
	put(o, 6); /* cookie */
	put(o, 1);
	put_fattr(o, type);
	put(o, 1);
	put_opaque(o, fh, fh_len);
}

static enum action
odd_names(unsigned n, uint32_t proc, struct out *o)
{
	char longest[257];

	(void)n;
	assert_int_equal(proc, P_READDIRPLUS);
	memset(longest, 'n', 256);
	longest[256] = '\0';
	put(o, 0);
	put(o, 0);
	put(o, 1);
	put(o, 2);
	put_entry(o, "..", 2, 32);
	put_entry(o, "good", 1, 64);
	put_entry(o, "a/b", 1, 32);
	put_entry(o, "", 1, 32);
	put_entry(o, longest, 1, 32);
	put_entry(o, "type9", 9, 32);
	put(o, 0);
	put(o, 1);
	return ACT_ANSWER;
}

static void
bad_names_are_skipped(void **state)
{
	struct nfs_call c = call_of(NFS_READDIRPLUS);
	uint64_t before = count_get(COUNT_bad_names);

	(void)state;
	c.count = 8192;
	assert_int_equal(one(odd_names, &c), 0);
	assert_string_equal(seen, "...ah goodah type9h ");
	assert_int_equal(count_get(COUNT_bad_names) - before, 3);
}

static enum action
endless(unsigned n, uint32_t proc, struct out *o)
{
	(void)n;
	(void)proc;
	put(o, 0);
	put(o, 0);
	put(o, 1);
	put(o, 2);
	put(o, 0);
	put(o, 0); /* no entries, not the end */
	return ACT_ANSWER;
}

static void
listing_without_end_is_refused(void **state)
{
	struct nfs_call c = call_of(NFS_READDIRPLUS);

	(void)state;
	c.count = 8192;
	assert_int_equal(one(endless, &c), -EIO);
}

static enum action
empty_handle(unsigned n, uint32_t proc, struct out *o)
{
	(void)n;
	assert_int_equal(proc, P_LOOKUP);
	put(o, 0);
	put(o, 0); /* a handle of no bytes */
	put(o, 0);
	put(o, 0);
	return ACT_ANSWER;
}

static void
handle_lengths_are_checked(void **state)
{
	struct nfs_call c = call_of(NFS_LOOKUP);

	(void)state;
	assert_int_equal(one(empty_handle, &c), -EIO);
}

/* --- replays ------------------------------------------------------------------------ */

static enum action
mkdir_replayed(unsigned n, uint32_t proc, struct out *o)
{
	if (n == 0)
		return ACT_HANG_UP;
	if (proc == P_MKDIR) {
		put(o, 17); /* EXIST */
		put(o, 0);
		put(o, 0);
		return ACT_ANSWER;
	}
	assert_int_equal(proc, P_LOOKUP);
	put(o, 0);
	put_opaque(o, "HANDLE!!", 8);
	put(o, 1);
	put_fattr(o, 2);
	put(o, 0);
	return ACT_ANSWER;
}

static void
replayed_mkdir_succeeds(void **state)
{
	struct nfs_call c = call_of(NFS_MKDIR);
	uint64_t before = count_get(COUNT_rpc_replayed);

	(void)state;
	assert_int_equal(one(mkdir_replayed, &c), 0);
	assert_int_equal(c.ret_fh.len, 8);
	assert_true(c.has_attr && S_ISDIR(c.attr.mode));
	assert_int_equal(count_get(COUNT_rpc_replayed) - before, 1);
}

static enum action
mkdir_exists(unsigned n, uint32_t proc, struct out *o)
{
	return mkdir_replayed(n + 1, proc, o);
}

static void
mkdir_sent_once_fails(void **state)
{
	struct nfs_call c = call_of(NFS_MKDIR);

	(void)state;
	assert_int_equal(one(mkdir_exists, &c), -EEXIST);
	assert_int_equal(n_requests, 1);
}

static enum action
remove_replayed(unsigned n, uint32_t proc, struct out *o)
{
	assert_int_equal(proc, P_REMOVE);
	if (n == 0)
		return ACT_HANG_UP;
	put(o, 2); /* NOENT */
	put(o, 0);
	put(o, 0);
	return ACT_ANSWER;
}

static void
replayed_remove_succeeds(void **state)
{
	struct nfs_call c = call_of(NFS_REMOVE);

	(void)state;
	assert_int_equal(one(remove_replayed, &c), 0);
}

/* Freed while a question about a replay is open: nothing is left behind. */
static enum action
question_unanswered(unsigned n, uint32_t proc, struct out *o)
{
	if (n < 2)
		return mkdir_replayed(n, proc, o);
	return ACT_SILENT;
}

static void
client_freed_in_a_question(void **state)
{
	struct nfs_call c = call_of(NFS_MKDIR);

	(void)state;
	start(question_unanswered, 5 * NS_SEC, 3 * NS_SEC);
	nfs_submit(fx.client, &c);
	assert_int_equal(
		timer_set(fx.loop, &fx.stop, clock_now() + 500 * NS_MS), 0);
	loop_run(fx.loop);
	assert_int_equal(n_done, 0);
	assert_non_null(c.check);
	nfs_cancel(&c);
	finish();
}

/* --- without a server ------------------------------------------------------------------ */

static void
errors_are_mapped(void **state)
{
	(void)state;
	assert_int_equal(nfs_err(0), 0);
	assert_int_equal(nfs_err(2), -ENOENT);
	assert_int_equal(nfs_err(66), -ENOTEMPTY);
	assert_int_equal(nfs_err(10001), -ESTALE);
	assert_int_equal(nfs_err(10003), -EBADE);
	assert_int_equal(nfs_err(10006), -EIO);
	assert_int_equal(nfs_err(4711), -EIO);
	assert_int_equal(nfs_err_mount(13), -EACCES);
	assert_int_equal(nfs_err_mount(70), -EIO);
	assert_string_equal(nfs_err_mount_name(2), "MNT3ERR_NOENT");
	assert_string_equal(nfs_err_mount_name(70), "unknown status");
}

static void
universal_addresses(void **state)
{
	(void)state;
	assert_int_equal(nfs_uaddr_port("127.0.0.1.8.1"), 2049);
	assert_int_equal(nfs_uaddr_port("::.2.123"), 635);
	assert_int_equal(nfs_uaddr_port("::1.255.255"), 65535);
	assert_int_equal(nfs_uaddr_port(""), 0);
	assert_int_equal(nfs_uaddr_port(NULL), 0);
	assert_int_equal(nfs_uaddr_port("."), 0);
	assert_int_equal(nfs_uaddr_port("1"), 0);
	assert_int_equal(nfs_uaddr_port("::1.256.1"), 0);
	assert_int_equal(nfs_uaddr_port("::1.8.1x"), 0);
	assert_int_equal(nfs_uaddr_port("::1.8."), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_mapped),
		cmocka_unit_test(universal_addresses),
		cmocka_unit_test(jukebox_is_asked_again_later),
		cmocka_unit_test(lost_connection_is_replaced),
		cmocka_unit_test(silence_makes_a_new_connection),
		cmocka_unit_test(deadline_ends_a_call),
		cmocka_unit_test(idle_connection_stays_closed),
		cmocka_unit_test(refused_credential_is_eacces),
		cmocka_unit_test(nonsense_is_tried_once_more),
		cmocka_unit_test(read_counts_are_checked),
		cmocka_unit_test(write_counts_are_checked),
		cmocka_unit_test(bad_names_are_skipped),
		cmocka_unit_test(listing_without_end_is_refused),
		cmocka_unit_test(handle_lengths_are_checked),
		cmocka_unit_test(replayed_mkdir_succeeds),
		cmocka_unit_test(mkdir_sent_once_fails),
		cmocka_unit_test(replayed_remove_succeeds),
		cmocka_unit_test(client_freed_in_a_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
