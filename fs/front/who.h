/* SPDX-License-Identifier: Apache-2.0
 *
 * who - the supplementary groups of callers, asked of /proc and remembered for
 * a moment.
 *
 * The kernel sends uid, gid and pid with a request; the groups are only in
 * /proc/PID/status, and only if the caller is in our pid namespace.  Without
 * them the server still decides by uid and gid.
 *
 * Threading   each worker has its own.
 */
#ifndef FS_FRONT_WHO_H
#define FS_FRONT_WHO_H

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>

#include "rpc/nfs.h"

struct who;

struct who *who_new(void); /* NULL: no memory */
void who_free(struct who *w);

/* The identity of REQ's caller as AUTH_SYS carries it. */
void who_asks(struct who *w, fuse_req_t req, struct nfs_cred *ret);

#endif
