/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/lck.h"

#ifdef PODFS_LOCK_DEBUG

#define HELD_MAX 8

static __thread enum lck_rank held[HELD_MAX];
static __thread int n_held;

static const char *
rank_name(enum lck_rank rank)
{
	switch (rank) {
#define LCK_RANK(name, num, what) \
	case LCK_##name:          \
		return #name;
#include "base/lck.def"
#undef LCK_RANK
	}
	return "?";
}

static void
debug_lock(enum lck_rank rank)
{
	if (n_held > 0 && held[n_held - 1] >= rank) {
		fprintf(stderr,
			"podfs: lock order: %s (%d) while holding %s (%d)\n",
			rank_name(rank), (int)rank, rank_name(held[n_held - 1]),
			(int)held[n_held - 1]);
		abort();
	}
	if (n_held == HELD_MAX)
		abort();
	held[n_held++] = rank;
}

static void
debug_unlock(enum lck_rank rank)
{
	int i;

	for (i = n_held - 1; i >= 0 && held[i] != rank; i--)
		;
	if (i < 0)
		abort();
	for (n_held--; i < n_held; i++)
		held[i] = held[i + 1];
}

void
lck_assert_held(const struct lck *l)
{
	if (l->locked && pthread_equal(l->owner, pthread_self()))
		return;
	fprintf(stderr, "podfs: lock %s is not held\n", rank_name(l->rank));
	abort();
}

#else

void
lck_assert_held(const struct lck *l)
{
	(void)l;
}

#endif

void
lck_init(struct lck *l, enum lck_rank rank)
{
	(void)pthread_mutex_init(&l->mutex, NULL);
	l->rank = rank;
	l->locked = 0;
}

void
lck_fini(struct lck *l)
{
	(void)pthread_mutex_destroy(&l->mutex);
}

void
lck_lock(struct lck *l) LCK_TSA(no_thread_safety_analysis)
{
#ifdef PODFS_LOCK_DEBUG
	debug_lock(l->rank);
#endif
	(void)pthread_mutex_lock(&l->mutex);
#ifdef PODFS_LOCK_DEBUG
	l->owner = pthread_self();
	l->locked = 1;
#endif
}

void
lck_unlock(struct lck *l) LCK_TSA(no_thread_safety_analysis)
{
#ifdef PODFS_LOCK_DEBUG
	lck_assert_held(l);
	l->locked = 0;
	debug_unlock(l->rank);
#endif
	(void)pthread_mutex_unlock(&l->mutex);
}

void
lck_wait(struct lck *l, pthread_cond_t *cond)
{
#ifdef PODFS_LOCK_DEBUG
	l->locked = 0;
#endif
	(void)pthread_cond_wait(cond, &l->mutex);
#ifdef PODFS_LOCK_DEBUG
	l->owner = pthread_self();
	l->locked = 1;
#endif
}
