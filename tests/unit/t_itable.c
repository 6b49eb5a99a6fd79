/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers, lookup counts and names; t_itable_attr.c has the rest.
 */
#include <config.h>

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "itable_try.h"

static int
knows(ino_num ino)
{
	struct nfs_fh fh;
	int r = itable_fh(table, ino, &fh);

	assert_true(r == 0 || r == -ESTALE);
	return r == 0;
}

/* INO is known by the handle N. */
static int
is_file(ino_num ino, unsigned n)
{
	struct nfs_fh fh, want = try_fh(n);

	return itable_fh(table, ino, &fh) == 0 && nfs_fh_equal(&fh, &want);
}

static uint64_t
lookups(void)
{
	struct itable_stat st;

	itable_stat(table, &st);
	return st.lookups;
}

/* --- numbers and lookup counts ------------------------------------------------- */

static void
a_handle_has_one_number_by_any_name(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	ino_num b = try_enter(ITABLE_ROOT, "b", 2);

	(void)state;
	assert_int_not_equal(a, b);
	assert_int_equal(try_enter(ITABLE_ROOT, "a", 1), a);
	assert_int_equal(try_enter(ITABLE_ROOT, "link", 1), a);
	assert_true(is_file(a, 1));
	assert_true(is_file(b, 2));
	assert_int_equal(try_inodes(), 3);
	assert_int_equal(lookups(), 4);
}

static void
handles_differ_by_length_too(void **state)
{
	struct nfs_fh a = try_fh(0x010203), b = a;
	ino_num ino_a, ino_b;

	(void)state;
	b.len--;
	assert_int_equal(
		itable_enter(table, ITABLE_ROOT, "a", &a, S_IFREG, 1, &ino_a),
		0);
	assert_int_equal(
		itable_enter(table, ITABLE_ROOT, "b", &b, S_IFREG, 1, &ino_b),
		0);
	assert_int_not_equal(ino_a, ino_b);
}

static void
an_inode_lives_until_its_last_lookup_is_forgotten(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	int i;

	(void)state;
	for (i = 0; i < 9; i++)
		(void)try_enter(ITABLE_ROOT, "a", 1);
	assert_int_equal(lookups(), 10);
	assert_int_equal(itable_forget(table, a, 3), 0);
	assert_int_equal(itable_forget(table, a, 6), 0);
	assert_int_equal(lookups(), 1);
	assert_true(is_file(a, 1));
	assert_int_equal(itable_forget(table, a, 1), 0);
	assert_false(knows(a));
	assert_int_equal(try_inodes(), 1);
	assert_int_equal(lookups(), 0);
	assert_int_equal(itable_by_name(table, ITABLE_ROOT, "a"), 0);
}

static void
more_forgets_than_lookups_count_for_nobody_else(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	ino_num b = try_enter(ITABLE_ROOT, "b", 2);

	(void)state;
	(void)itable_forget(table, a, UINT64_MAX);
	(void)itable_forget(table, a, 1);
	assert_false(knows(a));
	assert_true(knows(b));
	assert_int_equal(lookups(), 1);
}

static void
the_root_stays(void **state)
{
	ino_num ino = 0;
	struct nfs_fh root = try_fh(0);

	(void)state;
	assert_int_equal(itable_enter(table, 77, "..", &root, S_IFDIR, 1, &ino),
			 0);
	assert_int_equal(ino, ITABLE_ROOT);
	assert_int_equal(lookups(), 0);
	assert_int_equal(itable_forget(table, ITABLE_ROOT, UINT64_MAX), 0);
	assert_true(is_file(ITABLE_ROOT, 0));
	assert_int_equal(try_inodes(), 1);
}

static void
a_number_is_never_used_again(void **state)
{
	ino_num *old = calloc(1000, sizeof(*old));
	int i, k;

	(void)state;
	assert_non_null(old);
	for (i = 0; i < 1000; i++) {
		old[i] = try_enter(ITABLE_ROOT, "a", (unsigned)(1 + i % 3));
		for (k = 0; k < i; k++)
			assert_int_not_equal(old[k], old[i]);
		(void)itable_forget(table, old[i], 1);
		assert_false(knows(old[i]));
	}
	free(old);
}

static void
a_number_that_is_not_known_is_stale_and_does_no_harm(void **state)
{
	ino_num known = try_enter(ITABLE_ROOT, "a", 1);
	unsigned seed = 4711;
	struct nfs_attr attr;
	uint64_t i;
	ns_t sent;

	(void)state;
	for (i = 0; i < 200000; i++) {
		uint64_t upper = (uint64_t)(unsigned)rand_r(&seed) % 3;
		ino_num ino = i < 100000 ? upper << 32 | i
					 : upper << 32 | (i << 12 & UINT32_MAX);

		/* 1 is the root's generation */
		if (ino == known || ino == ITABLE_ROOT || is_file(ino, 0))
			continue;
		assert_false(knows(ino));
		assert_int_equal(itable_forget(table, ino, 1), 0);
		assert_int_equal(itable_last_attr(table, ino, &attr), -ESTALE);
		assert_int_equal(itable_attr(table, ino, 0, &attr, &sent),
				 -ENOENT);
		itable_change_begin(table, ino);
		itable_expire(table, ino);
	}
	assert_false(knows(0));
	assert_false(knows(UINT64_MAX));
	assert_false(knows(UINT32_MAX));
	assert_true(is_file(known, 1));
	assert_int_equal(lookups(), 1);
}

static void
a_handle_of_another_type_is_another_object(void **state)
{
	ino_num file = try_enter(ITABLE_ROOT, "a", 1);
	ino_num dir = try_enter_dir(ITABLE_ROOT, "a", 1);

	(void)state;
	assert_int_not_equal(dir, file);
	assert_true(is_file(file, 1));
	assert_true(is_file(dir, 1));
	assert_int_equal(itable_by_name(table, ITABLE_ROOT, "a"), dir);
	assert_int_equal(try_enter_dir(ITABLE_ROOT, "b", 1), dir);
	(void)itable_forget(table, file, 1);
	assert_false(knows(file));
	assert_int_equal(try_enter_dir(ITABLE_ROOT, "b", 1), dir);
	(void)itable_forget(table, dir, 3);
	assert_int_equal(try_inodes(), 1);
}

/* --- names ------------------------------------------------------------------------ */

static void
expect_name(ino_num ino, ino_num parent, const char *name)
{
	char found[NFS_NAME_MAX + 1];
	ino_num found_parent;

	assert_int_equal(itable_name(table, ino, &found_parent, found), 0);
	assert_int_equal(found_parent, parent);
	assert_string_equal(found, name);
}

static void
an_inode_has_every_name_it_was_found_by(void **state)
{
	ino_num dir = try_enter_dir(ITABLE_ROOT, "dir", 9);
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);

	(void)state;
	(void)try_enter(dir, "a", 1);
	(void)try_enter(dir, "b", 1);
	assert_int_equal(itable_by_name(table, ITABLE_ROOT, "a"), a);
	assert_int_equal(itable_by_name(table, dir, "a"), a);
	assert_int_equal(itable_by_name(table, dir, "b"), a);
	assert_int_equal(itable_by_name(table, ITABLE_ROOT, "b"), 0);
	assert_int_equal(itable_by_name(table, a, "a"), 0);
	expect_name(a, dir, "b");
	itable_name_gone(table, dir, "b");
	itable_name_gone(table, dir, "b");
	assert_int_equal(itable_by_name(table, dir, "b"), 0);
	expect_name(a, dir, "a");
	itable_name_gone(table, dir, "a");
	itable_name_gone(table, ITABLE_ROOT, "a");
	assert_true(knows(a));
}

static void
an_inode_without_names_has_none(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	char name[NFS_NAME_MAX + 1] = "untouched";
	ino_num parent = 42;

	(void)state;
	itable_name_gone(table, ITABLE_ROOT, "a");
	assert_int_equal(itable_name(table, a, &parent, name), -ENOENT);
	assert_int_equal(itable_name(table, 4711, &parent, name), -ENOENT);
	assert_int_equal(parent, 42);
	assert_string_equal(name, "untouched");
	itable_renamed(table, a, ITABLE_ROOT, "b");
	expect_name(a, ITABLE_ROOT, "b");
	itable_renamed(table, 4711, ITABLE_ROOT, "c");
	assert_int_equal(itable_by_name(table, ITABLE_ROOT, "c"), 0);
}

static void
a_name_belongs_to_the_file_that_was_found_last(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "name", 1);
	ino_num b = try_enter(ITABLE_ROOT, "name", 2);

	(void)state;
	assert_int_equal(itable_by_name(table, ITABLE_ROOT, "name"), b);
	(void)itable_forget(table, a, 1);
	assert_int_equal(itable_by_name(table, ITABLE_ROOT, "name"), b);
	assert_int_equal(try_enter(ITABLE_ROOT, "new", 2), b);
	itable_renamed(table, b, ITABLE_ROOT, "newer");
	assert_int_equal(itable_by_name(table, ITABLE_ROOT, "newer"), b);
	a = try_enter(ITABLE_ROOT, "a", 1);
	itable_renamed(table, a, ITABLE_ROOT, "newer");
	assert_int_equal(itable_by_name(table, ITABLE_ROOT, "newer"), a);
	expect_name(b, ITABLE_ROOT, "new");
}

static void
the_sixteen_names_found_last_are_remembered(void **state)
{
	uint64_t used;
	char name[16];
	ino_num a = 0;
	int i;

	(void)state;
	for (i = 0; i < 16; i++) {
		(void)snprintf(name, sizeof(name), "name%05d", i);
		a = try_enter(ITABLE_ROOT, name, 1);
	}
	assert_int_equal(itable_by_name(table, ITABLE_ROOT, "name00000"), a);
	used = slab_used(slab);
	for (; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "name%05d", i);
		itable_renamed(table, a, ITABLE_ROOT, name);
	}
	assert_int_equal(slab_used(slab), used);
	assert_int_equal(itable_by_name(table, ITABLE_ROOT, "name00000"), 0);
	assert_int_equal(itable_by_name(table, ITABLE_ROOT, "name00983"), 0);
	assert_int_equal(itable_by_name(table, ITABLE_ROOT, "name00984"), a);
	assert_int_equal(itable_by_name(table, ITABLE_ROOT, "name00999"), a);
	expect_name(a, ITABLE_ROOT, "name00999");
}

static void
the_longest_name_is_whole(void **state)
{
	char name[NFS_NAME_MAX + 1];
	ino_num a;

	(void)state;
	memset(name, 'n', NFS_NAME_MAX);
	name[NFS_NAME_MAX] = '\0';
	a = try_enter(ITABLE_ROOT, name, 1);
	expect_name(a, ITABLE_ROOT, name);
	assert_int_equal(itable_by_name(table, ITABLE_ROOT, name), a);
	name[NFS_NAME_MAX - 1] = 'm';
	assert_int_equal(itable_by_name(table, ITABLE_ROOT, name), 0);
}

static void
a_file_that_was_read_is_replaced_by_another(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	struct nfs_fh same = try_fh(1), other = try_fh(2);

	(void)state;
	assert_false(itable_replaces(table, ITABLE_ROOT, "a", &other));
	itable_was_read(table, a);
	assert_true(itable_replaces(table, ITABLE_ROOT, "a", &other));
	assert_false(itable_replaces(table, ITABLE_ROOT, "a", &same));
	assert_false(itable_replaces(table, ITABLE_ROOT, "b", &other));
	(void)try_enter(ITABLE_ROOT, "a", 2);
	assert_false(itable_replaces(table, ITABLE_ROOT, "a", &same));
}

/* --- names that were checked a moment ago --------------------------------------- */

/* PARENT/"a" is the file 1 by what was asked for at OLDEST or later. */
static int
recent(ino_num parent, ns_t oldest)
{
	struct itable_recent r;
	struct nfs_fh fh = try_fh(1);
	int found = itable_recent(table, parent, "a", oldest, &r);

	assert_true(found == 0 || found == -ENOENT);
	if (found == 0) {
		assert_true(nfs_fh_equal(&r.fh, &fh));
		assert_true(r.checked >= oldest && r.attr_sent >= oldest);
	}
	return found == 0;
}

static ns_t
checked(ino_num parent)
{
	struct itable_recent r;

	(void)itable_recent(table, parent, "a", 0, &r);
	return r.checked;
}

static void
a_name_is_recent_if_it_and_its_attributes_are(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	struct nfs_attr attr = try_attr(1, 1, 1);

	(void)state;
	assert_int_equal(checked(ITABLE_ROOT), 1000);
	assert_false(recent(ITABLE_ROOT, 1)); /* no attributes */
	(void)itable_learn(table, a, &attr, 900);
	assert_true(recent(ITABLE_ROOT, 900));
	assert_false(recent(ITABLE_ROOT, 901));
	(void)itable_learn(table, a, &attr, 2000);
	assert_true(recent(ITABLE_ROOT, 1000));
	assert_false(recent(ITABLE_ROOT, 1001)); /* the name */
	assert_int_equal(checked(4711), 0);
	itable_expire(table, a);
	assert_false(recent(ITABLE_ROOT, 1));
}

static void
a_lookup_that_finds_the_same_confirms_the_name(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	struct nfs_fh same = try_fh(1), other = try_fh(2);
	ino_num found = 0;

	(void)state;
	assert_int_equal(
		itable_confirm(table, ITABLE_ROOT, "a", &same, 3000, &found),
		0);
	assert_int_equal(found, a);
	assert_int_equal(checked(ITABLE_ROOT), 3000);
	assert_int_equal(lookups(), 1);
	/* an older one changes nothing */
	assert_int_equal(
		itable_confirm(table, ITABLE_ROOT, "a", &same, 2000, &found),
		0);
	assert_int_equal(checked(ITABLE_ROOT), 3000);
	assert_int_equal(
		itable_confirm(table, ITABLE_ROOT, "a", &other, 4000, &found),
		-ENOENT);
	assert_int_equal(
		itable_confirm(table, ITABLE_ROOT, "b", &same, 4000, &found),
		-ENOENT);
	assert_int_equal(checked(ITABLE_ROOT), 3000);
}

static void
a_lookup_that_overlapped_our_own_change_of_the_directory_does_not_count(
	void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	struct nfs_attr attr = try_attr(1, 1, 1);
	struct nfs_fh fh = try_fh(1);
	ino_num found;

	(void)state;
	(void)itable_learn(table, a, &attr, 5000);
	itable_change_begin(table, ITABLE_ROOT);
	(void)itable_confirm(table, ITABLE_ROOT, "a", &fh, 1500, &found);
	assert_int_equal(checked(ITABLE_ROOT), 1000);
	assert_false(recent(ITABLE_ROOT, 1)); /* while it is under way */
	clock_fake(2000);
	(void)itable_change_end(table, ITABLE_ROOT, NULL, NULL, 1400);
	assert_false(recent(ITABLE_ROOT, 1)); /* found before the change */
	(void)itable_confirm(table, ITABLE_ROOT, "a", &fh, 1999, &found);
	assert_int_equal(checked(ITABLE_ROOT), 1000);
	assert_false(recent(ITABLE_ROOT, 1));
	(void)itable_confirm(table, ITABLE_ROOT, "a", &fh, 2000, &found);
	assert_true(recent(ITABLE_ROOT, 2000));
}

static void
a_name_is_not_recent_while_its_file_is_changed(void **state)
{
	ino_num a = try_enter(ITABLE_ROOT, "a", 1);
	struct nfs_attr attr = try_attr(1, 1, 1);

	(void)state;
	(void)itable_learn(table, a, &attr, 1000);
	assert_true(recent(ITABLE_ROOT, 1000));
	itable_change_begin(table, a);
	assert_false(recent(ITABLE_ROOT, 1));
	(void)itable_change_end(table, a, &attr, NULL, 1000);
	assert_true(recent(ITABLE_ROOT, 1000));
}

/* --- many ------------------------------------------------------------------------- */

#define MANY 100000u

static void
name_of(unsigned n, char ret[13])
{
	(void)snprintf(ret, 13, "file%08u", n % 100000000);
}

static void
a_hundred_thousand_are_all_found_and_all_freed(void **state)
{
	uint64_t empty = slab_used(slab);
	ino_num *ino = calloc(MANY, sizeof(*ino));
	char name[13];
	unsigned n;

	(void)state;
	assert_non_null(ino);
	for (n = 0; n < MANY; n++) {
		name_of(n, name);
		ino[n] = try_enter(ITABLE_ROOT, name, n + 1);
	}
	assert_int_equal(try_inodes(), MANY + 1);
	print_message("# %u inodes with 12-byte names: %.1f bytes each\n", MANY,
		      (double)(slab_used(slab) - empty) / MANY);
	for (n = 0; n < MANY; n++) {
		name_of(n, name);
		assert_true(is_file(ino[n], n + 1));
		assert_int_equal(itable_by_name(table, ITABLE_ROOT, name),
				 ino[n]);
	}
	for (n = 0; n < MANY; n++) {
		name_of(n, name);
		assert_int_equal(try_enter(ITABLE_ROOT, name, n + 1), ino[n]);
	}
	for (n = 0; n < MANY; n++) {
		(void)itable_forget(table, ino[n], 2);
		assert_false(knows(ino[n]));
	}
	assert_int_equal(try_inodes(), 1);
	assert_int_equal(slab_used(slab), empty);
	free(ino);
}

static void
a_full_slab_is_an_error_and_no_harm(void **state)
{
	struct nfs_fh root = try_fh(0);
	struct slab *small = slab_new(256 << 10);
	struct itable *t = itable_new(small, &root);
	ino_num ino, first = 0;
	struct nfs_fh fh;
	unsigned n;
	int r = 0;

	(void)state;
	assert_non_null(t);
	for (n = 1; r == 0; n++) {
		fh = try_fh(n);
		r = itable_enter(t, ITABLE_ROOT, "a", &fh, S_IFREG, 1, &ino);
		if (first == 0)
			first = ino;
		assert_true(n < 10000);
	}
	assert_int_equal(r, -ENOMEM);
	(void)itable_forget(t, first, 1);
	assert_int_equal(
		itable_enter(t, ITABLE_ROOT, "a", &fh, S_IFREG, 1, &ino), 0);
	assert_int_equal(itable_fh(t, ino, &root), 0);
	assert_true(nfs_fh_equal(&root, &fh));
	itable_free(t);
	slab_free(small);
	itable_free(NULL);
}

static void *
enter_and_forget(void *arg)
{
	unsigned i;

	for (i = 0; i < 3000; i++) {
		struct nfs_fh fh = try_fh(1 + i % 50);
		char name[13];
		ino_num ino;

		name_of(i % 70, name);
		if (itable_enter(table, ITABLE_ROOT, name, &fh, S_IFREG, i + 1,
				 &ino) < 0)
			return table;
		if (itable_forget(table, ino, 1))
			return table;
	}
	return arg;
}

static void
threads_leave_no_lookup_behind(void **state)
{
	uint64_t empty = slab_used(slab);
	pthread_t thread[4];
	void *bad;
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL,
						enter_and_forget, NULL),
				 0);
	for (i = 0; i < 4; i++) {
		(void)pthread_join(thread[i], &bad);
		assert_null(bad);
	}
	assert_int_equal(lookups(), 0);
	assert_int_equal(slab_used(slab), empty);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, try_setup, try_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_handle_has_one_number_by_any_name),
		TEST(handles_differ_by_length_too),
		TEST(an_inode_lives_until_its_last_lookup_is_forgotten),
		TEST(more_forgets_than_lookups_count_for_nobody_else),
		TEST(the_root_stays),
		TEST(a_number_is_never_used_again),
		TEST(a_number_that_is_not_known_is_stale_and_does_no_harm),
		TEST(a_handle_of_another_type_is_another_object),
		TEST(an_inode_has_every_name_it_was_found_by),
		TEST(an_inode_without_names_has_none),
		TEST(a_name_belongs_to_the_file_that_was_found_last),
		TEST(the_sixteen_names_found_last_are_remembered),
		TEST(the_longest_name_is_whole),
		TEST(a_file_that_was_read_is_replaced_by_another),
		TEST(a_name_is_recent_if_it_and_its_attributes_are),
		TEST(a_lookup_that_finds_the_same_confirms_the_name),
		TEST(a_lookup_that_overlapped_our_own_change_of_the_directory_does_not_count),
		TEST(a_name_is_not_recent_while_its_file_is_changed),
		TEST(a_hundred_thousand_are_all_found_and_all_freed),
		TEST(a_full_slab_is_an_error_and_no_harm),
		TEST(threads_leave_no_lookup_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
