/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "data/kept.h"

#define MAX 100u

static struct kept *kept;

static int
setup(void **state)
{
	(void)state;
	clock_fake(1000);
	kept = kept_new(MAX);
	return kept == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	kept_free(kept);
	clock_fake(0);
	return 0;
}

/* The attributes of the version N of a file with LEN bytes. */
static struct nfs_attr
attr_of(uint32_t n, size_t len)
{
	struct nfs_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.size = len;
	attr.mtime.sec = n;
	attr.ctime.sec = n;
	return attr;
}

static void
put(uint64_t ino, uint32_t version, size_t len)
{
	struct nfs_attr attr = attr_of(version, len);
	struct buf *b = buf_new(len);

	assert_non_null(b);
	memset(b->data, (int)(ino + version), len);
	kept_put(kept, ino, &attr, b);
	buf_put(b);
}

static int
has(uint64_t ino, uint32_t version, size_t len)
{
	struct nfs_attr attr = attr_of(version, len);
	struct buf *b = kept_get(kept, ino, &attr);
	size_t i;

	if (b == NULL)
		return 0;
	assert_int_equal(b->len, len);
	for (i = 0; i < len; i++)
		assert_int_equal((unsigned char)b->data[i], ino + version);
	buf_put(b);
	return 1;
}

static void
a_file_is_there_under_the_attributes_it_was_fetched_with(void **state)
{
	(void)state;
	assert_false(has(5, 1, 10));
	put(5, 1, 10);
	assert_true(has(5, 1, 10));
	assert_true(has(5, 1, 10)); /* as often as asked for */
	assert_false(has(6, 1, 10));
}

static void
another_size_or_time_is_another_file(void **state)
{
	struct nfs_attr attr = attr_of(1, 10);

	(void)state;
	put(5, 1, 10);
	assert_false(has(5, 1, 11));
	attr.mtime.nsec = 1;
	assert_null(kept_get(kept, 5, &attr));
	attr = attr_of(1, 10);
	attr.ctime.sec = 2;
	assert_null(kept_get(kept, 5, &attr));
	attr = attr_of(1, 10);
	attr.ctime.nsec = 1;
	assert_null(kept_get(kept, 5, &attr));
	attr = attr_of(1, 10);
	attr.mtime.sec = 0;
	assert_null(kept_get(kept, 5, &attr));
	attr = attr_of(1, 10);
	attr.atime.sec = 77; /* reading changes nothing */
	attr.nlink = 3;
	assert_true(has(5, 1, 10));
}

static void
a_newer_version_takes_the_place_of_the_older(void **state)
{
	(void)state;
	put(5, 1, 60);
	put(5, 2, 70);
	assert_false(has(5, 1, 60));
	assert_true(has(5, 2, 70));
	put(6, 1, 30);
	assert_true(has(5, 2, 70));
	assert_true(has(6, 1, 30));
}

static void
the_oldest_go_when_there_is_no_room(void **state)
{
	(void)state;
	put(1, 1, 40);
	put(2, 1, 30);
	put(3, 1, 30);
	assert_true(has(1, 1, 40)); /* looking does not make it younger */
	put(4, 1, 1);
	assert_false(has(1, 1, 40));
	assert_true(has(2, 1, 30));
	assert_true(has(4, 1, 1));
	put(5, 1, MAX);
	assert_false(has(2, 1, 30));
	assert_false(has(3, 1, 30));
	assert_false(has(4, 1, 1));
	assert_true(has(5, 1, MAX));
}

static void
what_was_put_again_is_the_youngest(void **state)
{
	(void)state;
	put(1, 1, 40);
	put(2, 1, 40);
	put(1, 2, 40);
	put(3, 1, 40);
	assert_true(has(1, 2, 40));
	assert_false(has(2, 1, 40));
}

static void
a_file_larger_than_all_room_is_not_kept(void **state)
{
	(void)state;
	put(1, 1, 40);
	put(2, 1, MAX + 1);
	assert_false(has(2, 1, MAX + 1));
	assert_true(has(1, 1, 40));
}

static void
an_empty_file_is_a_file(void **state)
{
	(void)state;
	put(1, 1, 0);
	assert_true(has(1, 1, 0));
	assert_int_equal(kept_expire(kept, 0), 1);
}

static void
files_go_when_their_time_is_over(void **state)
{
	(void)state;
	put(1, 1, 10);
	clock_fake(2000);
	put(2, 1, 10);
	clock_fake(3000);
	put(3, 1, 10);
	assert_int_equal(kept_expire(kept, 1000), 3);
	assert_int_equal(kept_expire(kept, 1001), 2);
	assert_false(has(1, 1, 10));
	assert_true(has(2, 1, 10));
	assert_int_equal(kept_expire(kept, 3000), 1);
	assert_int_equal(kept_expire(kept, NS_NEVER), 0);
	assert_false(has(3, 1, 10));
	put(4, 1, MAX); /* all the room is back */
	assert_true(has(4, 1, MAX));
}

static void
a_reader_keeps_what_has_gone(void **state)
{
	struct nfs_attr attr = attr_of(1, 10);
	struct buf *b;

	(void)state;
	put(5, 1, 10);
	b = kept_get(kept, 5, &attr);
	assert_non_null(b);
	assert_int_equal(kept_expire(kept, NS_NEVER), 0);
	assert_int_equal(b->refs, 1);
	assert_int_equal(b->data[9], 6);
	buf_put(b);
	kept_free(NULL);
}

static void *
put_and_get(void *arg)
{
	uint32_t i;

	for (i = 0; i < 2000; i++) {
		struct nfs_attr attr = attr_of(i % 3, 8);
		struct buf *b = buf_new(8);

		if (b != NULL)
			kept_put(kept, i % 17, &attr, b);
		buf_put(b);
		buf_put(kept_get(kept, i % 7, &attr));
		if (i % 100 == 0)
			(void)kept_expire(kept, NS_NEVER);
	}
	return arg;
}

static void
threads_do_not_disturb_each_other(void **state)
{
	pthread_t thread[4];
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, put_and_get, NULL), 0);
	for (i = 0; i < 4; i++)
		(void)pthread_join(thread[i], NULL);
	put(1, 9, MAX);
	assert_true(has(1, 9, MAX));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_there_under_the_attributes_it_was_fetched_with),
		TEST(another_size_or_time_is_another_file),
		TEST(a_newer_version_takes_the_place_of_the_older),
		TEST(the_oldest_go_when_there_is_no_room),
		TEST(what_was_put_again_is_the_youngest),
		TEST(a_file_larger_than_all_room_is_not_kept),
		TEST(an_empty_file_is_a_file),
		TEST(files_go_when_their_time_is_over),
		TEST(a_reader_keeps_what_has_gone),
		TEST(threads_do_not_disturb_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
