/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/mem.h"
#include "wback_try.h"

struct try_server server;
struct wback *wback;
struct wback_io io;

static const struct nfs_cred cred = { 1000, 1000, 0, { 0 } };
static struct loop *loop;
static pthread_t thread;
static sem_t go, there;
static struct mail barrier;

/* --- the loop's turns --------------------------------------------------------- */

static void
on_barrier(struct mail *m)
{
	(void)m;
	(void)sem_post(&there);
	(void)sem_wait(&go);
}

static void *
run(void *arg)
{
	loop_run(arg);
	return NULL;
}

/* The loop stands in on_barrier() when this returns. */
static void
until_barrier(void)
{
	barrier.fn = on_barrier;
	loop_post(loop, &barrier);
	while (sem_wait(&there) < 0)
		assert_int_equal(errno, EINTR);
}

void
try_pump(void)
{
	(void)sem_post(&go);
	until_barrier();
}

int
try_setup(void **state)
{
	(void)state;
	clock_fake(1000);
	fake_nfs_reset();
	memset(&server, 0, sizeof(server));
	server.verf = 100;
	server.count_max = UINT32_MAX;
	loop = loop_new();
	wback = wback_new(1 << 20);
	if (loop == NULL || wback == NULL)
		return -1;
	io.loop = loop;
	io.client = NULL;
	io.iomax = 1 << 20;
	(void)sem_init(&go, 0, 0);
	(void)sem_init(&there, 0, 0);
	if (pthread_create(&thread, NULL, run, loop) != 0)
		return -1;
	until_barrier();
	return 0;
}

int
try_teardown(void **state)
{
	(void)state;
	loop_stop(loop);
	(void)sem_post(&go);
	(void)pthread_join(thread, NULL);
	(void)sem_destroy(&go);
	(void)sem_destroy(&there);
	wback_free(wback);
	loop_free(loop);
	clock_fake(0);
	return 0;
}

/* --- the server ------------------------------------------------------------------ */

void
server_restart(void)
{
	uint32_t ctime = server.now.ctime;

	server.now = server.disk;
	if (server.keeps_ctime)
		server.now.ctime = ctime;
	server.verf++;
}

static void
put(struct try_file *f, uint64_t offset, const char *data, size_t len)
{
	assert_true(offset + len <= TRY_SIZE);
	memcpy(f->data + offset, data, len);
	if (offset + len > f->size)
		f->size = offset + len;
	f->ctime = server.clock;
}

void
server_foreign(uint64_t offset, const char *text)
{
	server.clock++;
	put(&server.now, offset, text, strlen(text));
	put(&server.disk, offset, text, strlen(text));
}

static void
give_attr(struct nfs_call *c)
{
	c->has_attr = 1;
	memset(&c->attr, 0, sizeof(c->attr));
	c->attr.mode = S_IFREG | 0644;
	c->attr.size = server.now.size;
	c->attr.ctime.sec = server.now.ctime;
	c->attr.mtime.sec = server.now.ctime;
}

static int
serve_write(struct nfs_call *c)
{
	uint32_t len =
		c->count < server.count_max ? c->count : server.count_max;

	c->has_wcc = 1;
	c->wcc.size = server.now.size;
	c->wcc.ctime.sec = server.now.ctime;
	c->wcc.mtime.sec = server.now.ctime;
	if (server.says_full != 0)
		return server.says_full;
	server.clock++;
	c->committed = server.says_sync ? NFS_FILE_SYNC : c->stable;
	put(&server.now, c->offset, c->data, len);
	if (c->committed == NFS_FILE_SYNC)
		put(&server.disk, c->offset, c->data, len);
	c->ret_count = len;
	give_attr(c);
	return 0;
}

static void
serve_read(struct nfs_call *c)
{
	size_t left = c->offset < server.now.size
			      ? server.now.size - (size_t)c->offset
			      : 0;

	c->ret_count =
		c->count < server.count_max ? c->count : server.count_max;
	if (left <= c->ret_count) {
		c->ret_count = (uint32_t)left;
		c->eof = 1;
	}
	c->ret_data = server.now.data + c->offset;
	give_attr(c);
}

static int
serve(struct nfs_call *c)
{
	int status = 0;

	switch (c->proc) {
	case NFS_GETATTR:
		give_attr(c);
		break;
	case NFS_READ:
		serve_read(c);
		break;
	case NFS_WRITE:
		status = serve_write(c);
		break;
	case NFS_COMMIT:
		server.disk = server.now;
		break;
	default:
		fail_msg("procedure %d", (int)c->proc);
	}
	if (server.fickle)
		server.verf++;
	c->ret_verf = server.verf;
	return status;
}

void
server_answer_one(void)
{
	struct nfs_call *c = fake_nfs_take(0);
	int status = serve(c);

	fake_nfs_done(c, status);
}

void
server_answer_all(unsigned max)
{
	for (; fake_nfs_open() > 0 && max > 0; max--)
		server_answer_one();
	assert_int_equal(fake_nfs_open(), 0);
}

void
server_fail_one(int status)
{
	fake_nfs_done(fake_nfs_take(0), status);
}

/* --- the client ------------------------------------------------------------------- */

static void
on_wait(struct wback_wait *w, int status)
{
	struct try_wait *t = container_of(w, struct try_wait, wait);

	t->called++;
	t->status = status;
}

static void
ready(struct try_wait *wait)
{
	memset(wait, 0, sizeof(*wait));
	wait->wait.fn = on_wait;
	wait->wait.loop = loop;
}

int
try_begin(struct try_wait *wait)
{
	ready(wait);
	return wback_begin(wback, TRY_INO, &wait->wait);
}

int
try_sync(struct try_wait *wait)
{
	ready(wait);
	return wback_sync(wback, &io, TRY_INO, &wait->wait);
}

int
try_settle(struct try_wait *wait)
{
	ready(wait);
	wait->wait.settles = 1;
	return wback_sync(wback, &io, TRY_INO, &wait->wait);
}

void
try_write_sent(struct nfs_call *c, struct buf *buf, uint64_t offset)
{
	memset(c, 0, sizeof(*c));
	c->proc = NFS_WRITE;
	c->cred = &cred;
	c->fh.len = 1;
	c->fh.data[0] = TRY_INO;
	c->offset = offset;
	c->count = (uint32_t)buf->len;
	c->data = buf->data;
	c->stable = wback_how(wback, buf->len);
	c->status = serve(c);
	assert_int_equal(c->status, 0);
}

void
try_write_took(struct nfs_call *c, struct buf *buf)
{
	if (c->committed == NFS_UNSTABLE)
		assert_int_equal(wback_keep(wback, TRY_INO, c, buf), 0);
	else
		wback_stable(wback, TRY_INO, c->offset, c->ret_count);
	wback_saw(wback, TRY_INO, &c->wcc, &c->attr);
}

void
try_write(uint64_t offset, const char *text)
{
	struct buf *buf = buf_new(strlen(text));
	struct try_wait wait;
	struct nfs_call c;

	assert_non_null(buf);
	memcpy(buf->data, text, buf->len);
	assert_int_equal(try_begin(&wait), 1);
	try_write_sent(&c, buf, offset);
	try_write_took(&c, buf);
	wback_end(wback, &io, TRY_INO);
	buf_put(buf);
}

int
try_result(struct try_wait *wait)
{
	server_answer_all(100);
	try_pump();
	assert_int_equal(wait->called, 1);
	return wait->status;
}
