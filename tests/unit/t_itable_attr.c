/* SPDX-License-Identifier: Apache-2.0
 *
 * Attributes, and what was unlinked while open.
 */
#include <config.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "itable_try.h"

/* The size that is known of INO since OLDEST, or -1. */
static int
size_since(ino_num ino, ns_t oldest)
{
	struct nfs_attr attr;
	ns_t sent;
	int r = itable_attr(table, ino, oldest, &attr, &sent);

	assert_true(r == 0 || r == -ENOENT);
	if (r == 0)
		assert_true(sent >= oldest);
	return r == 0 ? (int)attr.size : -1;
}

static ns_t
learn(ino_num ino, uint64_t size, ns_t sent)
{
	struct nfs_attr attr = try_attr(size, 1, 1);

	return itable_learn(table, ino, &attr, sent);
}

static ns_t
change_end(ino_num ino, uint64_t size, ns_t sent)
{
	struct nfs_attr attr = try_attr(size, 1, 1);

	return itable_change_end(table, ino, &attr, NULL, sent);
}

/* --- how old attributes are ------------------------------------------------------ */

static void
attributes_count_from_the_sending_of_their_call(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);

	(void)state;
	assert_int_equal(size_since(a, 0), -1);
	assert_int_equal(learn(a, 5, 700), 700);
	assert_int_equal(size_since(a, 700), 5);
	assert_int_equal(size_since(a, 701), -1);
	itable_expire(table, a);
	assert_int_equal(size_since(a, 0), -1);
	assert_int_equal(learn(a, 6, 700), 700);
	assert_int_equal(size_since(a, 0), 6);
}

static void
the_answer_to_the_call_that_was_sent_later_stays(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);

	(void)state;
	assert_int_equal(learn(a, 5, 800), 800);
	assert_int_equal(learn(a, 4, 700), 700);
	assert_int_equal(size_since(a, 0), 5);
	assert_int_equal(learn(a, 6, 900), 900);
	assert_int_equal(size_since(a, 900), 6);
}

static void
nothing_is_learnt_of_an_unknown_number(void **state)
{
	(void)state;
	assert_int_equal(learn(4711, 5, 800), 0);
	assert_int_equal(change_end(4711, 5, 800), 0);
	assert_false(itable_is_solo(table, 4711));
	itable_unlinked(table, 4711);
	itable_was_read(table, 4711);
}

static void
what_was_heard_last_is_known_however_old(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	struct nfs_attr attr;

	(void)state;
	assert_int_equal(itable_last_attr(table, a, &attr), 0);
	assert_int_equal(attr.mode & S_IFMT, S_IFREG); /* by its lookup */
	(void)learn(a, 5, 800);
	itable_expire(table, a);
	assert_int_equal(itable_last_attr(table, a, &attr), 0);
	assert_int_equal(attr.size, 5);
}

static void
a_file_with_one_link_is_solo(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	ino_num d = try_enter_dir(ITABLE_ROOT, "d", 2);
	struct nfs_attr attr = try_attr(1, 1, 1);

	(void)state;
	assert_true(itable_is_solo(table, a));
	attr.nlink = 2;
	(void)itable_learn(table, a, &attr, 1000);
	assert_false(itable_is_solo(table, a));
	clock_fake(2000);
	itable_unlinked(table, a);
	assert_true(itable_is_solo(table, a));
	assert_int_equal(size_since(a, 0), -1);
	assert_int_equal(learn(a, 5, 1999), 0); /* asked before */
	assert_int_equal(learn(a, 5, 2000), 2000);
	assert_false(itable_is_solo(table, d));
}

/* --- changes of our own -------------------------------------------------------------- */

static void
a_lone_changes_attributes_are_kept(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);

	(void)state;
	(void)learn(a, 5, 900);
	itable_change_begin(table, a);
	assert_int_equal(size_since(a, 0), -1);
	clock_fake(2000);
	assert_int_equal(change_end(a, 6, 1000), 1000);
	assert_int_equal(size_since(a, 1000), 6);
}

static void
answers_that_overlap_a_change_are_kept_out(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);

	(void)state;
	itable_change_begin(table, a);
	assert_int_equal(learn(a, 5, 1100), 0); /* while it is under way */
	clock_fake(2000);
	assert_int_equal(change_end(a, 6, 1000), 1000);
	assert_int_equal(learn(a, 5, 1999), 0); /* sent before it ended */
	assert_int_equal(size_since(a, 0), 6);
	assert_int_equal(learn(a, 7, 2000), 2000);
	assert_int_equal(size_since(a, 2000), 7);
}

static void
a_change_without_attributes_leaves_none(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);

	(void)state;
	(void)learn(a, 5, 900);
	itable_change_begin(table, a);
	assert_int_equal(itable_change_end(table, a, NULL, NULL, 1000), 0);
	assert_int_equal(size_since(a, 0), -1);
	assert_int_equal(learn(a, 5, 1000), 1000);
}

static void
of_changes_that_overlap_neither_is_trusted(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);

	(void)state;
	itable_change_begin(table, a);
	itable_change_begin(table, a);
	assert_int_equal(change_end(a, 6, 1000), 0);
	assert_int_equal(size_since(a, 0), -1);
	itable_change_begin(table, a); /* the second is still under way */
	assert_int_equal(change_end(a, 7, 1001), 0);
	assert_int_equal(change_end(a, 8, 1002), 0);
	assert_int_equal(size_since(a, 0), -1);
	/* the next one is alone again */
	itable_change_begin(table, a);
	assert_int_equal(change_end(a, 9, 1003), 1003);
	assert_int_equal(size_since(a, 1003), 9);
}

/* --- what the kernel believes ----------------------------------------------------------- */

static int
tell(ino_num ino, struct nfs_attr attr)
{
	int unseen = itable_unseen(table, ino, &attr);

	assert_int_equal(itable_tell(table, ino, &attr), unseen);
	return unseen;
}

static void
a_change_that_only_ctime_shows_asks_for_dropping_pages_once(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);

	(void)state;
	assert_false(tell(a, try_attr(5, 1, 1))); /* nothing was told before */
	assert_false(tell(a, try_attr(5, 1, 1)));
	assert_true(tell(a, try_attr(5, 1, 2)));
	assert_false(tell(a, try_attr(5, 1, 2)));
	assert_true(tell(a, try_attr(5, 1, 1))); /* back is a change too */
}

static void
asking_is_not_telling(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	struct nfs_attr attr = try_attr(5, 1, 2);

	(void)state;
	(void)tell(a, try_attr(5, 1, 1));
	assert_true(itable_unseen(table, a, &attr));
	assert_true(itable_unseen(table, a, &attr));
	assert_false(itable_unseen(table, 4711, &attr));
	assert_false(itable_tell(table, 4711, &attr));
}

static void
a_change_that_mtime_shows_is_seen_by_the_kernel(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	struct nfs_attr nsec = try_attr(6, 2, 3);

	(void)state;
	(void)tell(a, try_attr(5, 1, 1));
	assert_false(tell(a, try_attr(5, 2, 2)));
	nsec.mtime.nsec = 1;
	nsec.ctime.nsec = 1;
	assert_false(tell(a, nsec));
	nsec.ctime.nsec = 2;
	assert_true(tell(a, nsec));
}

/* The kernel grows a file by its own write without being told. */
static void
another_size_alone_may_be_no_news_to_the_kernel(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);

	(void)state;
	(void)tell(a, try_attr(5, 2, 2));
	assert_true(tell(a, try_attr(6, 2, 3)));
}

static void
a_directory_has_no_pages(void **state)
{
	ino_num d = try_enter_dir(ITABLE_ROOT, "d", 1);
	struct nfs_attr attr = try_attr(5, 1, 1);

	(void)state;
	attr.mode = S_IFDIR | 0755;
	(void)tell(d, attr);
	attr.ctime.sec = 2;
	assert_false(tell(d, attr));
}

static void
our_own_change_drops_no_pages(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	struct nfs_attr attr = try_attr(5, 1, 2);
	struct nfs_wcc wcc = { 5, { 1, 0 }, { 1, 0 } };

	(void)state;
	(void)tell(a, try_attr(5, 1, 1));
	itable_change_begin(table, a);
	(void)itable_change_end(table, a, &attr, &wcc, 1000);
	assert_false(tell(a, attr));
	/* somebody else came before us: its ctime was another */
	attr.ctime.sec = 4;
	wcc.ctime.sec = 3;
	itable_change_begin(table, a);
	(void)itable_change_end(table, a, &attr, &wcc, 1000);
	assert_true(tell(a, attr));
	/* the server did not say what was before */
	attr.ctime.sec = 5;
	itable_change_begin(table, a);
	(void)itable_change_end(table, a, &attr, NULL, 1000);
	assert_true(tell(a, attr));
}

/* --- unlinked while open ------------------------------------------------------------------ */

static const struct nfs_cred cred = { 1000, 100, 2, { 7, 8 } };

static void
hide(ino_num ino, ino_num dir, const char *name)
{
	assert_int_equal(itable_hide(table, ino, dir, name, &cred), 0);
}

static unsigned
hidden(void)
{
	struct itable_stat st;

	itable_stat(table, &st);
	return (unsigned)st.hidden;
}

static void
a_hidden_file_has_only_its_hidden_name(void **state)
{
	ino_num d = try_enter_dir(ITABLE_ROOT, "d", 1);
	ino_num a = try_enter(d, "a", 2);
	struct nfs_fh fh = try_fh(1);
	struct itable_hidden h;

	(void)state;
	(void)learn(a, 5, 1000);
	assert_int_equal(itable_hidden_of(table, a, &h), -ENOENT);
	hide(a, d, ".hidden1");
	assert_int_equal(itable_by_name(table, d, "a"), 0);
	assert_int_equal(itable_by_name(table, d, ".hidden1"), 0);
	assert_int_equal(size_since(a, 0), -1);
	assert_int_equal(itable_hidden_of(table, a, &h), 0);
	assert_int_equal(h.ino, a);
	assert_int_equal(h.dir, d);
	assert_true(nfs_fh_equal(&h.dir_fh, &fh));
	assert_string_equal(h.name, ".hidden1");
	assert_memory_equal(&h.cred, &cred, sizeof(cred));
	assert_false(h.forgotten);
	assert_int_equal(hidden(), 1);
	assert_int_equal(itable_hidden_of(table, d, &h), -ENOENT);
	assert_int_equal(itable_hidden_of(table, 4711, &h), -ENOENT);
}

static void
the_hidden_name_is_counted_out_of_the_links(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	struct nfs_attr attr = try_attr(5, 1, 1);

	(void)state;
	attr.nlink = 2;
	(void)itable_tell(table, a, &attr);
	assert_int_equal(attr.nlink, 2);
	hide(a, ITABLE_ROOT, ".h");
	(void)itable_tell(table, a, &attr);
	assert_int_equal(attr.nlink, 1);
	attr.nlink = 0;
	(void)itable_tell(table, a, &attr);
	assert_int_equal(attr.nlink, 0);
	itable_removed(table, a);
	attr.nlink = 2;
	(void)itable_tell(table, a, &attr);
	assert_int_equal(attr.nlink, 2);
}

static void
the_last_forget_asks_for_the_removal_and_the_removal_ends_it(void **state)
{
	uint64_t empty = slab_used(slab);
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	struct itable_hidden h;

	(void)state;
	(void)try_enter(ITABLE_ROOT, "a", 1);
	hide(a, ITABLE_ROOT, ".h");
	assert_int_equal(itable_forget(table, a, 1), 0);
	assert_int_equal(itable_forget(table, a, 1), 1);
	assert_int_equal(itable_forget(table, a, 1), 0); /* asked once */
	assert_int_equal(itable_hidden_of(table, a, &h), 0);
	assert_true(h.forgotten);
	itable_removed(table, a);
	itable_removed(table, a);
	assert_int_equal(itable_hidden_of(table, a, &h), -ENOENT);
	assert_int_equal(hidden(), 0);
	assert_int_equal(try_inodes(), 1);
	assert_int_equal(slab_used(slab), empty);
}

static void
a_hidden_file_that_was_removed_lives_while_it_is_open(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	struct nfs_fh fh;

	(void)state;
	hide(a, ITABLE_ROOT, ".h");
	itable_removed(table, a);
	assert_int_equal(itable_fh(table, a, &fh), 0);
	assert_int_equal(itable_forget(table, a, 1), 0);
	assert_int_equal(itable_fh(table, a, &fh), -ESTALE);
}

static void
the_directory_of_a_hidden_name_stays_until_it_is_removed(void **state)
{
	uint64_t empty = slab_used(slab);
	ino_num d = try_enter_dir(ITABLE_ROOT, "d", 1);
	ino_num a = try_enter(d, "a", 2);
	ino_num b = try_enter(d, "b", 3);
	struct nfs_fh fh;

	(void)state;
	hide(a, d, ".h1");
	hide(b, d, ".h2");
	(void)itable_forget(table, d, 1);
	assert_int_equal(itable_fh(table, d, &fh), 0);
	assert_int_equal(itable_forget(table, a, 1), 1);
	itable_removed(table, a);
	assert_int_equal(itable_fh(table, d, &fh), 0);
	assert_int_equal(itable_forget(table, b, 1), 1);
	itable_removed(table, b);
	assert_int_equal(itable_fh(table, d, &fh), -ESTALE);
	assert_int_equal(slab_used(slab), empty);
}

static void
a_hidden_name_may_move_to_another_directory(void **state)
{
	uint64_t empty = slab_used(slab);
	ino_num d = try_enter_dir(ITABLE_ROOT, "d", 1);
	ino_num e = try_enter_dir(ITABLE_ROOT, "e", 2);
	ino_num a = try_enter(d, "a", 3);
	struct itable_hidden h;
	struct nfs_fh fh;

	(void)state;
	hide(a, d, ".h1");
	(void)itable_forget(table, d, 1);
	(void)itable_forget(table, e, 0);
	assert_int_equal(itable_unhidden(table, e), 0);
	hide(a, e, ".h2");
	assert_int_equal(hidden(), 1);
	assert_int_equal(itable_fh(table, d, &fh), -ESTALE);
	assert_int_equal(itable_hidden_of(table, a, &h), 0);
	assert_int_equal(h.dir, e);
	assert_string_equal(h.name, ".h2");
	hide(a, e, ".h3"); /* within one directory too */
	assert_int_equal(itable_unhidden(table, e), 1);
	(void)itable_forget(table, e, 1);
	assert_int_equal(itable_fh(table, e, &fh), 0);
	assert_int_equal(itable_forget(table, a, 1), 1);
	itable_removed(table, a);
	assert_int_equal(try_inodes(), 1);
	assert_int_equal(slab_used(slab), empty);
}

static void
hidden_names_that_leave_a_directory_are_counted(void **state)
{
	ino_num d = try_enter_dir(ITABLE_ROOT, "d", 1);
	ino_num a = try_enter(d, "a", 2);
	ino_num b = try_enter(d, "b", 3);

	(void)state;
	hide(a, d, ".h1");
	hide(b, d, ".h2");
	assert_int_equal(itable_unhidden(table, d), 0);
	itable_removed(table, a);
	assert_int_equal(itable_unhidden(table, d), 1);
	hide(b, ITABLE_ROOT, ".h2");
	assert_int_equal(itable_unhidden(table, d), 2);
	assert_int_equal(itable_unhidden(table, 4711), 0);
}

static void
hidden_files_can_be_enumerated_all_or_those_of_a_directory(void **state)
{
	ino_num d = try_enter_dir(ITABLE_ROOT, "d", 1000);
	ino_num seen[40] = { 0 };
	struct itable_hidden h;
	char name[16];
	size_t n, k;

	(void)state;
	for (n = 0; n < 40; n++) {
		ino_num ino;

		(void)snprintf(name, sizeof(name), "f%02u", (unsigned)n % 100);
		ino = try_enter(ITABLE_ROOT, name, (unsigned)n + 1);
		hide(ino, n % 4 == 0 ? d : ITABLE_ROOT, name);
	}
	for (n = 0; itable_hidden(table, 0, n, &h) == 0; n++) {
		assert_true(n < 40);
		for (k = 0; k < n; k++)
			assert_int_not_equal(seen[k], h.ino);
		seen[n] = h.ino;
	}
	assert_int_equal(n, 40);
	for (n = 0; itable_hidden(table, d, n, &h) == 0; n++)
		assert_int_equal(h.dir, d);
	assert_int_equal(n, 10);
	for (n = 0; n < 30; n++)
		itable_removed(table, seen[n]);
	for (n = 0; itable_hidden(table, 0, n, &h) == 0; n++)
		;
	assert_int_equal(n, 10);
	assert_int_equal(itable_hidden(table, 4711, 0, &h), -ENOENT);
}

static void
what_is_not_known_cannot_be_hidden(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	uint64_t used = slab_used(slab);

	(void)state;
	assert_true(itable_hide(table, 4711, ITABLE_ROOT, ".h", &cred) < 0);
	assert_true(itable_hide(table, a, 4711, ".h", &cred) < 0);
	itable_removed(table, a);
	itable_removed(table, 4711);
	assert_int_equal(hidden(), 0);
	assert_int_equal(slab_used(slab), used);
	assert_int_equal(itable_by_name(table, ITABLE_ROOT, "a"), a);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, try_setup, try_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(attributes_count_from_the_sending_of_their_call),
		TEST(the_answer_to_the_call_that_was_sent_later_stays),
		TEST(nothing_is_learnt_of_an_unknown_number),
		TEST(what_was_heard_last_is_known_however_old),
		TEST(a_file_with_one_link_is_solo),
		TEST(a_lone_changes_attributes_are_kept),
		TEST(answers_that_overlap_a_change_are_kept_out),
		TEST(a_change_without_attributes_leaves_none),
		TEST(of_changes_that_overlap_neither_is_trusted),
		TEST(a_change_that_only_ctime_shows_asks_for_dropping_pages_once),
		TEST(asking_is_not_telling),
		TEST(a_change_that_mtime_shows_is_seen_by_the_kernel),
		TEST(another_size_alone_may_be_no_news_to_the_kernel),
		TEST(a_directory_has_no_pages),
		TEST(our_own_change_drops_no_pages),
		TEST(a_hidden_file_has_only_its_hidden_name),
		TEST(the_hidden_name_is_counted_out_of_the_links),
		TEST(the_last_forget_asks_for_the_removal_and_the_removal_ends_it),
		TEST(a_hidden_file_that_was_removed_lives_while_it_is_open),
		TEST(the_directory_of_a_hidden_name_stays_until_it_is_removed),
		TEST(a_hidden_name_may_move_to_another_directory),
		TEST(hidden_names_that_leave_a_directory_are_counted),
		TEST(hidden_files_can_be_enumerated_all_or_those_of_a_directory),
		TEST(what_is_not_known_cannot_be_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
