/* SPDX-License-Identifier: Apache-2.0
 *
 * itable_int - the inside of the inode table, for its own files only.
 *
 * itable.c has the entries, the maps and the lookup counts, itable_attr.c the
 * attributes, itable_hide.c what was unlinked while open.
 *
 * Threading   as itable.h.  Locks: the caller of everything here holds t->lock.
 */
#ifndef FS_META_ITABLE_INT_H
#define FS_META_ITABLE_INT_H

#include "base/lck.h"
#include "meta/itable.h"

#define INODE_MAGIC 0x69306e64u

enum inode_flag {
	INODE_TOLD = 1, /* told_* is what the kernel believes */
	INODE_READ = 2, /* the kernel has read data of it */
	INODE_HIDDEN = 4, /* HIDDEN is its only name */
	INODE_FORGOTTEN = 8, /* hidden, and its last forget has come */
	INODE_UNHASHED = 16, /* its handle has become another object */
	INODE_OVERLAP = 32, /* changes of our own overlapped */
};

/* A name that an inode was found by.  Everything is const but the links: [T]. */
struct name {
	slab_ref_t next; /* map by (parent, text) */
	slab_ref_t next_own; /* the inode's next name */
	slab_ref_t inode;
	uint32_t hash;
	ino_num parent;
	ns_t checked; /* when the call that found it was sent, [T] */
	uint16_t len;
	char text[]; /* NUL-ended */
};

/* Everything is [T] = itable.lock; const = set before it is in a map. */
struct inode {
	uint32_t magic; /* const */
	uint32_t gen; /* const: upper half of its number */
	slab_ref_t next_fh; /* map by handle */
	slab_ref_t names; /* newest first; 0 = none */
	uint64_t nlookup; /* owed by the kernel */
	ns_t attr_sent; /* 0: ATTR is not to be trusted */
	ns_t barrier; /* answers to calls sent before are too old */
	uint32_t fh_hash; /* const */
	slab_ref_t hidden; /* its hidden name: a struct name, in no map */
	slab_ref_t hidden_by; /* who unlinked it: a struct nfs_cred */
	uint16_t n_names;
	uint16_t changing; /* changes of our own in flight */
	uint32_t pins; /* hidden names in this directory */
	uint16_t unhidden; /* how many were removed or moved away */
	uint16_t flags; /* enum inode_flag */
	struct nfs_time told_mtime;
	struct nfs_time told_ctime;
	struct nfs_attr attr;
	struct nfs_fh fh; /* const */
};

struct itable {
	struct lck lock;
	struct slab *slab; /* peek, const */
	slab_ref_t *by_fh; /* own, [T] */
	slab_ref_t *by_name; /* own, [T] */
	uint32_t n_buckets; /* [T] a power of two, of both maps */
	uint32_t next_gen; /* [T] */
	slab_ref_t root; /* const */
	uint64_t inodes; /* [T] */
	uint64_t lookups; /* [T] */
	ino_num *hidden; /* own, [T] */
	size_t n_hidden; /* [T] */
	size_t max_hidden; /* [T] */
};

static inline struct inode *
at(const struct itable *t, slab_ref_t ref)
{
	return slab_ptr(t->slab, ref);
}

static inline struct name *
name_at(const struct itable *t, slab_ref_t ref)
{
	return slab_ptr(t->slab, ref);
}

/* The entry of INO, or NULL.  Numbers come from the kernel: input. */
struct inode *itable_get(const struct itable *t, ino_num ino,
			 slab_ref_t *ret_ref);

/* Free the entry REF if nothing holds it. */
void itable_reap(struct itable *t, slab_ref_t ref);

/* A name in no map; 0 without memory. */
slab_ref_t itable_name_new(struct itable *t, slab_ref_t inode, ino_num parent,
			   const char *text);
void itable_name_free(struct itable *t, slab_ref_t ref); /* 0 is a no-op */

/* Take all names of INODE out of the map. */
void itable_drop_names(struct itable *t, slab_ref_t inode);

#endif
