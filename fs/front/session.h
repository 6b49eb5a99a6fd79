/* SPDX-License-Identifier: Apache-2.0
 *
 * session - the kernel's side: the mount, the fuse descriptors, their sessions.
 *
 * The mount has one connection to the kernel.  Each worker reads it through a
 * clone of the descriptor with a libfuse session of its own.  The kernel sends
 * FUSE_INIT once; the first session answers it, the others are primed with the
 * same bytes (the kernel refuses their answers with ENOENT, which libfuse
 * ignores).
 *
 * Threading   start-up and end: the main thread.  Each session serves on its
 *             worker's loop in between.
 */
#ifndef FS_FRONT_SESSION_H
#define FS_FRONT_SESSION_H

#include "base/err.h"
#include "front/fs.h"

struct fuse_session;

struct session_opts {
	const char *source; /* shown as the mount's source */
	const char *mountpoint; /* absolute */
	const char *mount_opts; /* "noatime,exec", or "" */
	int allow_other;
	int debug;
};

/* Mount, answer FUSE_INIT and give every worker of FS its session.  Returns 0
 * or -errno; on failure nothing is mounted. */
int session_mount(struct fs *fs, const struct session_opts *opts,
		  struct err *err);

/* Detach the mount point (it may be in use).  Returns 0 or -errno. */
int session_unmount(struct fs *fs, const char *mountpoint);

/* After the workers were joined. */
void session_free_all(struct fs *fs);

struct fuse_session *session_fuse(struct session *s);

#endif
