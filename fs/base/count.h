/* SPDX-License-Identifier: Apache-2.0
 *
 * count - the process's counters; count.def has one line for each.
 *
 * Threading   any thread may add; each thread has a row of its own, so that
 *             counting costs no cache line that another one writes.
 */
#ifndef FS_BASE_COUNT_H
#define FS_BASE_COUNT_H

#include <stddef.h>
#include <stdint.h>

enum count_id {
#define COUNT(name, what) COUNT_##name,
#include "base/count.def"
#undef COUNT
	COUNT_MAX
};

void count_add(enum count_id id, uint64_t n);
#define count(name) count_add(COUNT_##name, 1)

/* The sum over all threads. */
uint64_t count_get(enum count_id id);

/* " name=value" of every counter; what does not fit is cut. */
void count_print(char *buf, size_t size);

#endif
