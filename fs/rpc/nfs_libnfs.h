/* SPDX-License-Identifier: Apache-2.0
 *
 * nfs_libnfs - quarantine: the only place that includes libnfs's headers.
 *
 * For nfs_wire.c, nfs_ask.c and nfs_take.c.  libnfs 4 and 5 have
 * rpc_nfs3_*_async(), which return 0 or -1; libnfs 6 and later have
 * rpc_nfs3_*_task(), which return the PDU or NULL.  LIBNFS_CALL() is 0 or -1.
 *
 * Threading   as nfs_wire.h.
 */
#ifndef FS_RPC_NFS_LIBNFS_H
#define FS_RPC_NFS_LIBNFS_H

#include <stdint.h>
#include <sys/time.h>
#include <sys/uio.h>

/* libnfs has an nfs_mount() too. */
#define nfs_mount libnfs_nfs_mount
#include <nfsc/libnfs.h>
#include <nfsc/libnfs-raw.h>
#include <nfsc/libnfs-raw-nfs.h>
#include <nfsc/libnfs-raw-mount.h>
#include <nfsc/libnfs-raw-portmap.h>
#undef nfs_mount

#include "rpc/nfs_wire.h"

#if HAVE_DECL_RPC_NFS3_READ_TASK
#define LIBNFS_CALL(name, ...) (rpc_##name##_task(__VA_ARGS__) ? 0 : -1)
#define LIBNFS_COPIES_WRITES 0
#else
#define LIBNFS_CALL(name, ...) (rpc_##name##_async(__VA_ARGS__) == 0 ? 0 : -1)
#define LIBNFS_COPIES_WRITES 1
#endif

/* nfs_wire.c: what libnfs calls back for every attempt; PRIV is the attempt. */
void wire_reply(struct rpc_context *rpc, int status, void *data, void *priv);

/* nfs_ask.c: encode A->call.  Returns 0 or -errno. */
int ask_send(struct rpc_context *rpc, struct nfs_wire *a);

/* nfs_take.c: the answer RES into A->call.  *ret_garbage is to be freed once
 * DONE has run. */
enum wire_got take_answer(struct nfs_wire *a, const void *res,
			  void **ret_garbage);

#endif
