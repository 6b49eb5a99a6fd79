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

#include "base/count.h"

#define THREADS 24 /* more than there are rows */
#define TIMES 5000

static void
a_counter_counts_what_is_added(void **state)
{
	uint64_t before = count_get(COUNT_read_bytes);

	(void)state;
	count(read_bytes);
	count_add(COUNT_read_bytes, 99);
	assert_int_equal(count_get(COUNT_read_bytes) - before, 100);
}

static void
counting_one_leaves_the_others_alone(void **state)
{
	uint64_t before = count_get(COUNT_write_bytes);

	(void)state;
	count_add(COUNT_read_bytes, 7);
	assert_int_equal(count_get(COUNT_write_bytes), before);
}

static void *
count_much(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < TIMES; i++)
		count(ops_started);
	return NULL;
}

static void
no_count_of_any_thread_is_lost(void **state)
{
	uint64_t before = count_get(COUNT_ops_started);
	pthread_t thread[THREADS];
	int i;

	(void)state;
	for (i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, count_much, NULL), 0);
	for (i = 0; i < THREADS; i++)
		(void)pthread_join(thread[i], NULL);
	assert_int_equal(count_get(COUNT_ops_started) - before,
			 (uint64_t)THREADS * TIMES);
}

static void
the_print_names_what_was_counted(void **state)
{
	char buf[4096];
	char want[64];

	(void)state;
	count(bad_names);
	(void)snprintf(want, sizeof(want), " bad_names=%llu",
		       (unsigned long long)count_get(COUNT_bad_names));
	count_print(buf, sizeof(buf));
	assert_non_null(strstr(buf, want));
}

static void
a_print_into_a_small_buffer_is_cut_not_overrun(void **state)
{
	char buf[32];
	size_t size;

	(void)state;
	count(bad_names);
	for (size = 1; size < 24; size++) {
		memset(buf, 'x', sizeof(buf));
		count_print(buf, size);
		assert_non_null(memchr(buf, '\0', size));
		assert_int_equal(buf[size], 'x');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_counter_counts_what_is_added),
		cmocka_unit_test(counting_one_leaves_the_others_alone),
		cmocka_unit_test(no_count_of_any_thread_is_lost),
		cmocka_unit_test(the_print_names_what_was_counted),
		cmocka_unit_test(
			a_print_into_a_small_buffer_is_cut_not_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
