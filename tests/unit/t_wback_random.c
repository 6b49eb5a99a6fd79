/* SPDX-License-Identifier: Apache-2.0
 *
 * Random writes, restarts, lost answers and fsyncs: whenever an fsync says 0,
 * what was written before it is on the server's disk, whatever restarts come
 * then, and nothing waits for ever.
 */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/count.h"
#include "wback_try.h"

#define SPAN 300u
#define LEN_MAX 60u
#define MAX_BYTES 400u

static unsigned seed;

/* The bytes as every reader must find them now, and when each was written. */
static char model[SPAN];
static unsigned model_time[SPAN];
static unsigned now;

/* The one write: what of it is done. */
static enum { W_NONE, W_WAITS, W_BEGUN, W_SENT } writing;
static struct try_wait write_wait;
static struct nfs_call write_call;
static struct buf *write_buf;
static uint64_t write_offset;
static int write_trims;

static int syncing;
static struct try_wait sync_wait;
static char sync_model[SPAN];
static unsigned sync_time;
static unsigned synced; /* fsyncs that said 0 */

static unsigned
any(unsigned n)
{
	return (unsigned)rand_r(&seed) % n;
}

static void
write_start(void)
{
	size_t len = 1 + any(LEN_MAX);

	write_offset = any(SPAN - LEN_MAX);
	write_trims = any(12) == 0;
	write_buf = buf_new(len);
	assert_non_null(write_buf);
	memset(write_buf->data, 'a' + (int)any(26), len);
	writing = try_begin(&write_wait) ? W_BEGUN : W_WAITS;
}

/* A truncation is the server's word and stable at once, unlike the data. */
static void
trim_server(void)
{
	size_t at = (size_t)write_offset;
	struct try_file *f[2] = { &server.now, &server.disk };
	int i;

	for (i = 0; i < 2; i++) {
		memset(f[i]->data + at, 0, TRY_SIZE - at);
		if (f[i]->size > at)
			f[i]->size = at;
	}
	memset(model + at, 0, SPAN - at);
}

/* The client's own write is taken whole: its pieces would be writes as well. */
static void
write_send(void)
{
	uint32_t count_max = server.count_max;
	size_t len = write_buf->len;
	size_t at = (size_t)write_offset;
	size_t i;

	now++;
	if (write_trims) {
		trim_server();
		len = SPAN - at;
	} else {
		server.count_max = UINT32_MAX;
		try_write_sent(&write_call, write_buf, write_offset);
		server.count_max = count_max;
		memcpy(model + at, write_buf->data, len);
	}
	for (i = at; i < at + len; i++)
		model_time[i] = now;
	writing = W_SENT;
}

static void
write_end(void)
{
	if (write_trims)
		wback_trim(wback, TRY_INO, write_offset);
	else
		try_write_took(&write_call, write_buf);
	wback_end(wback, &io, TRY_INO);
	buf_put(write_buf);
	write_buf = NULL;
	writing = W_NONE;
}

static void
write_step(void)
{
	switch (writing) {
	case W_NONE:
		write_start();
		break;
	case W_WAITS:
		try_pump();
		if (write_wait.called)
			writing = try_begin(&write_wait) ? W_BEGUN : W_WAITS;
		break;
	case W_BEGUN:
		write_send();
		break;
	case W_SENT:
		write_end();
		break;
	}
}

static void
sync_over(int status)
{
	unsigned i;

	syncing = 0;
	if (status != 0) {
		assert_int_equal(status, -EIO);
		return;
	}
	synced++;
	for (i = 0; i < SPAN; i++)
		if (model_time[i] <= sync_time)
			assert_int_equal(server.disk.data[i], sync_model[i]);
}

static void
sync_step(void)
{
	if (syncing) {
		try_pump();
		if (sync_wait.called)
			sync_over(sync_wait.status);
		return;
	}
	if (writing == W_SENT) /* an fsync does not wait for it */
		return;
	memcpy(sync_model, model, sizeof(model));
	sync_time = now;
	syncing = 1;
	if (try_sync(&sync_wait))
		sync_over(0);
}

static void
random_step(void)
{
	unsigned what = any(100);

	if (what < 40)
		write_step();
	else if (what < 60 && fake_nfs_open() > 0)
		server_answer_one();
	else if (what < 63 && fake_nfs_open() > 0)
		server_fail_one(-EIO);
	else if (what < 68)
		server_restart();
	else if (what < 85)
		sync_step();
	else if (what < 90)
		(void)wback_tick(wback, &io, NS_NEVER);
	else if (what < 93)
		server.count_max = any(2) ? UINT32_MAX : 1 + any(30);
	else if (what < 95)
		io.iomax = 1 + any(LEN_MAX);
	assert_true(fake_nfs_open() <= 1);
	assert_true(wback_bytes(wback) <= MAX_BYTES);
}

static void
end_all(void)
{
	int i;

	for (i = 0; i < 100 && (writing != W_NONE || syncing); i++) {
		server_answer_all(1000);
		if (writing != W_NONE)
			write_step();
		if (syncing)
			sync_step();
	}
	assert_int_equal(writing, W_NONE);
	assert_false(syncing);
	sync_step();
	for (i = 0; i < 100 && syncing; i++) {
		server_answer_all(1000);
		sync_step();
	}
	assert_memory_equal(server.disk.data, model, SPAN);
	assert_int_equal(wback_bytes(wback), 0);
	assert_int_equal(count_get(COUNT_lost_bytes), 0);
	assert_int_equal(try_sync(&sync_wait), 1);
}

static void
random_life(void)
{
	int i;

	wback_free(wback);
	wback = wback_new(MAX_BYTES);
	assert_non_null(wback);
	memset(model, 0, sizeof(model));
	memset(model_time, 0, sizeof(model_time));
	now = 0;
	writing = W_NONE;
	syncing = 0;
	for (i = 0; i < 400; i++)
		random_step();
	end_all();
}

static void
what_an_fsync_promised_survives_any_restart(void **state)
{
	int i;

	(void)state;
	synced = 0;
	for (i = 0; i < 200; i++) {
		seed = 1000 + (unsigned)i;
		memset(&server.now, 0, sizeof(server.now));
		memset(&server.disk, 0, sizeof(server.disk));
		random_life();
	}
	assert_true(synced > 1000);
}

/* Times that survive a restart must not make our own writes look foreign. */
static void
the_same_with_a_server_that_keeps_its_times(void **state)
{
	server.keeps_ctime = 1;
	what_an_fsync_promised_survives_any_restart(state);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, try_setup, try_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_an_fsync_promised_survives_any_restart),
		TEST(the_same_with_a_server_that_keeps_its_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
