/* SPDX-License-Identifier: Apache-2.0
 *
 * dirs - directory streams: what READDIRPLUS answered and the kernel has not
 * taken yet.
 *
 * A stream is known to the kernel by a number and holds nothing that the server
 * could not be asked for again: offsets are the server's cookies.  So a number
 * that is not known (any more) is a stream with nothing read ahead.
 *
 * Threading   any thread; between _take() and _put() a stream has one user.
 * Locks       dirs.
 */
#ifndef FS_META_DIRS_H
#define FS_META_DIRS_H

#include "rpc/nfs.h"

struct dirs;

/* One answer, names included, in storage of its own. */
struct dir_chunk {
	struct nfs_dirent *entries;
	size_t n;
	char *names;
};

struct dir_stream {
	struct dir_stream *next; /* [D] = dirs.lock */
	uint64_t id; /* const; 0: known to nobody else */
	int taken; /* [D] */
	int closed; /* [D] free at _put() */
	/* Its user's. */
	uint64_t verf;
	uint64_t start; /* cookie that CHUNK was asked for with */
	struct dir_chunk chunk;
	size_t hint; /* entry that will probably be asked for next */
	int eof; /* CHUNK is the last */
	ns_t sent;
};

struct dirs *dirs_new(void); /* NULL: no memory */
void dirs_free(struct dirs *d);

/* A new stream's number, or 0 without memory. */
uint64_t dirs_open(struct dirs *d);
void dirs_close(struct dirs *d, uint64_t id);

/* The stream ID for the caller alone; NULL without memory. */
struct dir_stream *dirs_take(struct dirs *d, uint64_t id);
void dirs_put(struct dirs *d, struct dir_stream *s);

/* Forget what was read ahead: the listing begins anew. */
void dir_stream_reset(struct dir_stream *s);

/* Take over a READDIRPLUS answer to the cookie START.  Returns 0 or -ENOMEM. */
int dir_stream_fill(struct dir_stream *s, uint64_t start,
		    const struct nfs_call *c);

/* The index of the entry after the one with cookie OFF (s->chunk.n when the
 * chunk ends there), or -1 when OFF is not in the chunk. */
long dir_stream_find(const struct dir_stream *s, uint64_t off);

#endif
