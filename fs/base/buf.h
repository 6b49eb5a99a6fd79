/* SPDX-License-Identifier: Apache-2.0
 *
 * buf - bytes with several readers: one writer until shared, none after.
 *
 * Threading   any thread may take and drop references.
 */
#ifndef FS_BASE_BUF_H
#define FS_BASE_BUF_H

#include <stddef.h>

struct buf {
	unsigned refs; /* atomic; the last put frees */
	size_t len;
	char data[];
};

struct buf *buf_new(size_t len); /* one reference; NULL: no memory */
struct buf *buf_get(struct buf *b);
void buf_put(struct buf *b); /* NULL is a no-op */

#endif
