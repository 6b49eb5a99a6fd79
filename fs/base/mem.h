/* SPDX-License-Identifier: Apache-2.0
 *
 * mem - cleanup at the end of a scope, and moves out of it.
 *
 * AUTO(x_drop) frees memory, closes descriptors, drops references.  Locks are
 * never released this way: clang's thread-safety analysis for C does not see
 * the attribute.
 */
#ifndef FS_BASE_MEM_H
#define FS_BASE_MEM_H

#include <stdlib.h>
#include <unistd.h>

#define AUTO(drop) __attribute__((cleanup(drop)))

#define container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

static inline void
mem_drop(void *p)
{
	free(*(void **)p);
}

static inline void
fd_drop(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

static inline int
fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
