/* SPDX-License-Identifier: Apache-2.0
 *
 * notify - what we tell the kernel unasked, from a thread of its own.
 *
 * Dropping pages waits for pages that a READ in flight has locked, and dropping
 * a name waits for a directory that a LOOKUP in flight holds.  Workers answer
 * those, so only this thread may wait, and it holds nothing of ours meanwhile
 * (libfuse doc/README.notifications; design.md section 4).
 *
 * Threading   any thread.
 * Locks       notify.
 */
#ifndef FS_FRONT_NOTIFY_H
#define FS_FRONT_NOTIFY_H

#include "base/loop.h"
#include "meta/itable.h"

struct fuse_session;
struct notify;

struct notify *notify_new(void); /* NULL: no memory */

/* SE carries the messages; it outlives notify_stop(). */
int notify_start(struct notify *n, struct fuse_session *se);
void notify_stop(struct notify *n); /* what is queued is dropped */
void notify_free(struct notify *n);

/* Drop the pages of INO, then post DONE to LOOP.  Returns 0, or -ENOMEM and DONE
 * is not posted. */
int notify_inval_data(struct notify *n, ino_num ino, struct loop *loop,
		      struct mail *done);

/* PARENT/NAME is gone: the kernel lets go of what it had by that name.  Best
 * effort. */
void notify_drop_name(struct notify *n, ino_num parent, const char *name);

/* PARENT/NAME must be looked up again.  Best effort. */
void notify_expire_name(struct notify *n, ino_num parent, const char *name);

#endif
