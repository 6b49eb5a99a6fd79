/* SPDX-License-Identifier: Apache-2.0
 *
 * nfs_err - what the server's status codes are called here; the only place.
 *
 * Codes that mean something beyond their text:
 *   -EBADE       BAD_COOKIE: the listing must start again
 *   -EAGAIN      NOT_SYNC: the guard of a SETATTR did not match
 *   -ESTALE      STALE and BADHANDLE
 *   -EOPNOTSUPP  the server does not have the procedure or the type
 *   -EIO         also everything we do not know
 * JUKEBOX never gets here: the client waits and asks again.
 *
 * Threading   any.
 */
#ifndef FS_RPC_NFS_ERR_H
#define FS_RPC_NFS_ERR_H

#include <stdint.h>

#define NFS_STAT_JUKEBOX 10008

/* 0 or -errno for an nfsstat3. */
int nfs_err(uint32_t stat);

/* 0 or -errno for a mountstat3, and its name ("MNT3ERR_ACCES"). */
int nfs_err_mount(uint32_t stat);
const char *nfs_err_mount_name(uint32_t stat);

#endif
