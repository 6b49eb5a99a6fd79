/* SPDX-License-Identifier: Apache-2.0
 *
 * kept - small files that were fetched together with their lookup.
 *
 * When a name has another file than before, readers will ask for its data at
 * once, and a server that removes the old versions quickly may have removed
 * this one by then (NFSv3 has no open files).  So the data is fetched before
 * the kernel hears of the new file, and kept here for its READs.
 *
 * What is kept serves as long as the inode's attributes are those it was
 * fetched under.  A handful of files: the oldest goes first.
 *
 * Threading   any thread.
 * Locks       kept.
 */
#ifndef FS_DATA_KEPT_H
#define FS_DATA_KEPT_H

#include "base/buf.h"
#include "rpc/nfs.h"

#define KEPT_FILE_MAX (1u << 20) /* bytes of one file */

struct kept;

struct kept *kept_new(size_t max); /* bytes in all; NULL: no memory */
void kept_free(struct kept *k);

/* Keep DATA (the whole file, a reference is taken) for INO under ATTR. */
void kept_put(struct kept *k, uint64_t ino, const struct nfs_attr *attr,
	      struct buf *data);

/* The data of INO if it was fetched under ATTR: a reference, or NULL. */
struct buf *kept_get(struct kept *k, uint64_t ino, const struct nfs_attr *attr);

/* Let go of what is older than OLDEST.  Returns how many files are left. */
unsigned kept_expire(struct kept *k, ns_t oldest);

#endif
