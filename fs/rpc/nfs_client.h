/* SPDX-License-Identifier: Apache-2.0
 *
 * nfs_client - what the other files of rpc/ need of the client.
 *
 * Threading   as nfs.h.
 */
#ifndef FS_RPC_NFS_CLIENT_H
#define FS_RPC_NFS_CLIENT_H

#include "rpc/nfs.h"

/* Mounting: a connection that cannot be made answers all calls at once, with
 * the reason (-ECONNREFUSED...), and so does a program that is not there
 * (-EPROTONOSUPPORT). */
void nfs_client_fail_fast(struct nfs_client *cl);

/* C->status is final: run DONE. */
void nfs_call_end(struct nfs_call *c);

/* nfs_replay.c: C was sent twice and the answer may be that of the second
 * sending.  Returns 1 if it is looked into: nfs_call_end() follows.  0: it is
 * as it stands (or was corrected on the spot). */
int nfs_replay_check(struct nfs_call *c);

/* Stop looking.  No-op if nothing is open. */
void nfs_replay_drop(struct nfs_call *c);

/* The call in question if C is a question, or C itself. */
struct nfs_call *nfs_replay_of(struct nfs_call *c);

#endif
