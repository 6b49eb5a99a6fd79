/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/lck.h"
#include "base/loop.h"
#include "base/mem.h"

#define EVENTS_MAX 32

/* [M] = loop.lock; the rest belongs to the loop's thread */
struct loop {
	struct lck lock;
	int epfd; /* own, const */
	struct loop_fd wake; /* the eventfd that loop_post() writes */
	struct mail *mail; /* [M] newest first */
	int stop; /* atomic flag */
	struct timer **heap; /* own; timers are peek */
	size_t n_timers;
	size_t max_timers;
	struct deferred *first; /* peek */
	struct deferred **last;
	struct epoll_event *now; /* events of this turn, NULL between turns */
	int n_now;
};

/* --- timers: a binary heap ---------------------------------------------- */

static void
heap_put(struct loop *l, size_t i, struct timer *t)
{
	l->heap[i] = t;
	t->pos = i + 1;
}

static void
heap_up(struct loop *l, size_t i)
{
	struct timer *t = l->heap[i];

	while (i > 0 && l->heap[(i - 1) / 2]->at > t->at) {
		heap_put(l, i, l->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	heap_put(l, i, t);
}

static void
heap_down(struct loop *l, size_t i)
{
	struct timer *t = l->heap[i];

	for (;;) {
		size_t kid = 2 * i + 1;

		if (kid >= l->n_timers)
			break;
		if (kid + 1 < l->n_timers &&
		    l->heap[kid + 1]->at < l->heap[kid]->at)
			kid++;
		if (l->heap[kid]->at >= t->at)
			break;
		heap_put(l, i, l->heap[kid]);
		i = kid;
	}
	heap_put(l, i, t);
}

int
timer_set(struct loop *l, struct timer *t, ns_t at)
{
	timer_clear(l, t);
	if (l->n_timers == l->max_timers) {
		size_t max = l->max_timers ? 2 * l->max_timers : 64;
		struct timer **heap = realloc(l->heap, max * sizeof(*heap));

		if (heap == NULL)
			return -ENOMEM;
		l->heap = heap;
		l->max_timers = max;
	}
	t->at = at;
	l->heap[l->n_timers] = t;
	t->pos = ++l->n_timers;
	heap_up(l, t->pos - 1);
	return 0;
}

void
timer_clear(struct loop *l, struct timer *t)
{
	size_t i = t->pos - 1;
	struct timer *moved;

	if (t->pos == 0)
		return;
	t->pos = 0;
	moved = l->heap[--l->n_timers];
	if (moved == t)
		return;
	heap_put(l, i, moved);
	heap_up(l, i);
	heap_down(l, moved->pos - 1);
}

static void
run_timers(struct loop *l)
{
	ns_t now = clock_now();

	while (l->n_timers > 0 && l->heap[0]->at <= now) {
		struct timer *t = l->heap[0];

		timer_clear(l, t);
		t->fn(t);
	}
}

/* Milliseconds that epoll may wait, rounded up: a timer is never early. */
static int
wait_time(const struct loop *l)
{
	ns_t left;

	if (l->n_timers == 0)
		return -1;
	left = l->heap[0]->at - clock_now();
	if (left <= 0)
		return 0;
	left = (left + NS_MS - 1) / NS_MS;
	return left > 60000 ? 60000 : (int)left;
}

/* --- mail and deferred work ---------------------------------------------- */

void
loop_post(struct loop *l, struct mail *m)
{
	uint64_t one = 1;

	lck_lock(&l->lock);
	m->next = l->mail;
	l->mail = m;
	lck_unlock(&l->lock);
	(void)!write(l->wake.fd, &one, sizeof(one));
}

static void
run_mail(struct loop *l)
{
	struct mail *in_order = NULL;
	struct mail *m;

	lck_lock(&l->lock);
	m = l->mail;
	l->mail = NULL;
	lck_unlock(&l->lock);
	while (m != NULL) {
		struct mail *next = m->next;

		m->next = in_order;
		in_order = m;
		m = next;
	}
	while (in_order != NULL) {
		m = in_order;
		in_order = m->next;
		m->fn(m);
	}
}

static void
on_wake(struct loop_fd *src, uint32_t events)
{
	uint64_t n;

	(void)events;
	(void)!read(src->fd, &n, sizeof(n));
	run_mail(container_of(src, struct loop, wake));
}

void
loop_defer(struct loop *l, struct deferred *d)
{
	if (d->queued)
		return;
	d->queued = 1;
	d->next = NULL;
	*l->last = d;
	l->last = &d->next;
}

static void
run_deferred(struct loop *l)
{
	while (l->first != NULL) {
		struct deferred *d = l->first;

		l->first = d->next;
		if (l->first == NULL)
			l->last = &l->first;
		d->queued = 0;
		d->fn(d);
	}
}

/* --- the loop -------------------------------------------------------------- */

struct loop *
loop_new(void)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	lck_init(&l->lock, LCK_mailbox);
	l->last = &l->first;
	l->epfd = epoll_create1(EPOLL_CLOEXEC);
	l->wake.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	l->wake.fn = on_wake;
	if (l->epfd < 0 || l->wake.fd < 0 || loop_add(l, &l->wake, EPOLLIN)) {
		loop_free(l);
		return NULL;
	}
	return l;
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	fd_drop(&l->epfd);
	fd_drop(&l->wake.fd);
	free(l->heap);
	lck_fini(&l->lock);
	free(l);
}

static int
loop_ctl(struct loop *l, int op, struct loop_fd *src, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = src };

	return epoll_ctl(l->epfd, op, src->fd, &ev) == 0 ? 0 : -errno;
}

int
loop_add(struct loop *l, struct loop_fd *src, uint32_t events)
{
	return loop_ctl(l, EPOLL_CTL_ADD, src, events);
}

int
loop_mod(struct loop *l, struct loop_fd *src, uint32_t events)
{
	return loop_ctl(l, EPOLL_CTL_MOD, src, events);
}

void
loop_del(struct loop *l, struct loop_fd *src)
{
	int i;

	(void)loop_ctl(l, EPOLL_CTL_DEL, src, 0);
	/* Its events of this turn may still be ahead of us. */
	for (i = 0; l->now != NULL && i < l->n_now; i++)
		if (l->now[i].data.ptr == src)
			l->now[i].data.ptr = NULL;
}

void
loop_run(struct loop *l)
{
	struct epoll_event ev[EVENTS_MAX];

	run_deferred(l); /* of before we ran */
	while (!__atomic_load_n(&l->stop, __ATOMIC_ACQUIRE)) {
		int n, i;

		n = epoll_wait(l->epfd, ev, EVENTS_MAX, wait_time(l));
		l->now = ev;
		l->n_now = n > 0 ? n : 0;
		for (i = 0; i < l->n_now; i++) {
			struct loop_fd *src = ev[i].data.ptr;

			if (src != NULL)
				src->fn(src, ev[i].events);
		}
		l->now = NULL;
		run_timers(l);
		run_deferred(l); /* also in the turn that stops us */
	}
}

void
loop_stop(struct loop *l)
{
	uint64_t one = 1;

	__atomic_store_n(&l->stop, 1,
			 __ATOMIC_RELEASE); /* pairs with loop_run */
	(void)!write(l->wake.fd, &one, sizeof(one));
}
