/* SPDX-License-Identifier: Apache-2.0
 *
 * lck - mutexes with a rank; lck.def names each and what it protects.
 *
 * With --enable-lock-debug, taking a lock of a rank that is not greater than
 * all ranks held, and lck_assert_held() on one not held, abort with both names.
 *
 * Threading   any.  Locks are held for the length of a hash operation: never
 *             across I/O, a callback, a reply or a log line.
 */
#ifndef FS_BASE_LCK_H
#define FS_BASE_LCK_H

#include <pthread.h>

enum lck_rank {
#define LCK_RANK(name, rank, what) LCK_##name = (rank),
#include "base/lck.def"
#undef LCK_RANK
};

#if defined(__clang__)
#define LCK_TSA(x) __attribute__((x))
#else
#define LCK_TSA(x)
#endif
#define LCK_HOLDS(l) LCK_TSA(exclusive_locks_required(l))

struct LCK_TSA(capability("mutex")) lck {
	pthread_mutex_t mutex;
	enum lck_rank rank;
	pthread_t owner; /* lock debug only; valid while locked */
	int locked; /* lock debug only */
};

void lck_init(struct lck *l, enum lck_rank rank);
void lck_fini(struct lck *l);
void lck_lock(struct lck *l) LCK_TSA(acquire_capability(*l));
void lck_unlock(struct lck *l) LCK_TSA(release_capability(*l));
void lck_assert_held(const struct lck *l);

/* Wait for COND with L held; it is released meanwhile. */
void lck_wait(struct lck *l, pthread_cond_t *cond) LCK_HOLDS(*l);

#endif
