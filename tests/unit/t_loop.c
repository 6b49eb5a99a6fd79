/* SPDX-License-Identifier: Apache-2.0
 *
 * What the callbacks did is written into a record that the tests compare.
 */
#include <config.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/loop.h"
#include "base/mem.h"

static struct loop *loop;
static char record[256];

static void
note(char what)
{
	size_t len = strlen(record);

	assert_true(len + 1 < sizeof(record));
	record[len] = what;
	record[len + 1] = '\0';
}

static int
setup(void **state)
{
	(void)state;
	clock_fake(0);
	record[0] = '\0';
	loop = loop_new();
	return loop == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	loop_free(loop);
	clock_fake(0);
	return 0;
}

/* --- timers ---------------------------------------------------------------- */

struct named_timer {
	struct timer timer;
	char name;
	ns_t fired;
};

static void
on_timer(struct timer *t)
{
	struct named_timer *n = container_of(t, struct named_timer, timer);

	n->fired = clock_now();
	note(n->name);
	if (n->name == '!')
		loop_stop(loop);
}

static struct named_timer
named(char name)
{
	return (struct named_timer){ .timer = { .fn = on_timer },
				     .name = name };
}

static void
timers_fire_in_the_order_of_their_times(void **state)
{
	struct named_timer a = named('a'), b = named('b'), c = named('c');
	struct named_timer end = named('!');

	(void)state;
	clock_fake(100);
	assert_int_equal(timer_set(loop, &end.timer, 99), 0);
	assert_int_equal(timer_set(loop, &b.timer, 50), 0);
	assert_int_equal(timer_set(loop, &c.timer, 70), 0);
	assert_int_equal(timer_set(loop, &a.timer, 10), 0);
	assert_string_equal(record, "");
	loop_run(loop);
	assert_string_equal(record, "abc!");
}

static void
a_timer_set_again_fires_once_at_its_new_time(void **state)
{
	struct named_timer a = named('a'), b = named('b'), end = named('!');

	(void)state;
	clock_fake(100);
	(void)timer_set(loop, &a.timer, 10);
	(void)timer_set(loop, &b.timer, 20);
	(void)timer_set(loop, &a.timer, 30);
	(void)timer_set(loop, &end.timer, 40);
	loop_run(loop);
	assert_string_equal(record, "ba!");
}

static void
a_cleared_timer_does_not_fire(void **state)
{
	struct named_timer a = named('a'), b = named('b'), end = named('!');

	(void)state;
	clock_fake(100);
	(void)timer_set(loop, &a.timer, 10);
	(void)timer_set(loop, &b.timer, 20);
	(void)timer_set(loop, &end.timer, 30);
	timer_clear(loop, &a.timer);
	timer_clear(loop, &a.timer); /* twice is once */
	loop_run(loop);
	assert_string_equal(record, "b!");
}

static struct named_timer *victim;

static void
on_clear_other(struct timer *t)
{
	(void)t;
	note('x');
	timer_clear(loop, &victim->timer);
}

static void
a_timer_may_clear_another_that_is_due(void **state)
{
	struct named_timer x = named('x'), v = named('v'), end = named('!');

	(void)state;
	clock_fake(100);
	victim = &v;
	x.timer.fn = on_clear_other;
	(void)timer_set(loop, &x.timer, 10);
	(void)timer_set(loop, &v.timer, 20);
	(void)timer_set(loop, &end.timer, 30);
	loop_run(loop);
	assert_string_equal(record, "x!");
}

static void
a_timer_is_never_early(void **state)
{
	struct named_timer end = named('!');
	ns_t at = clock_now() + 20 * NS_MS + 1;

	(void)state;
	(void)timer_set(loop, &end.timer, at);
	loop_run(loop);
	assert_true(end.fired >= at);
}

/* Property: whatever was set, set again and cleared, the rest fires in order. */
static ns_t last_at;
static unsigned n_fired;

static void
on_ordered(struct timer *t)
{
	assert_true(t->at >= last_at);
	last_at = t->at;
	n_fired++;
}

static void
many_timers_fire_in_order_whatever_was_cleared(void **state)
{
	enum { N = 1000 };
	struct timer *t = calloc(N, sizeof(*t));
	struct named_timer end = named('!');
	unsigned seed = 12345;
	unsigned set = 0;
	unsigned i;

	(void)state;
	assert_non_null(t);
	clock_fake(1000000);
	for (i = 0; i < N; i++)
		t[i].fn = on_ordered;
	for (i = 0; i < 10 * N; i++) {
		struct timer *one = &t[(unsigned)rand_r(&seed) % N];

		if (rand_r(&seed) % 3 == 0)
			timer_clear(loop, one);
		else
			(void)timer_set(loop, one, rand_r(&seed) % 900000);
	}
	for (i = 0; i < N; i++)
		set += t[i].pos != 0;
	last_at = 0;
	n_fired = 0;
	(void)timer_set(loop, &end.timer, 999999);
	loop_run(loop);
	assert_int_equal(n_fired, set);
	free(t);
}

/* --- mail ------------------------------------------------------------------- */

struct letter {
	struct mail mail;
	char name;
};

static pthread_t reader;

static void
on_mail(struct mail *m)
{
	struct letter *l = container_of(m, struct letter, mail);

	assert_true(pthread_equal(reader, pthread_self()));
	note(l->name);
	if (l->name == '!')
		loop_stop(loop);
}

static void *
post_all(void *arg)
{
	struct letter *l = arg;

	for (; l->name != '\0'; l++)
		loop_post(loop, &l->mail);
	return NULL;
}

static void
mail_of_another_thread_arrives_here_in_its_order(void **state)
{
	struct letter letters[] = {
		{ { NULL, on_mail }, 'a' }, { { NULL, on_mail }, 'b' },
		{ { NULL, on_mail }, 'c' }, { { NULL, on_mail }, '!' },
		{ { NULL, NULL }, '\0' },
	};
	pthread_t thread;

	(void)state;
	reader = pthread_self();
	assert_int_equal(pthread_create(&thread, NULL, post_all, letters), 0);
	loop_run(loop);
	(void)pthread_join(thread, NULL);
	assert_string_equal(record, "abc!");
}

static unsigned n_mails;

static void
on_counted(struct mail *m)
{
	(void)m;
	if (++n_mails == 4 * 500)
		loop_stop(loop);
}

static void *
post_many(void *arg)
{
	struct mail *m = arg;
	int i;

	for (i = 0; i < 500; i++) {
		m[i].fn = on_counted;
		loop_post(loop, &m[i]);
	}
	return NULL;
}

static void
no_mail_of_any_thread_is_lost(void **state)
{
	struct mail *m = calloc(4 * 500, sizeof(*m));
	pthread_t thread[4];
	int i;

	(void)state;
	assert_non_null(m);
	n_mails = 0;
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, post_many,
						m + 500 * i),
				 0);
	loop_run(loop);
	for (i = 0; i < 4; i++)
		(void)pthread_join(thread[i], NULL);
	assert_int_equal(n_mails, 4 * 500);
	free(m);
}

static void *
stop_it(void *arg)
{
	loop_stop(arg);
	return NULL;
}

static void
another_thread_may_stop_the_loop(void **state)
{
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, stop_it, loop), 0);
	loop_run(loop);
	(void)pthread_join(thread, NULL);
}

/* --- deferred work and descriptors -------------------------------------------- */

static void
on_deferred(struct deferred *d)
{
	(void)d;
	note('d');
}

static struct deferred work = { .fn = on_deferred };

static void
on_defer_timer(struct timer *t)
{
	(void)t;
	note('t');
	loop_defer(loop, &work);
	loop_defer(loop, &work);
}

static void
deferred_work_runs_once_and_after_the_events(void **state)
{
	struct named_timer a = named('a'), b = named('b'), end = named('!');

	(void)state;
	clock_fake(100);
	a.timer.fn = on_defer_timer;
	b.timer.fn = on_defer_timer;
	(void)timer_set(loop, &a.timer, 10);
	(void)timer_set(loop, &b.timer, 20);
	(void)timer_set(loop, &end.timer, 30);
	loop_run(loop);
	assert_string_equal(record, "tt!d");
}

static void
on_again(struct deferred *d)
{
	note('d');
	if (strlen(record) < 3)
		loop_defer(loop, d);
}

static void
deferred_work_may_defer_itself_again(void **state)
{
	struct deferred d = { .fn = on_again };
	struct named_timer end = named('!');

	(void)state;
	clock_fake(100);
	loop_defer(loop, &d);
	(void)timer_set(loop, &end.timer, 10);
	loop_run(loop);
	assert_string_equal(record, "ddd!");
}

struct pipe_end {
	struct loop_fd src;
	struct pipe_end *other;
	int write_fd;
};

static void
pipe_open(struct pipe_end *p, struct pipe_end *other,
	  void (*fn)(struct loop_fd *src, uint32_t events))
{
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	p->src.fd = fds[0];
	p->src.fn = fn;
	p->other = other;
	p->write_fd = fds[1];
	assert_int_equal(loop_add(loop, &p->src, EPOLLIN), 0);
	assert_int_equal(write(p->write_fd, "x", 1), 1);
}

static void
pipe_close(struct pipe_end *p)
{
	(void)close(p->src.fd);
	(void)close(p->write_fd);
}

static void
on_readable(struct loop_fd *src, uint32_t events)
{
	char c;

	assert_true(events & EPOLLIN);
	assert_int_equal(read(src->fd, &c, 1), 1);
	note('r');
	loop_stop(loop);
}

static void
a_readable_descriptor_is_told_from_the_loop_only(void **state)
{
	struct pipe_end a;

	(void)state;
	pipe_open(&a, NULL, on_readable);
	assert_string_equal(record, "");
	loop_run(loop);
	assert_string_equal(record, "r");
	loop_del(loop, &a.src);
	pipe_close(&a);
}

static void
on_delete_other(struct loop_fd *src, uint32_t events)
{
	struct pipe_end *p = container_of(src, struct pipe_end, src);

	(void)events;
	note('r');
	loop_del(loop, &p->other->src);
	loop_stop(loop);
}

static void
a_source_deleted_in_this_turn_is_not_called(void **state)
{
	struct pipe_end a, b;

	(void)state;
	pipe_open(&a, &b, on_delete_other);
	pipe_open(&b, &a, on_delete_other);
	loop_run(loop);
	assert_string_equal(record, "r"); /* whichever came first */
	pipe_close(&a);
	pipe_close(&b);
}

static void
a_descriptor_that_cannot_be_watched_is_refused(void **state)
{
	struct loop_fd bad = { .fd = -1, .fn = on_readable };

	(void)state;
	assert_true(loop_add(loop, &bad, EPOLLIN) < 0);
	loop_free(NULL);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(timers_fire_in_the_order_of_their_times),
		TEST(a_timer_set_again_fires_once_at_its_new_time),
		TEST(a_cleared_timer_does_not_fire),
		TEST(a_timer_may_clear_another_that_is_due),
		TEST(a_timer_is_never_early),
		TEST(many_timers_fire_in_order_whatever_was_cleared),
		TEST(mail_of_another_thread_arrives_here_in_its_order),
		TEST(no_mail_of_any_thread_is_lost),
		TEST(another_thread_may_stop_the_loop),
		TEST(deferred_work_runs_once_and_after_the_events),
		TEST(deferred_work_may_defer_itself_again),
		TEST(a_readable_descriptor_is_told_from_the_loop_only),
		TEST(a_source_deleted_in_this_turn_is_not_called),
		TEST(a_descriptor_that_cannot_be_watched_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
