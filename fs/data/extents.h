/* SPDX-License-Identifier: Apache-2.0
 *
 * extents - the ranges of one file whose bytes are kept, none over another.
 *
 * A new range cuts what is under it out of the older ones, so at any offset
 * there is the newest byte or none.
 *
 * Threading   the owner's lock.
 * Ownership   each extent holds a reference on the buffer its bytes lie in.
 */
#ifndef FS_DATA_EXTENTS_H
#define FS_DATA_EXTENTS_H

#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"

struct extent {
	TAILQ_ENTRY(extent) link;
	uint64_t offset;
	size_t len;
	uint64_t seq; /* the owner's: order of writing */
	uint64_t verf; /* the owner's: verifier of the answer */
	int lost; /* the owner's: the server has nothing there */
	const char *data;
	struct buf *buf; /* own */
};

TAILQ_HEAD(extent_list, extent);

struct extents {
	struct extent_list list; /* by offset */
	unsigned n;
	uint64_t bytes;
};

void extents_init(struct extents *x);
void extents_clear(struct extents *x);

/* Put [OFFSET, OFFSET + LEN) in, at DATA inside BUF (a reference is taken), over
 * what is there.  Returns it, or NULL without memory. */
struct extent *extents_put(struct extents *x, uint64_t offset, size_t len,
			   struct buf *buf, const char *data);

/* Take [OFFSET, END) out.  Returns 0 or -ENOMEM. */
int extents_cut(struct extents *x, uint64_t offset, uint64_t end);

/* Make two of E, the first LEN bytes long.  Returns 0 or -ENOMEM. */
int extents_split(struct extents *x, struct extent *e, size_t len);

void extents_del(struct extents *x, struct extent *e);

#endif
