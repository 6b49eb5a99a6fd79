/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "base/clock.h"

static void
the_clock_does_not_go_backwards(void **state)
{
	ns_t last = clock_now();
	int i;

	(void)state;
	assert_true(last > 0);
	for (i = 0; i < 10000; i++) {
		ns_t now = clock_now();

		assert_true(now >= last);
		last = now;
	}
}

static void
the_clock_counts_nanoseconds_of_monotonic_time(void **state)
{
	struct timespec ts;
	ns_t before, after, now;

	(void)state;
	before = clock_now();
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	after = clock_now();
	now = (ns_t)ts.tv_sec * NS_SEC + ts.tv_nsec;
	assert_true(before <= now && now <= after);
}

static void
a_fake_clock_stands_still_until_it_is_taken_away(void **state)
{
	(void)state;
	clock_fake(5 * NS_SEC);
	assert_int_equal(clock_now(), 5 * NS_SEC);
	assert_int_equal(clock_now(), 5 * NS_SEC);
	clock_fake(5 * NS_SEC + NS_MS);
	assert_int_equal(clock_now(), 5 * NS_SEC + NS_MS);
	clock_fake(0);
	assert_int_not_equal(clock_now(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_clock_does_not_go_backwards),
		cmocka_unit_test(
			the_clock_counts_nanoseconds_of_monotonic_time),
		cmocka_unit_test(
			a_fake_clock_stands_still_until_it_is_taken_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
