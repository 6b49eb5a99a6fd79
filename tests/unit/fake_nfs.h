/* SPDX-License-Identifier: Apache-2.0
 *
 * fake_nfs - nfs_submit() and nfs_cancel() for tests that answer by hand.
 *
 * Calls queue up here in the order of their sending; a test takes one, fills in
 * the answer and gives it back.  For programs that need nothing else of
 * fs/rpc/nfs_client.c.
 *
 * Threading   the test's own thread only.
 */
#ifndef TESTS_UNIT_FAKE_NFS_H
#define TESTS_UNIT_FAKE_NFS_H

#include "rpc/nfs.h"

/* Forget all calls, and what was sent so far. */
void fake_nfs_reset(void);

/* One letter for each call since the reset: G(ETATTR) R(EAD) C(OMMIT), W(RITE)
 * or F when it is to be FILE_SYNC, ? for others. */
const char *fake_nfs_sent(void);

/* Calls that are not answered. */
unsigned fake_nfs_open(void);

/* The Nth of them, from 0; it stays. */
const struct nfs_call *fake_nfs_peek(unsigned n);

/* The same, taken out, without results of an earlier sending. */
struct nfs_call *fake_nfs_take(unsigned n);

/* Answer C, which was taken. */
void fake_nfs_done(struct nfs_call *c, int status);

#endif
