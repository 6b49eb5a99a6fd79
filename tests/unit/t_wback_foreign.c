/* SPDX-License-Identifier: Apache-2.0
 *
 * A restart of the server when another client changed the file as well: what is
 * sent is compared with fake_nfs_sent(), as in t_wback.c.
 */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/count.h"
#include "wback_try.h"

/* The first restart loses the data but not the times that our WRITE left, and so
 * does the second: nobody else was here. */
static void
our_own_rewriting_is_not_taken_for_a_foreign_change(void **state)
{
	struct try_wait wait;

	(void)state;
	server_foreign(0, "old");
	server.keeps_ctime = 1;
	try_write(0, "new");
	server_restart();
	assert_int_equal(try_sync(&wait), 0);
	server_answer_one();
	server_answer_one();
	server_answer_one();
	assert_string_equal(fake_nfs_sent(), "CGWC");
	server_restart();
	assert_int_equal(try_result(&wait), 0);
	assert_string_equal(fake_nfs_sent(), "CGWCGWC");
	assert_memory_equal(server.disk.data, "new", 3);
}

static void
bytes_that_survived_under_a_foreign_change_are_not_sent(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(0, "abc");
	server.disk = server.now;
	server_restart();
	server_foreign(8, "other");
	assert_int_equal(try_sync(&wait), 0);
	assert_int_equal(try_result(&wait), 0);
	assert_string_equal(fake_nfs_sent(), "CGRC");
	assert_int_equal(wback_bytes(wback), 0);
	assert_memory_equal(server.disk.data, "abc\0\0\0\0\0other", 13);
}

static void
bytes_that_became_zeros_are_written_again(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(0, "abc");
	server_restart();
	server_foreign(8, "other"); /* leaves a hole before it */
	assert_int_equal(try_sync(&wait), 0);
	assert_int_equal(try_result(&wait), 0);
	assert_string_equal(fake_nfs_sent(), "CGRWC");
	assert_memory_equal(server.disk.data, "abc\0\0\0\0\0other", 13);
}

static void
bytes_beyond_the_end_are_written_again(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(8, "abc");
	server_restart();
	server_foreign(0, "other");
	assert_int_equal(try_sync(&wait), 0);
	assert_int_equal(try_result(&wait), 0);
	assert_string_equal(fake_nfs_sent(), "CGRWC");
	assert_memory_equal(server.disk.data, "other\0\0\0abc", 11);
}

static void
other_bytes_stay_and_the_next_fsync_says_so_once(void **state)
{
	uint64_t lost = count_get(COUNT_lost_bytes);
	struct try_wait wait;

	(void)state;
	try_write(0, "abc");
	try_write(8, "def");
	server_restart();
	server_foreign(0, "XYZ");
	assert_int_equal(try_sync(&wait), 0);
	assert_int_equal(try_result(&wait), -EIO);
	assert_string_equal(fake_nfs_sent(), "CGRRWC");
	assert_memory_equal(server.disk.data, "XYZ\0\0\0\0\0def", 11);
	assert_int_equal(count_get(COUNT_lost_bytes) - lost, 3);
	assert_int_equal(wback_bytes(wback), 0);
	assert_int_equal(try_sync(&wait), 1);
}

static void
a_foreign_change_between_our_writes_counts_as_well(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(0, "abc");
	server_foreign(0, "XYZ");
	try_write(8, "def");
	server_restart();
	assert_int_equal(server.now.size, 3); /* what is not ours was stable */
	assert_int_equal(try_sync(&wait), 0);
	assert_int_equal(try_result(&wait), -EIO);
	assert_string_equal(fake_nfs_sent(), "CGRRWC");
	assert_memory_equal(server.disk.data, "XYZ\0\0\0\0\0def", 11);
}

static void
bytes_are_compared_in_the_pieces_that_the_server_reads(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(0, "abcdefgh");
	server_restart();
	server_foreign(0, "abcd");
	server.count_max = 4;
	assert_int_equal(try_sync(&wait), 0);
	assert_int_equal(try_result(&wait), 0);
	assert_string_equal(fake_nfs_sent(), "CGRRWC");
	assert_memory_equal(server.disk.data, "abcdefgh", 8);
}

/* Lost, written again, lost again: but then with another's bytes there. */
static void
bytes_are_compared_again_after_the_next_restart(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(0, "abc");
	server_restart();
	server_foreign(8, "other");
	assert_int_equal(try_sync(&wait), 0);
	server_answer_one();
	server_answer_one();
	server_answer_one();
	server_answer_one();
	assert_string_equal(fake_nfs_sent(), "CGRWC");
	server_restart();
	server_foreign(0, "XYZ");
	assert_int_equal(try_result(&wait), -EIO);
	assert_memory_equal(server.disk.data, "XYZ\0\0\0\0\0other", 13);
}

/* The change comes between two of our WRITEs, and after the next restart only the
 * server's word on what was before the second shows it. */
static void
a_foreign_change_while_rewriting_counts_as_well(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(0, "abc");
	try_write(8, "def");
	server_restart();
	assert_int_equal(try_sync(&wait), 0);
	server_answer_one();
	server_answer_one();
	server_answer_one();
	server_foreign(0, "XYZ");
	server_answer_one();
	assert_string_equal(fake_nfs_sent(), "CGWWC");
	server_restart();
	assert_int_equal(try_result(&wait), -EIO);
	assert_memory_equal(server.disk.data, "XYZ\0\0\0\0\0def", 11);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, try_setup, try_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(our_own_rewriting_is_not_taken_for_a_foreign_change),
		TEST(bytes_that_survived_under_a_foreign_change_are_not_sent),
		TEST(bytes_that_became_zeros_are_written_again),
		TEST(bytes_beyond_the_end_are_written_again),
		TEST(other_bytes_stay_and_the_next_fsync_says_so_once),
		TEST(a_foreign_change_between_our_writes_counts_as_well),
		TEST(bytes_are_compared_in_the_pieces_that_the_server_reads),
		TEST(bytes_are_compared_again_after_the_next_restart),
		TEST(a_foreign_change_while_rewriting_counts_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
