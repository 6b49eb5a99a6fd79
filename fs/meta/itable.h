/* SPDX-License-Identifier: Apache-2.0
 *
 * itable - the only state of the filesystem: inode number <-> file handle.
 *
 * One entry per file handle.  The number that the kernel knows it by is stable
 * and never used twice; requests carry numbers and copies, not references, so
 * a request may outlive the entry it began with: what it then learns is
 * dropped.  An entry lives while the kernel holds lookups on it (nlookup), or
 * something here pins it, no longer.
 *
 * With each handle go: the names that it was found by (to find a target by
 * name, and to notice that a name has another file now), its attributes and
 * when they were asked for, and what of them the kernel was told last.
 *
 * Attributes age from the moment their call was SENT: the server's answer is
 * at least that young.  A call that overlaps a change of our own may have been
 * answered before it: itable_change_begin() and _end() keep such answers out.
 *
 * Threading   any thread.
 * Locks       itable, slab.  Callbacks: none.  Never blocks, never does I/O.
 * Ownership   everything is copied in and out.
 */
#ifndef FS_META_ITABLE_H
#define FS_META_ITABLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/slab.h"
#include "rpc/nfs.h"

#define ITABLE_ROOT 1u /* FUSE_ROOT_ID */

typedef uint64_t ino_num; /* generation << 32 | slab reference */

struct itable;

/* NULL: no memory.  The slab outlives the table. */
struct itable *itable_new(struct slab *slab, const struct nfs_fh *root);
void itable_free(struct itable *t);

/* The handle of INO, or -ESTALE when it is not known (any more). */
int itable_fh(struct itable *t, ino_num ino, struct nfs_fh *ret);

/* --- names ---------------------------------------------------------------- */

/* PARENT/NAME was found to have this handle, by a call sent at SENT: find or add
 * its inode and count one lookup.  A handle whose type has changed is another
 * object and gets another number.  Returns 0 or -ENOMEM. */
int itable_enter(struct itable *t, ino_num parent, const char *name,
		 const struct nfs_fh *fh, uint32_t mode, ns_t sent,
		 ino_num *ret);

struct itable_recent {
	ns_t checked; /* the name; 0: never.  Set in any case */
	struct nfs_fh fh;
	struct nfs_attr attr;
	ns_t attr_sent;
};

/* What PARENT/NAME is, if both the name and the attributes were asked for at
 * OLDEST or later and no change of our own came in between.  0 or -ENOENT. */
int itable_recent(struct itable *t, ino_num parent, const char *name,
		  ns_t oldest, struct itable_recent *ret);

/* PARENT/NAME was looked up and has the handle that it is known by: its number in
 * *RET.  No lookup is counted.  -ENOENT: it has not, or is not known. */
int itable_confirm(struct itable *t, ino_num parent, const char *name,
		   const struct nfs_fh *fh, ns_t sent, ino_num *ret);

/* True if NAME had another file until now, and that one was read. */
int itable_replaces(struct itable *t, ino_num parent, const char *name,
		    const struct nfs_fh *fh);

/* The inode last found as NAME in PARENT, or 0. */
ino_num itable_by_name(struct itable *t, ino_num parent, const char *name);

/* PARENT/NAME is gone, or is another file: forget who had it. */
void itable_name_gone(struct itable *t, ino_num parent, const char *name);

/* INO is now called PARENT/NAME. */
void itable_renamed(struct itable *t, ino_num ino, ino_num parent,
		    const char *name);

/* The last known name of INO.  Returns 0 or -ENOENT. */
int itable_name(struct itable *t, ino_num ino, ino_num *ret_parent,
		char ret_name[NFS_NAME_MAX + 1]);

/* --- lookup counts ---------------------------------------------------------- */

/* The kernel forgets N lookups.  Returns 1 if that was the last one of a
 * hidden inode (see below), whose name the caller then removes; else 0. */
int itable_forget(struct itable *t, ino_num ino, uint64_t n);

/* --- attributes --------------------------------------------------------------- */

/* The attributes of INO if they were asked for at OLDEST or later. */
int itable_attr(struct itable *t, ino_num ino, ns_t oldest,
		struct nfs_attr *ret, ns_t *ret_sent);

/* A call sent at SENT answered these attributes.  They are kept unless
 * something newer is known.  Returns the time from which the kernel may count
 * them valid: SENT, or 0 (not at all) when a change of our own overlapped. */
ns_t itable_learn(struct itable *t, ino_num ino, const struct nfs_attr *attr,
		  ns_t sent);

/* A call that changes INO is about to be sent. */
void itable_change_begin(struct itable *t, ino_num ino);

/* It was answered; ATTR and WCC if the server gave them.  Returns as
 * itable_learn().  */
ns_t itable_change_end(struct itable *t, ino_num ino,
		       const struct nfs_attr *attr, const struct nfs_wcc *wcc,
		       ns_t sent);

/* One name of INO is gone: its link count and ctime are another. */
void itable_unlinked(struct itable *t, ino_num ino);

/* The attributes of INO as last heard of, however old (its owner, its type).
 * Returns 0 or -ESTALE. */
int itable_last_attr(struct itable *t, ino_num ino, struct nfs_attr *ret);

/* True if INO is a regular file with one link, as far as is known. */
int itable_is_solo(struct itable *t, ino_num ino);

/* What is known of INO is not to be trusted: ask again. */
void itable_expire(struct itable *t, ino_num ino);

/* The kernel is about to be told ATTR, in which a hidden name is counted out of
 * the links.  Returns 1 if it must drop its pages first: the data may have
 * changed (ctime) where the kernel cannot see it (mtime is as before). */
int itable_tell(struct itable *t, ino_num ino, struct nfs_attr *attr);

/* A SETATTR on INO found it as BEFORE says (NULL: the server did not say).
 * Returns 1 if somebody else changed it since the kernel was told: the kernel
 * takes the times of its own SETATTR without dropping pages (fs/fuse/dir.c,
 * fuse_do_setattr).  Before itable_change_end(). */
int itable_suspect(struct itable *t, ino_num ino, const struct nfs_wcc *before);

/* What itable_tell() would return, without telling. */
int itable_unseen(struct itable *t, ino_num ino, const struct nfs_attr *attr);

/* The kernel read data of INO. */
void itable_was_read(struct itable *t, ino_num ino);

/* --- unlinked while open ------------------------------------------------------- */

struct itable_hidden {
	ino_num ino;
	ino_num dir;
	struct nfs_fh dir_fh;
	struct nfs_cred cred; /* who unlinked it */
	int forgotten; /* its removal is under way */
	char name[NFS_NAME_MAX + 1];
};

/* INO now has only the hidden name NAME in DIR: its link count is told less
 * one, and its last forget asks for the removal of that name.  DIR is pinned
 * until itable_removed().  Returns 0 or -ENOMEM. */
int itable_hide(struct itable *t, ino_num ino, ino_num dir, const char *name,
		const struct nfs_cred *cred);

/* The Nth hidden inode (of DIR, or of all when DIR is 0), from 0.
 * Returns 0 or -ENOENT. */
int itable_hidden(struct itable *t, ino_num dir, size_t n,
		  struct itable_hidden *ret);

/* The hidden name of INO: as itable_hidden().  -ENOENT: it is not hidden. */
int itable_hidden_of(struct itable *t, ino_num ino, struct itable_hidden *ret);

/* How many hidden names have left DIR so far: another number than before means
 * that it may be empty now. */
uint32_t itable_unhidden(struct itable *t, ino_num dir);

/* The hidden name of INO is removed: what pinned it is undone. */
void itable_removed(struct itable *t, ino_num ino);

/* --- figures -------------------------------------------------------------------- */

struct itable_stat {
	uint64_t inodes; /* the root included */
	uint64_t lookups; /* owed by the kernel, without the root */
	uint64_t hidden;
};

void itable_stat(struct itable *t, struct itable_stat *ret);

#endif
