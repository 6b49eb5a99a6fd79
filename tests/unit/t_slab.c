/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "base/slab.h"

#define MIB (1024u * 1024u)

static int
setup(void **state)
{
	*state = slab_new(16 * MIB);
	return *state == NULL;
}

static int
teardown(void **state)
{
	slab_free(*state);
	return 0;
}

static int
is_filled(const void *obj, int byte, size_t size)
{
	const unsigned char *p = obj;
	size_t i;

	for (i = 0; i < size; i++)
		if (p[i] != (unsigned char)byte)
			return 0;
	return 1;
}

static void
an_object_is_zeroed_also_when_it_was_used_before(void **state)
{
	struct slab *s = *state;
	size_t size;

	for (size = 1; size <= SLAB_OBJ_MAX; size++) {
		slab_ref_t ref = slab_alloc(s, size);

		assert_int_not_equal(ref, 0);
		assert_true(is_filled(slab_ptr(s, ref), 0, size));
		memset(slab_ptr(s, ref), 0xaa, size);
		slab_release(s, ref, size);
	}
}

static void
objects_of_all_sizes_do_not_overlap(void **state)
{
	enum { N = 4000 };
	struct slab *s = *state;
	slab_ref_t *ref = calloc(N, sizeof(*ref));
	size_t i;

	assert_non_null(ref);
	for (i = 0; i < N; i++) {
		size_t size = 1 + i * 37 % SLAB_OBJ_MAX;

		ref[i] = slab_alloc(s, size);
		assert_int_not_equal(ref[i], 0);
		memset(slab_ptr(s, ref[i]), (int)(i % 251), size);
	}
	for (i = 0; i < N; i++) {
		size_t size = 1 + i * 37 % SLAB_OBJ_MAX;

		assert_true(
			is_filled(slab_ptr(s, ref[i]), (int)(i % 251), size));
		slab_release(s, ref[i], size);
	}
	free(ref);
	assert_int_equal(slab_used(s), 0);
}

static void
what_was_given_back_is_used_again(void **state)
{
	struct slab *s = *state;
	slab_ref_t first = slab_alloc(s, 100);
	slab_ref_t again;
	struct stat before, after;
	int i;

	slab_release(s, first, 100);
	again = slab_alloc(s, 100);
	assert_int_equal(again, first);
	slab_release(s, again, 100);
	assert_int_equal(fstat(slab_fd(s), &before), 0);
	for (i = 0; i < 100000; i++) {
		slab_ref_t ref = slab_alloc(s, 512);

		assert_int_not_equal(ref, 0);
		slab_release(s, ref, 512);
	}
	assert_int_equal(fstat(slab_fd(s), &after), 0);
	assert_int_equal(after.st_size, before.st_size);
}

static void
an_object_does_not_move_when_the_slab_grows(void **state)
{
	struct slab *s = *state;
	slab_ref_t ref = slab_alloc(s, 64);
	char *obj = slab_ptr(s, ref);
	int i;

	memset(obj, 0x5a, 64);
	for (i = 0; i < 20000; i++)
		assert_int_not_equal(slab_alloc(s, 512), 0);
	assert_ptr_equal(slab_ptr(s, ref), obj);
	assert_true(is_filled(obj, 0x5a, 64));
}

static void
a_full_slab_says_so_and_stays_within_its_bound(void **state)
{
	struct slab *s = slab_new(2 * MIB);
	slab_ref_t last = 0;
	slab_ref_t ref;
	struct stat st;
	unsigned n = 0;

	(void)state;
	assert_non_null(s);
	while ((ref = slab_alloc(s, 256)) != 0) {
		last = ref;
		n++;
		assert_true(n <= 2 * MIB / 256);
	}
	assert_true(n > 1 * MIB / 256);
	assert_true(slab_used(s) <= 2 * MIB);
	assert_int_equal(fstat(slab_fd(s), &st), 0);
	assert_true(st.st_size <= 2 * MIB);
	assert_int_equal(slab_alloc(s, 16), 0);
	slab_release(s, last, 256);
	assert_int_equal(slab_alloc(s, 256), last);
	slab_free(s);
}

static void
another_mapping_of_the_file_sees_the_objects(void **state)
{
	struct slab *s = *state;
	slab_ref_t ref = slab_alloc(s, 192);
	struct stat st;
	char *map;

	memset(slab_ptr(s, ref), 0x77, 192);
	assert_int_equal(fstat(slab_fd(s), &st), 0);
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, slab_fd(s),
		   0);
	assert_ptr_not_equal(map, MAP_FAILED);
	assert_true(is_filled(map + (uint64_t)ref * 16, 0x77, 192));
	(void)munmap(map, (size_t)st.st_size);
}

static void
only_numbers_of_pages_in_use_are_valid(void **state)
{
	struct slab *s = *state;
	slab_ref_t ref;

	assert_false(slab_valid(s, 0));
	assert_false(slab_valid(s, 1)); /* the head's page */
	assert_false(slab_valid(s, UINT32_MAX));
	ref = slab_alloc(s, 32);
	assert_true(slab_valid(s, ref));
	assert_false(slab_valid(s, ref + 1 * MIB / 16));
}

static void
what_cannot_be_had_is_refused(void **state)
{
	struct slab *s = *state;

	assert_int_equal(slab_alloc(s, SLAB_OBJ_MAX + 1), 0);
	assert_null(slab_new(0));
	slab_release(s, 0, 16);
	slab_free(NULL);
	assert_int_equal(slab_used(s), 0);
}

static void *
alloc_and_check(void *arg)
{
	enum { N = 64, ROUNDS = 2000 };
	struct slab *s = arg;
	slab_ref_t ref[N] = { 0 };
	uintptr_t bad = 0;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		slab_ref_t *slot = &ref[i * 7 % N];

		if (*slot != 0) {
			slab_ref_t *obj = slab_ptr(s, *slot);

			bad += *obj != *slot;
			slab_release(s, *slot, 128);
		}
		*slot = slab_alloc(s, 128);
		*(slab_ref_t *)slab_ptr(s, *slot) = *slot;
	}
	for (i = 0; i < N; i++)
		slab_release(s, ref[i], 128);
	return (void *)bad;
}

static void
threads_never_get_the_same_object(void **state)
{
	struct slab *s = *state;
	pthread_t thread[4];
	void *bad;
	int i;

	for (i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, alloc_and_check, s),
			0);
	for (i = 0; i < 4; i++) {
		(void)pthread_join(thread[i], &bad);
		assert_null(bad);
	}
	assert_int_equal(slab_used(s), 0);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_object_is_zeroed_also_when_it_was_used_before),
		TEST(objects_of_all_sizes_do_not_overlap),
		TEST(what_was_given_back_is_used_again),
		TEST(an_object_does_not_move_when_the_slab_grows),
		TEST(a_full_slab_says_so_and_stays_within_its_bound),
		TEST(another_mapping_of_the_file_sees_the_objects),
		TEST(only_numbers_of_pages_in_use_are_valid),
		TEST(what_cannot_be_had_is_refused),
		TEST(threads_never_get_the_same_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
