/* SPDX-License-Identifier: Apache-2.0
 *
 * wback - written data that the server has, but may lose until its COMMIT.
 *
 * A WRITE answered UNSTABLE may be in the server's memory only.  Its bytes stay
 * here until a COMMIT answers with the verifier that the WRITE had; another
 * verifier means that the server restarted in between, and they are written
 * again (RFC 1813 3.3.7, 3.3.21).  A COMMIT is sent by fsync, when a file has
 * many such bytes, and soon after its last write.
 *
 * While a file is written again, new writes to it wait: the old bytes must not
 * overtake them.
 *
 * Threading   any thread; calls that send take the sender's client and loop.
 * Locks       wback.  Never held while sending or calling a waiter.
 * Ownership   waiters belong to the caller until their FN runs, on their loop.
 */
#ifndef FS_DATA_WBACK_H
#define FS_DATA_WBACK_H

#include "base/buf.h"
#include "rpc/nfs.h"

struct wback;

/* Who sends. */
struct wback_io {
	struct nfs_client *client; /* peek */
	struct loop *loop; /* peek */
	uint32_t iomax; /* bytes of one READ or WRITE */
};

struct wback_wait {
	void (*fn)(struct wback_wait *w, int status);
	struct loop *loop;
	int status;
	uint64_t seq;
	int settles; /* takes no error */
	struct mail mail;
	struct wback_wait *next;
};

struct wback *wback_new(uint64_t max_bytes); /* NULL: no memory */
void wback_free(struct wback *w);

/* A change of INO's data (WRITE, or SETATTR of size) wants to begin.  Returns 1:
 * go on, and call wback_end() when it is over.  Returns 0: not now; WAIT->fn
 * runs when it is time to ask again. */
int wback_begin(struct wback *w, uint64_t ino, struct wback_wait *wait);
void wback_end(struct wback *w, const struct wback_io *io, uint64_t ino);

/* How a WRITE of LEN bytes is to be sent: UNSTABLE, or FILE_SYNC when there is
 * no room to keep it. */
enum nfs_stable wback_how(struct wback *w, size_t len);

/* The WRITE C was answered UNSTABLE; its data lies in BUF (a reference is
 * taken).  Between _begin() and _end().  Returns 0 or -ENOMEM: then the data is
 * not kept and may be lost with the server. */
int wback_keep(struct wback *w, uint64_t ino, const struct nfs_call *c,
	       struct buf *buf);

/* The bytes at OFFSET were written and are stable: older ones are history. */
void wback_stable(struct wback *w, uint64_t ino, uint64_t offset, size_t len);

/* A change of our own left the file like AFTER, and found it as BEFORE says
 * (NULL: not known). */
void wback_saw(struct wback *w, uint64_t ino, const struct nfs_wcc *before,
	       const struct nfs_attr *after);

/* A change of our own (a rename) moved its ctime, nobody says where to. */
void wback_unsee(struct wback *w, uint64_t ino);

/* The file now ends at SIZE: what was beyond must not come back. */
void wback_trim(struct wback *w, uint64_t ino, uint64_t size);

/* The file is gone from the server. */
void wback_drop(struct wback *w, uint64_t ino);

/* Everything written to INO so far to stable storage.  Returns 1 when there is
 * nothing to wait for, else 0 and WAIT->fn runs with 0 or the -errno of what
 * could not be made stable since the last time.  With WAIT->settles that error
 * stays for the next fsync. */
int wback_sync(struct wback *w, const struct wback_io *io, uint64_t ino,
	       struct wback_wait *wait);

/* From a timer: COMMIT the files whose last write was before OLDEST.  Returns
 * how many files are left that are not stable. */
unsigned wback_tick(struct wback *w, const struct wback_io *io, ns_t oldest);

/* Bytes kept. */
uint64_t wback_bytes(struct wback *w);

#endif
