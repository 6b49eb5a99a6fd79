/* SPDX-License-Identifier: Apache-2.0
 *
 * What is sent is compared with fake_nfs_sent(): C is a COMMIT, G the GETATTR
 * that begins the rewriting, W and F are WRITEs, R a READ to compare.
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

static void
expect_on_disk(const char *text)
{
	assert_int_equal(server.disk.size, strlen(text));
	assert_memory_equal(server.disk.data, text, strlen(text));
}

/* --- COMMIT ------------------------------------------------------------------- */

static void
bytes_are_kept_until_a_commit_with_the_same_verifier(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(0, "abc");
	try_write(3, "defg");
	assert_int_equal(wback_bytes(wback), 7);
	assert_int_equal(try_sync(&wait), 0);
	assert_int_equal(wback_bytes(wback), 7);
	assert_int_equal(try_result(&wait), 0);
	assert_string_equal(fake_nfs_sent(), "C");
	assert_int_equal(wback_bytes(wback), 0);
	expect_on_disk("abcdefg");
}

static void
without_anything_written_there_is_nothing_to_wait_for(void **state)
{
	struct try_wait wait;

	(void)state;
	assert_int_equal(try_sync(&wait), 1);
	assert_int_equal(try_settle(&wait), 1);
	try_write(0, "abc");
	assert_int_equal(try_sync(&wait), 0);
	assert_int_equal(try_result(&wait), 0);
	assert_int_equal(try_sync(&wait), 1);
	assert_string_equal(fake_nfs_sent(), "C");
}

static void
an_fsync_waits_for_what_was_written_while_a_commit_was_under_way(void **state)
{
	struct try_wait first, second;

	(void)state;
	try_write(0, "abc");
	assert_int_equal(try_sync(&first), 0);
	try_write(3, "def");
	assert_int_equal(try_sync(&second), 0);
	assert_string_equal(fake_nfs_sent(), "C"); /* one at a time */
	server_answer_one();
	try_pump();
	assert_int_equal(first.called, 1);
	assert_int_equal(second.called, 0);
	assert_int_equal(wback_bytes(wback), 3);
	assert_int_equal(try_result(&second), 0);
	assert_string_equal(fake_nfs_sent(), "CC");
	assert_int_equal(wback_bytes(wback), 0);
}

static void
all_who_wait_for_the_same_bytes_are_told(void **state)
{
	struct try_wait wait[3];
	int i;

	(void)state;
	try_write(0, "abc");
	for (i = 0; i < 3; i++)
		assert_int_equal(try_sync(&wait[i]), 0);
	server_answer_all(1);
	try_pump();
	for (i = 0; i < 3; i++) {
		assert_int_equal(wait[i].called, 1);
		assert_int_equal(wait[i].status, 0);
	}
}

static void
a_commit_is_sent_when_a_file_has_many_pieces(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 1023; i++)
		try_write((uint64_t)i * 2, "x");
	assert_string_equal(fake_nfs_sent(), "");
	try_write(2046, "x");
	assert_string_equal(fake_nfs_sent(), "C");
	server_answer_all(1);
	assert_int_equal(wback_bytes(wback), 0);
}

static void
a_commit_is_sent_when_a_file_has_eight_mebibytes(void **state)
{
	struct nfs_cred cred = { 0, 0, 0, { 0 } };
	struct buf *buf = buf_new(8u << 20);
	struct try_wait wait;
	struct nfs_call c = { .cred = &cred, .ret_verf = 100 };

	(void)state;
	assert_non_null(buf);
	c.ret_count = (uint32_t)buf->len;
	c.data = buf->data;
	assert_int_equal(try_begin(&wait), 1);
	assert_int_equal(wback_keep(wback, TRY_INO, &c, buf), 0);
	assert_string_equal(fake_nfs_sent(), "");
	wback_end(wback, &io, TRY_INO);
	assert_string_equal(fake_nfs_sent(), "C");
	server_answer_all(1);
	assert_int_equal(wback_bytes(wback), 0);
	buf_put(buf);
}

static void
a_tick_commits_only_what_was_written_before(void **state)
{
	(void)state;
	clock_fake(5000);
	assert_int_equal(wback_tick(wback, &io, NS_NEVER), 0);
	try_write(0, "abc");
	assert_int_equal(wback_tick(wback, &io, 5000), 1);
	assert_string_equal(fake_nfs_sent(), "");
	assert_int_equal(wback_tick(wback, &io, 5001), 1);
	assert_string_equal(fake_nfs_sent(), "C");
	assert_int_equal(wback_tick(wback, &io, NS_NEVER), 1); /* under way */
	assert_string_equal(fake_nfs_sent(), "C");
	server_answer_all(1);
	assert_int_equal(wback_bytes(wback), 0);
	assert_int_equal(wback_tick(wback, &io, NS_NEVER), 0);
}

/* --- a restart ------------------------------------------------------------------ */

static void
after_a_restart_everything_is_written_again(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(0, "abc");
	try_write(5, "xyz");
	try_write(1, "BCD");
	server_restart();
	assert_int_equal(server.now.size, 0);
	assert_int_equal(try_sync(&wait), 0);
	assert_int_equal(try_result(&wait), 0);
	assert_string_equal(fake_nfs_sent(), "CGWWWC");
	assert_int_equal(server.disk.size, 8);
	assert_memory_equal(server.disk.data, "aBCD\0xyz", 8);
	assert_int_equal(wback_bytes(wback), 0);
}

static void
only_what_was_written_before_the_restart_is_written_again(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(0, "abc");
	server_restart();
	try_write(3, "def");
	assert_int_equal(try_sync(&wait), 0);
	assert_int_equal(try_result(&wait), 0);
	assert_string_equal(fake_nfs_sent(), "CGWC");
	expect_on_disk("abcdef");
}

static void
a_write_waits_while_the_old_bytes_are_written_again(void **state)
{
	struct try_wait sync, write;

	(void)state;
	try_write(0, "abc");
	server_restart();
	assert_int_equal(try_sync(&sync), 0);
	assert_int_equal(try_begin(&write), 1); /* the COMMIT does not matter */
	wback_end(wback, &io, TRY_INO);
	server_answer_one();
	assert_string_equal(fake_nfs_sent(), "CG");
	assert_int_equal(try_begin(&write), 0);
	server_answer_one();
	try_pump();
	assert_int_equal(write.called, 0);
	server_answer_one();
	try_pump();
	assert_string_equal(fake_nfs_sent(), "CGWC");
	assert_int_equal(write.called, 1);
	try_write(1, "X");
	assert_int_equal(try_result(&sync), 0);
	assert_int_equal(try_sync(&sync), 0);
	assert_int_equal(try_result(&sync), 0);
	expect_on_disk("aXc");
}

static void
rewriting_begins_when_the_writes_in_flight_are_over(void **state)
{
	struct buf *buf = buf_new(3);
	struct try_wait sync, write, late;
	struct nfs_call c;

	(void)state;
	assert_non_null(buf);
	memcpy(buf->data, "XYZ", 3);
	try_write(0, "abcdef");
	assert_int_equal(try_begin(&write), 1);
	server_restart();
	assert_int_equal(try_sync(&sync), 0);
	server_answer_one();
	assert_string_equal(fake_nfs_sent(), "C");
	assert_int_equal(try_begin(&late), 0);
	try_write_sent(&c, buf, 1);
	try_write_took(&c, buf);
	assert_string_equal(fake_nfs_sent(), "C");
	wback_end(wback, &io, TRY_INO);
	assert_string_equal(fake_nfs_sent(), "CG");
	assert_int_equal(try_result(&sync), 0);
	assert_string_equal(fake_nfs_sent(), "CGWWC");
	assert_int_equal(late.called, 1);
	expect_on_disk("aXYZef");
	buf_put(buf);
}

/* The write in flight replaces all that was lost. */
static void
waiting_writes_go_on_when_nothing_is_left_to_write_again(void **state)
{
	struct buf *buf = buf_new(3);
	struct try_wait sync, write, late;
	struct nfs_call c;

	(void)state;
	assert_non_null(buf);
	memcpy(buf->data, "XYZ", 3);
	try_write(0, "abc");
	assert_int_equal(try_begin(&write), 1);
	server_restart();
	assert_int_equal(try_sync(&sync), 0);
	server_answer_one();
	assert_int_equal(try_begin(&late), 0);
	try_write_sent(&c, buf, 0);
	try_write_took(&c, buf);
	wback_end(wback, &io, TRY_INO);
	buf_put(buf);
	assert_int_equal(try_result(&sync), 0);
	assert_string_equal(fake_nfs_sent(), "CGC");
	expect_on_disk("XYZ");
	assert_int_equal(late.called, 1);
}

static void
what_the_server_takes_in_pieces_is_sent_in_pieces(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(0, "abcdefgh");
	server_restart();
	server.count_max = 3;
	io.iomax = 5;
	assert_int_equal(try_sync(&wait), 0);
	server_answer_one();
	server_answer_one();
	assert_int_equal(fake_nfs_peek(0)->count, 5);
	assert_int_equal(try_result(&wait), 0);
	assert_string_equal(fake_nfs_sent(), "CGWWWC");
	expect_on_disk("abcdefgh");
}

static void
another_restart_while_rewriting_begins_anew(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(0, "abc");
	try_write(8, "xyz");
	server_restart();
	assert_int_equal(try_sync(&wait), 0);
	server_answer_one();
	server_answer_one();
	server_answer_one();
	assert_string_equal(fake_nfs_sent(), "CGWW");
	server_restart();
	assert_int_equal(try_result(&wait), 0);
	assert_string_equal(fake_nfs_sent(), "CGWWWC");
	assert_memory_equal(server.disk.data, "abc\0\0\0\0\0xyz", 11);
}

static void
a_verifier_that_changes_with_every_commit_gets_stable_writes(void **state)
{
	struct try_wait wait;
	int i;

	(void)state;
	try_write(0, "abc");
	assert_int_equal(try_sync(&wait), 0);
	for (i = 0; i < 20 && fake_nfs_open() > 0; i++) {
		if (fake_nfs_peek(0)->proc == NFS_COMMIT)
			server_restart();
		server_answer_one();
	}
	assert_int_equal(try_result(&wait), 0);
	assert_string_equal(fake_nfs_sent(), "CGWCGWCGFC");
	expect_on_disk("abc");
}

/* As behind an address with several servers.  Two pieces: each WRITE again makes
 * the one before look lost. */
static void
a_verifier_that_changes_with_every_answer_gets_stable_writes(void **state)
{
	struct try_wait wait;

	(void)state;
	server.fickle = 1;
	try_write(0, "abc");
	try_write(8, "xyz");
	assert_int_equal(try_sync(&wait), 0);
	assert_int_equal(try_result(&wait), 0);
	assert_memory_equal(server.disk.data, "abc\0\0\0\0\0xyz", 11);
}

static void
bytes_that_are_stable_at_once_are_not_committed_again(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(0, "abc");
	server_restart();
	server.says_sync = 1;
	assert_int_equal(try_sync(&wait), 0);
	server_answer_one();
	server_answer_one();
	server_answer_one();
	assert_int_equal(wback_bytes(wback), 0);
	assert_int_equal(try_result(&wait), 0);
	expect_on_disk("abc");
}

/* --- what needs no COMMIT ------------------------------------------------------------ */

static void
a_stable_write_keeps_nothing_and_ends_what_is_under_it(void **state)
{
	struct try_wait wait;

	(void)state;
	server.says_sync = 1;
	try_write(0, "abc");
	assert_int_equal(wback_bytes(wback), 0);
	assert_int_equal(try_sync(&wait), 1);
	server.says_sync = 0;
	try_write(0, "defghi");
	server.says_sync = 1;
	try_write(2, "XY");
	assert_int_equal(wback_bytes(wback), 4);
	server_restart();
	server.says_sync = 0;
	assert_int_equal(try_sync(&wait), 0);
	assert_int_equal(try_result(&wait), 0);
	assert_string_equal(fake_nfs_sent(), "CGWWC");
	expect_on_disk("deXYhi");
}

static void
what_was_cut_off_does_not_come_back(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(0, "abcdef");
	try_write(8, "xyz");
	assert_int_equal(try_begin(&wait), 1);
	wback_trim(wback, TRY_INO, 4);
	wback_end(wback, &io, TRY_INO);
	assert_int_equal(wback_bytes(wback), 4);
	server_restart();
	assert_int_equal(try_sync(&wait), 0);
	assert_int_equal(try_result(&wait), 0);
	expect_on_disk("abcd");
}

static void
a_file_that_is_gone_has_nothing_to_write(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(0, "abc");
	wback_drop(wback, TRY_INO);
	assert_int_equal(wback_bytes(wback), 0);
	assert_int_equal(try_sync(&wait), 1);
	wback_drop(wback, TRY_INO);
	assert_string_equal(fake_nfs_sent(), "");
}

static void
a_file_may_go_while_it_is_committed_or_written_again(void **state)
{
	struct try_wait wait, write;
	unsigned n;

	(void)state;
	for (n = 0; n < 4; n++) {
		unsigned i;

		try_write(0, "abc");
		try_write(8, "def");
		server_restart();
		assert_int_equal(try_sync(&wait), 0);
		for (i = 0; i < n; i++)
			server_answer_one();
		write.called = 1;
		if (n > 0)
			assert_int_equal(try_begin(&write), 0);
		wback_drop(wback, TRY_INO);
		assert_int_equal(wback_bytes(wback), 0);
		assert_int_equal(try_result(&wait), 0);
		assert_int_equal(write.called, 1);
		assert_int_equal(try_sync(&wait), 1);
	}
}

static void
without_room_a_write_is_to_be_stable(void **state)
{
	(void)state;
	wback_free(wback);
	wback = wback_new(10);
	assert_non_null(wback);
	assert_int_equal(wback_how(wback, 10), NFS_UNSTABLE);
	assert_int_equal(wback_how(wback, 11), NFS_FILE_SYNC);
	try_write(0, "abcdef");
	assert_int_equal(wback_bytes(wback), 6);
	assert_int_equal(wback_how(wback, 4), NFS_UNSTABLE);
	assert_int_equal(wback_how(wback, 5), NFS_FILE_SYNC);
	try_write(6, "ghijk");
	assert_int_equal(wback_bytes(wback), 6);
	wback_drop(wback, TRY_INO);
	assert_int_equal(wback_how(wback, 10), NFS_UNSTABLE);
	wback_free(NULL);
}

/* --- errors --------------------------------------------------------------------------- */

static void
a_commit_that_gets_no_answer_keeps_the_bytes(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(0, "abc");
	assert_int_equal(try_sync(&wait), 0);
	server_fail_one(-EIO);
	assert_int_equal(try_result(&wait), -EIO);
	assert_int_equal(wback_bytes(wback), 3);
	assert_int_equal(wback_tick(wback, &io, NS_NEVER), 1);
	assert_string_equal(fake_nfs_sent(), "CC");
	server_answer_all(1);
	assert_int_equal(wback_bytes(wback), 0);
	assert_int_equal(try_sync(&wait), 1);
}

/* No answer to the GETATTR (1) or to the WRITE (2). */
static void
rewriting_that_gets_no_answer_is_tried_again_later(void **state)
{
	struct try_wait wait, write;
	int n, i;

	(void)state;
	for (n = 1; n <= 2; n++) {
		try_write(0, "abc");
		server_restart();
		assert_int_equal(try_sync(&wait), 0);
		for (i = 0; i < n; i++)
			server_answer_one();
		assert_int_equal(try_begin(&write), 0);
		clock_fake(9000 * n);
		server_fail_one(-EIO);
		assert_int_equal(try_result(&wait), -EIO);
		assert_int_equal(write.called, 1);
		assert_int_equal(wback_bytes(wback), 3);
		assert_int_equal(wback_tick(wback, &io, 9000 * n), 1);
		assert_int_equal(fake_nfs_open(), 0);
		assert_int_equal(try_sync(&wait), 0);
		assert_int_equal(try_result(&wait), 0);
		expect_on_disk("abc");
	}
}

static void
bytes_that_the_server_refuses_now_are_lost_and_told_once(void **state)
{
	uint64_t lost = count_get(COUNT_lost_bytes);
	struct try_wait wait[2];

	(void)state;
	try_write(0, "abc");
	server_restart();
	server.says_full = -ENOSPC;
	assert_int_equal(try_sync(&wait[0]), 0);
	assert_int_equal(try_sync(&wait[1]), 0);
	assert_int_equal(try_result(&wait[0]), -ENOSPC);
	assert_int_equal(wait[1].called, 1);
	assert_int_equal(wait[1].status, -ENOSPC);
	assert_int_equal(wback_bytes(wback), 0);
	assert_int_equal(count_get(COUNT_lost_bytes) - lost, 3);
	assert_int_equal(try_sync(&wait[0]), 1);
}

static void
an_error_that_nobody_waited_for_is_the_next_fsyncs(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(0, "abc");
	server_restart();
	server.says_full = -EDQUOT;
	assert_int_equal(wback_tick(wback, &io, NS_NEVER), 1);
	server_answer_all(10);
	server.says_full = 0;
	assert_int_equal(try_sync(&wait), 0);
	assert_int_equal(try_result(&wait), -EDQUOT);
	assert_int_equal(try_sync(&wait), 1);
}

static void
settling_leaves_the_error_for_the_next_fsync(void **state)
{
	struct try_wait wait;

	(void)state;
	try_write(0, "abc");
	server_restart();
	server.says_full = -ENOSPC;
	assert_int_equal(try_settle(&wait), 0);
	assert_int_equal(try_result(&wait), 0);
	assert_int_equal(try_settle(&wait), 1);
	assert_int_equal(try_sync(&wait), 0);
	assert_int_equal(try_result(&wait), -ENOSPC);
	assert_int_equal(try_sync(&wait), 1);
}

static void
a_file_gone_from_the_server_is_told_once(void **state)
{
	uint64_t lost = count_get(COUNT_lost_bytes);
	struct try_wait wait;

	(void)state;
	try_write(0, "abc");
	assert_int_equal(try_sync(&wait), 0);
	server_fail_one(-ESTALE);
	assert_int_equal(try_result(&wait), -ESTALE);
	assert_int_equal(wback_bytes(wback), 0);
	assert_int_equal(count_get(COUNT_lost_bytes) - lost, 0);
	assert_int_equal(try_sync(&wait), 1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, try_setup, try_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bytes_are_kept_until_a_commit_with_the_same_verifier),
		TEST(without_anything_written_there_is_nothing_to_wait_for),
		TEST(an_fsync_waits_for_what_was_written_while_a_commit_was_under_way),
		TEST(all_who_wait_for_the_same_bytes_are_told),
		TEST(a_commit_is_sent_when_a_file_has_many_pieces),
		TEST(a_commit_is_sent_when_a_file_has_eight_mebibytes),
		TEST(a_tick_commits_only_what_was_written_before),
		TEST(after_a_restart_everything_is_written_again),
		TEST(only_what_was_written_before_the_restart_is_written_again),
		TEST(a_write_waits_while_the_old_bytes_are_written_again),
		TEST(rewriting_begins_when_the_writes_in_flight_are_over),
		TEST(waiting_writes_go_on_when_nothing_is_left_to_write_again),
		TEST(what_the_server_takes_in_pieces_is_sent_in_pieces),
		TEST(another_restart_while_rewriting_begins_anew),
		TEST(a_verifier_that_changes_with_every_commit_gets_stable_writes),
		TEST(a_verifier_that_changes_with_every_answer_gets_stable_writes),
		TEST(bytes_that_are_stable_at_once_are_not_committed_again),
		TEST(a_stable_write_keeps_nothing_and_ends_what_is_under_it),
		TEST(what_was_cut_off_does_not_come_back),
		TEST(a_file_that_is_gone_has_nothing_to_write),
		TEST(a_file_may_go_while_it_is_committed_or_written_again),
		TEST(without_room_a_write_is_to_be_stable),
		TEST(a_commit_that_gets_no_answer_keeps_the_bytes),
		TEST(rewriting_that_gets_no_answer_is_tried_again_later),
		TEST(bytes_that_the_server_refuses_now_are_lost_and_told_once),
		TEST(an_error_that_nobody_waited_for_is_the_next_fsyncs),
		TEST(settling_leaves_the_error_for_the_next_fsync),
		TEST(a_file_gone_from_the_server_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
