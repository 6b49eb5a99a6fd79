/* SPDX-License-Identifier: Apache-2.0
 *
 * The checks exist with --enable-lock-debug only; a child dies of each breach.
 */
#include <config.h>

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/lck.h"

static struct lck outer; /* the lower rank */
static struct lck inner;

static int
setup(void **state)
{
	(void)state;
	lck_init(&outer, LCK_itable);
	lck_init(&inner, LCK_slab);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	lck_fini(&outer);
	lck_fini(&inner);
	return 0;
}

static void
locks_taken_in_their_order_are_fine(void **state)
{
	(void)state;
	lck_lock(&outer);
	lck_lock(&inner);
	lck_assert_held(&inner);
	lck_assert_held(&outer);
	lck_unlock(&outer); /* giving back has no order */
	lck_unlock(&inner);
	lck_lock(&outer); /* nothing is held any more */
	lck_unlock(&outer);
}

static unsigned n_added;

static void *
add_many(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < 20000; i++) {
		lck_lock(&outer);
		n_added++;
		lck_unlock(&outer);
	}
	return NULL;
}

static void
only_one_thread_holds_a_lock(void **state)
{
	pthread_t thread[4];
	int i;

	(void)state;
	n_added = 0;
	for (i = 0; i < 4; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, add_many, NULL), 0);
	for (i = 0; i < 4; i++)
		(void)pthread_join(thread[i], NULL);
	assert_int_equal(n_added, 4 * 20000);
}

#ifdef PODFS_LOCK_DEBUG

/* Did FN die of SIGABRT? */
static int
aborts(void (*fn)(void))
{
	const struct rlimit no_core = { 0, 0 };
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)setrlimit(RLIMIT_CORE, &no_core);
		(void)signal(SIGABRT, SIG_DFL);
		(void)close(STDERR_FILENO);
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void
take_backwards(void)
{
	lck_lock(&inner);
	lck_lock(&outer);
}

static void
take_same_rank(void)
{
	struct lck twin;

	lck_init(&twin, LCK_slab);
	lck_lock(&inner);
	lck_lock(&twin);
}

static void
assert_unheld(void)
{
	lck_assert_held(&outer);
}

static void
unlock_unheld(void)
{
	lck_unlock(&outer);
}

static void
a_breach_of_the_order_aborts(void **state)
{
	(void)state;
	assert_true(aborts(take_backwards));
	assert_true(aborts(take_same_rank));
}

static void
a_lock_that_is_not_held_is_noticed(void **state)
{
	(void)state;
	assert_true(aborts(assert_unheld));
	assert_true(aborts(unlock_unheld));
}

#else

static void
a_breach_of_the_order_aborts(void **state)
{
	(void)state;
	skip();
}

static void
a_lock_that_is_not_held_is_noticed(void **state)
{
	(void)state;
	skip();
}

#endif

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(locks_taken_in_their_order_are_fine),
		TEST(only_one_thread_holds_a_lock),
		TEST(a_breach_of_the_order_aborts),
		TEST(a_lock_that_is_not_held_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
