/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "meta/dirs.h"

static struct dirs *dirs;

static int
setup(void **state)
{
	(void)state;
	dirs = dirs_new();
	return dirs == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	dirs_free(dirs);
	return 0;
}

/* Fill S with the N entries after the cookie START: cookies count in tens. */
static void
fill(struct dir_stream *s, uint64_t start, size_t n, int eof)
{
	struct nfs_dirent entries[16];
	char names[16][32];
	struct nfs_call c;
	size_t i;

	assert_true(n <= 16);
	memset(&c, 0, sizeof(c));
	memset(entries, 0, sizeof(entries));
	for (i = 0; i < n; i++) {
		entries[i].cookie = start + 10 * (i + 1);
		entries[i].fileid = entries[i].cookie + 1;
		(void)snprintf(names[i], sizeof(names[i]), "name%llu",
			       (unsigned long long)entries[i].cookie);
		entries[i].name = names[i];
	}
	c.entries = entries;
	c.n_entries = n;
	c.eof = eof;
	c.ret_verf = 99;
	c.sent = 1000;
	assert_int_equal(dir_stream_fill(s, start, &c), 0);
	/* What the answer lay in is gone now. */
	memset(names, 'x', sizeof(names));
	memset(entries, 0, sizeof(entries));
}

static void
a_stream_is_found_again_with_what_was_read_ahead(void **state)
{
	uint64_t id = dirs_open(dirs);
	struct dir_stream *s;

	(void)state;
	assert_int_not_equal(id, 0);
	s = dirs_take(dirs, id);
	assert_non_null(s);
	assert_int_equal(s->id, id);
	assert_int_equal(dir_stream_find(s, 0), -1); /* nothing read */
	fill(s, 0, 3, 0);
	dirs_put(dirs, s);
	s = dirs_take(dirs, id);
	assert_int_equal(s->chunk.n, 3);
	assert_int_equal(s->verf, 99);
	assert_int_equal(s->sent, 1000);
	assert_false(s->eof);
	assert_string_equal(s->chunk.entries[0].name, "name10");
	assert_string_equal(s->chunk.entries[2].name, "name30");
	assert_int_equal(s->chunk.entries[2].fileid, 31);
	dirs_put(dirs, s);
	dirs_close(dirs, id);
}

static void
streams_have_numbers_of_their_own(void **state)
{
	uint64_t id[200];
	int i, k;

	(void)state;
	for (i = 0; i < 200; i++) {
		struct dir_stream *s;

		id[i] = dirs_open(dirs);
		for (k = 0; k < i; k++)
			assert_int_not_equal(id[i], id[k]);
		s = dirs_take(dirs, id[i]);
		fill(s, (uint64_t)i * 1000, 2, 1);
		dirs_put(dirs, s);
	}
	for (i = 0; i < 200; i += 2)
		dirs_close(dirs, id[i]);
	for (i = 1; i < 200; i += 2) {
		struct dir_stream *s = dirs_take(dirs, id[i]);

		assert_int_equal(s->start, (uint64_t)i * 1000);
		dirs_put(dirs, s);
	}
	/* teardown frees the other half */
}

static void
an_unknown_number_is_a_stream_with_nothing_read_ahead(void **state)
{
	static const uint64_t ids[] = { 0, 1, 77, UINT64_MAX };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct dir_stream *s = dirs_take(dirs, ids[i]);

		assert_non_null(s);
		assert_int_equal(s->chunk.n, 0);
		assert_int_equal(dir_stream_find(s, 0), -1);
		fill(s, 0, 3, 1);
		dirs_put(dirs, s);
		s = dirs_take(dirs, ids[i]); /* known to nobody */
		assert_int_equal(s->chunk.n, 0);
		dirs_put(dirs, s);
		dirs_close(dirs, ids[i]);
	}
}

static void
a_stream_has_one_user_at_a_time(void **state)
{
	uint64_t id = dirs_open(dirs);
	struct dir_stream *first = dirs_take(dirs, id);
	struct dir_stream *second;

	(void)state;
	fill(first, 0, 3, 1);
	second = dirs_take(dirs, id);
	assert_non_null(second);
	assert_ptr_not_equal(second, first);
	assert_int_equal(second->chunk.n, 0);
	dirs_put(dirs, second);
	dirs_put(dirs, first);
	second = dirs_take(dirs, id);
	assert_ptr_equal(second, first);
	assert_int_equal(second->chunk.n, 3);
	dirs_put(dirs, second);
}

static void
a_stream_outlives_its_close_until_its_user_is_done(void **state)
{
	uint64_t id = dirs_open(dirs);
	struct dir_stream *s = dirs_take(dirs, id);
	struct dir_stream *other;

	(void)state;
	fill(s, 0, 3, 0);
	dirs_close(dirs, id);
	dirs_close(dirs, id);
	assert_string_equal(s->chunk.entries[1].name, "name20");
	fill(s, 30, 3, 1);
	other = dirs_take(dirs, id);
	assert_int_equal(other->chunk.n, 0);
	dirs_put(dirs, other);
	dirs_put(dirs, s);
}

static void
an_entry_is_found_by_the_cookie_before_it(void **state)
{
	struct dir_stream *s = dirs_take(dirs, dirs_open(dirs));
	size_t hint;

	(void)state;
	fill(s, 500, 4, 0);
	for (hint = 0; hint <= 4; hint++) {
		s->hint = hint;
		assert_int_equal(dir_stream_find(s, 500), 0);
		assert_int_equal(dir_stream_find(s, 510), 1);
		assert_int_equal(dir_stream_find(s, 530), 3);
		assert_int_equal(dir_stream_find(s, 540), 4); /* its end */
		assert_int_equal(dir_stream_find(s, 0), -1);
		assert_int_equal(dir_stream_find(s, 505), -1);
		assert_int_equal(dir_stream_find(s, 550), -1);
	}
	dirs_put(dirs, s);
}

static void
an_empty_answer_is_one_too(void **state)
{
	struct dir_stream *s = dirs_take(dirs, dirs_open(dirs));

	(void)state;
	fill(s, 40, 0, 1);
	assert_int_equal(s->chunk.n, 0);
	assert_true(s->eof);
	assert_int_equal(dir_stream_find(s, 40), 0);
	assert_int_equal(dir_stream_find(s, 0), -1);
	dirs_put(dirs, s);
}

static void
the_next_answer_takes_the_place_of_the_last(void **state)
{
	struct dir_stream *s = dirs_take(dirs, dirs_open(dirs));

	(void)state;
	fill(s, 0, 4, 0);
	s->hint = 4;
	fill(s, 40, 2, 1);
	assert_int_equal(s->hint, 0);
	assert_int_equal(s->chunk.n, 2);
	assert_int_equal(dir_stream_find(s, 10), -1);
	assert_int_equal(dir_stream_find(s, 40), 0);
	assert_string_equal(s->chunk.entries[0].name, "name50");
	dirs_put(dirs, s);
}

static void
a_reset_begins_anew(void **state)
{
	struct dir_stream *s = dirs_take(dirs, dirs_open(dirs));

	(void)state;
	fill(s, 40, 2, 1);
	s->hint = 1;
	dir_stream_reset(s);
	assert_int_equal(s->chunk.n, 0);
	assert_int_equal(s->verf, 0);
	assert_int_equal(s->start, 0);
	assert_int_equal(s->hint, 0);
	assert_int_equal(s->eof, 0);
	assert_int_equal(dir_stream_find(s, 0), -1);
	assert_int_equal(dir_stream_find(s, 40), -1);
	fill(s, 0, 1, 1);
	assert_int_equal(dir_stream_find(s, 0), 0);
	dirs_put(dirs, s);
	dirs_free(NULL);
}

static uint64_t shared_id;
static unsigned users; /* atomic: of the shared stream */

static void *
use_streams(void *arg)
{
	uintptr_t bad = 0;
	int i;

	for (i = 0; i < 2000; i++) {
		uint64_t id = dirs_open(dirs);
		struct dir_stream *s = dirs_take(dirs, shared_id);

		if (s != NULL && s->id == shared_id) {
			bad += __atomic_add_fetch(&users, 1,
						  __ATOMIC_RELAXED) != 1;
			s->hint++;
			(void)__atomic_sub_fetch(&users, 1, __ATOMIC_RELAXED);
		}
		if (s != NULL)
			dirs_put(dirs, s);
		dirs_close(dirs, id);
	}
	return (void *)(bad + (uintptr_t)arg);
}

static void
threads_do_not_get_the_same_stream(void **state)
{
	pthread_t thread[4];
	void *bad;
	int i;

	(void)state;
	shared_id = dirs_open(dirs);
	for (i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, use_streams, NULL), 0);
	for (i = 0; i < 4; i++) {
		(void)pthread_join(thread[i], &bad);
		assert_null(bad);
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_stream_is_found_again_with_what_was_read_ahead),
		TEST(streams_have_numbers_of_their_own),
		TEST(an_unknown_number_is_a_stream_with_nothing_read_ahead),
		TEST(a_stream_has_one_user_at_a_time),
		TEST(a_stream_outlives_its_close_until_its_user_is_done),
		TEST(an_entry_is_found_by_the_cookie_before_it),
		TEST(an_empty_answer_is_one_too),
		TEST(the_next_answer_takes_the_place_of_the_last),
		TEST(a_reset_begins_anew),
		TEST(threads_do_not_get_the_same_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
