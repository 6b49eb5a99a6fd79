/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <stdio.h>

#include "base/count.h"

#define ROWS 16 /* threads that count; more share the last row */

static struct {
	uint64_t n[COUNT_MAX];
} __attribute__((aligned(128))) rows[ROWS];

static unsigned next_row;
static __thread unsigned my_row; /* row + 1, 0 before the first count */

static const char *const names[COUNT_MAX] = {
#define COUNT(name, what) #name,
#include "base/count.def"
#undef COUNT
};

void
count_add(enum count_id id, uint64_t n)
{
	if (my_row == 0) {
		my_row = __atomic_add_fetch(&next_row, 1, __ATOMIC_RELAXED);
		if (my_row > ROWS)
			my_row = ROWS;
	}
	/* Atomic for readers and for a shared last row; pairs with nothing. */
	(void)__atomic_add_fetch(&rows[my_row - 1].n[id], n, __ATOMIC_RELAXED);
}

uint64_t
count_get(enum count_id id)
{
	uint64_t sum = 0;
	unsigned i;

	for (i = 0; i < ROWS; i++)
		sum += __atomic_load_n(&rows[i].n[id], __ATOMIC_RELAXED);
	return sum;
}

void
count_print(char *buf, size_t size)
{
	size_t at = 0;
	unsigned i;

	if (size > 0)
		buf[0] = '\0';
	for (i = 0; i < COUNT_MAX && at < size; i++) {
		uint64_t n = count_get((enum count_id)i);
		int len;

		len = snprintf(buf + at, size - at, " %s=%llu", names[i],
			       (unsigned long long)n);
		if (len < 0)
			return;
		at += (size_t)len;
	}
}
