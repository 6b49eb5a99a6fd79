/* SPDX-License-Identifier: Apache-2.0
 *
 * loop - one thread's events: descriptors, timers, mail from other threads.
 *
 * Callbacks run on the loop's thread, never from inside the function that
 * registered them.  Deferred work runs after all events of one turn, so that
 * what several requests want sent leaves in one system call.
 *
 * Threading   everything but loop_post() and loop_stop(): the loop's thread.
 * Locks       mailbox.
 * Ownership   sources, timers, mail and deferred work belong to the caller and
 *             live as long as they are registered.
 */
#ifndef FS_BASE_LOOP_H
#define FS_BASE_LOOP_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

struct loop;

struct loop_fd {
	int fd;
	void (*fn)(struct loop_fd *src, uint32_t events); /* EPOLL* bits */
};

struct timer {
	ns_t at;
	size_t pos; /* place in the heap + 1, 0 when not set */
	void (*fn)(struct timer *t);
};

struct mail {
	struct mail *next;
	void (*fn)(struct mail *m);
};

struct deferred {
	struct deferred *next;
	int queued;
	void (*fn)(struct deferred *d);
};

struct loop *loop_new(void); /* NULL: errno says why */
void loop_free(struct loop *l);

/* Returns 0 or -errno.  EVENTS: EPOLLIN, EPOLLOUT, EPOLLEXCLUSIVE... */
int loop_add(struct loop *l, struct loop_fd *src, uint32_t events);
int loop_mod(struct loop *l, struct loop_fd *src, uint32_t events);
void loop_del(struct loop *l, struct loop_fd *src);

/* (Re)arm T for the time AT.  Returns 0 or -ENOMEM. */
int timer_set(struct loop *l, struct timer *t, ns_t at);
void timer_clear(struct loop *l, struct timer *t);

/* Run M->fn on L's thread, from any thread.  M is the loop's until then. */
void loop_post(struct loop *l, struct mail *m);

/* Run D->fn once after the events of this turn; a second call is one call. */
void loop_defer(struct loop *l, struct deferred *d);

/* Until loop_stop(), which any thread may call. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

#endif
