/* SPDX-License-Identifier: Apache-2.0
 *
 * clock - monotonic time in nanoseconds, which a test may set by hand.
 *
 * Threading   any thread; clock_fake() only before threads start.
 */
#ifndef FS_BASE_CLOCK_H
#define FS_BASE_CLOCK_H

#include <stdint.h>

typedef int64_t ns_t;

#define NS_MS ((ns_t)1000000)
#define NS_SEC ((ns_t)1000000000)
#define NS_NEVER INT64_MAX

/* CLOCK_MONOTONIC, or what clock_fake() said last. */
ns_t clock_now(void);

/* Tests: from now on the clock stands at NOW; 0 gives the real one back. */
void clock_fake(ns_t now);

#endif
