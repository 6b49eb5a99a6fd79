/* SPDX-License-Identifier: Apache-2.0
 *
 * fill - one range of a file, read by as many READs as the server's rtmax asks
 * for, all in flight at once.
 *
 * A range that one READ covers is handed on straight from the RPC's buffer.
 * The server may answer less than asked (RFC 1813 3.3.6): the rest is asked for
 * again.  What ends before the range does ends at the first short part.
 *
 * Threading   the client's loop.
 * Ownership   the caller's storage until DONE; DATA is valid inside DONE only.
 */
#ifndef FS_DATA_FILL_H
#define FS_DATA_FILL_H

#include "rpc/nfs.h"

struct fill_part;

struct fill {
	/* The caller's. */
	void (*done)(struct fill *f);
	struct nfs_client *client; /* peek */
	const struct nfs_cred *cred;
	struct nfs_fh fh;
	uint64_t offset;
	size_t len;
	uint32_t rtmax;
	ns_t deadline; /* 0: op_timeout from now */

	/* What DONE finds. */
	int status; /* 0 or -errno; DATA is nothing then */
	size_t got;
	const char *data;
	int has_attr;
	struct nfs_attr attr; /* after the last part */
	ns_t sent; /* when the call that gave ATTR was sent */

	/* fill.c's own. */
	struct fill_part *parts;
	size_t n_parts;
	size_t open;
	char *buf;
};

/* Returns 0, or -ENOMEM without calling DONE. */
int fill_start(struct fill *f);

#endif
