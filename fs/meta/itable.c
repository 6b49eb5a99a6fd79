/* SPDX-License-Identifier: Apache-2.0
 *
 * Entries live on the slab and refer to each other by slab reference, so that
 * the slab is the whole state.  The two hash maps and the list of hidden inodes
 * are ours alone: they can be made anew from the entries.
 *
 * One lock covers it all.  It is held for the length of a hash operation, some
 * hundred nanoseconds, a few times per request, against tens of microseconds of
 * system calls that each request costs: with at most a few workers there is
 * nothing to win by shards, and the order of updates stays obvious.
 */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "meta/itable_int.h"

#define BUCKETS_MIN 1024u
/* Others may rename a file again and again: the oldest names go. */
#define NAMES_MAX 16u

/* --- entries and numbers -------------------------------------------------- */

static ino_num
number(const struct itable *t, slab_ref_t ref)
{
	if (ref == t->root)
		return ITABLE_ROOT;
	return (ino_num)at(t, ref)->gen << 32 | ref;
}

struct inode *
itable_get(const struct itable *t, ino_num ino, slab_ref_t *ret_ref)
{
	slab_ref_t ref = (slab_ref_t)ino;
	struct inode *i;

	if (ino == ITABLE_ROOT)
		ref = t->root;
	else if (!slab_valid(t->slab, ref))
		return NULL;
	i = at(t, ref);
	if (i->magic != INODE_MAGIC ||
	    (ino != ITABLE_ROOT && i->gen != (uint32_t)(ino >> 32)))
		return NULL;
	if (ret_ref != NULL)
		*ret_ref = ref;
	return i;
}

static uint32_t
hash_fh(const struct nfs_fh *fh)
{
	return (uint32_t)XXH3_64bits(fh->data, fh->len);
}

static uint32_t
hash_name(ino_num parent, const char *name, size_t len)
{
	return (uint32_t)XXH3_64bits_withSeed(name, len, parent);
}

/* --- the two maps ---------------------------------------------------------- */

static void
link_fh(struct itable *t, slab_ref_t ref)
{
	struct inode *i = at(t, ref);
	slab_ref_t *head = &t->by_fh[i->fh_hash & (t->n_buckets - 1)];

	i->next_fh = *head;
	*head = ref;
}

static void
unlink_fh(struct itable *t, slab_ref_t ref)
{
	struct inode *i = at(t, ref);
	slab_ref_t *p = &t->by_fh[i->fh_hash & (t->n_buckets - 1)];

	while (*p != 0 && *p != ref)
		p = &at(t, *p)->next_fh;
	if (*p == ref)
		*p = i->next_fh;
}

static void
link_name(struct itable *t, slab_ref_t ref)
{
	struct name *n = name_at(t, ref);
	slab_ref_t *head = &t->by_name[n->hash & (t->n_buckets - 1)];

	n->next = *head;
	*head = ref;
}

slab_ref_t
itable_name_new(struct itable *t, slab_ref_t inode, ino_num parent,
		const char *text)
{
	size_t len = strlen(text);
	slab_ref_t ref = slab_alloc(t->slab, sizeof(struct name) + len + 1);
	struct name *n;

	if (ref == 0)
		return 0;
	n = name_at(t, ref);
	n->inode = inode;
	n->parent = parent;
	n->hash = hash_name(parent, text, len);
	n->len = (uint16_t)len;
	memcpy(n->text, text, len + 1);
	return ref;
}

void
itable_name_free(struct itable *t, slab_ref_t ref)
{
	if (ref != 0)
		slab_release(t->slab, ref,
			     sizeof(struct name) + name_at(t, ref)->len + 1);
}

/* Take the name REF out of the map and from its inode. */
static void
drop_name(struct itable *t, slab_ref_t ref)
{
	struct name *n = name_at(t, ref);
	struct inode *i = at(t, n->inode);
	slab_ref_t *p = &t->by_name[n->hash & (t->n_buckets - 1)];

	while (*p != 0 && *p != ref)
		p = &name_at(t, *p)->next;
	if (*p == ref)
		*p = n->next;
	p = &i->names;
	while (*p != 0 && *p != ref)
		p = &name_at(t, *p)->next_own;
	if (*p == ref) {
		*p = n->next_own;
		i->n_names--;
	}
	itable_name_free(t, ref);
}

void
itable_drop_names(struct itable *t, slab_ref_t inode)
{
	while (at(t, inode)->names != 0)
		drop_name(t, at(t, inode)->names);
}

static void
drop_oldest_name(struct itable *t, slab_ref_t inode)
{
	slab_ref_t ref = at(t, inode)->names;

	while (name_at(t, ref)->next_own != 0)
		ref = name_at(t, ref)->next_own;
	drop_name(t, ref);
}

/* Without memory the inode goes without: a name is a hint. */
static void
add_name(struct itable *t, slab_ref_t inode, ino_num parent, const char *text)
{
	slab_ref_t ref = itable_name_new(t, inode, parent, text);
	struct inode *i = at(t, inode);

	if (ref == 0)
		return;
	name_at(t, ref)->next_own = i->names;
	i->names = ref;
	link_name(t, ref);
	if (++i->n_names > NAMES_MAX)
		drop_oldest_name(t, inode);
}

static slab_ref_t
find_fh(const struct itable *t, const struct nfs_fh *fh, uint32_t hash)
{
	slab_ref_t ref = t->by_fh[hash & (t->n_buckets - 1)];

	while (ref != 0 && !(at(t, ref)->fh_hash == hash &&
			     nfs_fh_equal(&at(t, ref)->fh, fh)))
		ref = at(t, ref)->next_fh;
	return ref;
}

static slab_ref_t
find_name(const struct itable *t, ino_num parent, const char *text)
{
	size_t len = strlen(text);
	uint32_t hash = hash_name(parent, text, len);
	slab_ref_t ref = t->by_name[hash & (t->n_buckets - 1)];

	for (; ref != 0; ref = name_at(t, ref)->next) {
		const struct name *n = name_at(t, ref);

		if (n->hash == hash && n->parent == parent && n->len == len &&
		    memcmp(n->text, text, len) == 0)
			break;
	}
	return ref;
}

/* The inode that was found as PARENT/TEXT last, or 0. */
static slab_ref_t
named(const struct itable *t, ino_num parent, const char *text)
{
	slab_ref_t ref = find_name(t, parent, text);

	return ref == 0 ? 0 : name_at(t, ref)->inode;
}

/* Double both maps.  Without memory they stay as they are, only slower. */
static void
grow(struct itable *t)
{
	uint32_t old = t->n_buckets;
	slab_ref_t *fh = calloc(2 * (size_t)old, sizeof(*fh));
	slab_ref_t *name = calloc(2 * (size_t)old, sizeof(*name));
	slab_ref_t *old_fh = t->by_fh;
	slab_ref_t *old_name = t->by_name;
	uint32_t b;

	if (fh == NULL || name == NULL) {
		free(fh);
		free(name);
		return;
	}
	t->by_fh = fh;
	t->by_name = name;
	t->n_buckets = 2 * old;
	for (b = 0; b < old; b++) {
		slab_ref_t ref, next;

		for (ref = old_fh[b]; ref != 0; ref = next) {
			next = at(t, ref)->next_fh;
			link_fh(t, ref);
		}
		for (ref = old_name[b]; ref != 0; ref = next) {
			next = name_at(t, ref)->next;
			link_name(t, ref);
		}
	}
	free(old_fh);
	free(old_name);
}

/* --- life and death --------------------------------------------------------- */

static slab_ref_t
add(struct itable *t, const struct nfs_fh *fh, uint32_t hash)
{
	slab_ref_t ref = slab_alloc(t->slab, sizeof(struct inode));
	struct inode *i;

	if (ref == 0)
		return 0;
	i = at(t, ref);
	i->gen = ++t->next_gen;
	if (i->gen == 0) /* numbers below 2^32 are the root's */
		i->gen = ++t->next_gen;
	i->fh = *fh;
	i->fh_hash = hash;
	i->magic = INODE_MAGIC;
	link_fh(t, ref);
	if (++t->inodes > t->n_buckets)
		grow(t);
	return ref;
}

void
itable_reap(struct itable *t, slab_ref_t ref)
{
	struct inode *i = at(t, ref);

	if (i->nlookup > 0 || i->pins > 0 || ref == t->root ||
	    (i->flags & INODE_HIDDEN))
		return;
	itable_drop_names(t, ref);
	if (!(i->flags & INODE_UNHASHED))
		unlink_fh(t, ref);
	i->magic = 0;
	t->inodes--;
	slab_release(t->slab, ref, sizeof(*i));
}

struct itable *
itable_new(struct slab *slab, const struct nfs_fh *root)
{
	struct itable *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	lck_init(&t->lock, LCK_itable);
	t->slab = slab;
	t->n_buckets = BUCKETS_MIN;
	t->by_fh = calloc(t->n_buckets, sizeof(*t->by_fh));
	t->by_name = calloc(t->n_buckets, sizeof(*t->by_name));
	if (t->by_fh != NULL && t->by_name != NULL)
		t->root = add(t, root, hash_fh(root));
	if (t->root == 0) {
		itable_free(t);
		return NULL;
	}
	return t;
}

void
itable_free(struct itable *t)
{
	if (t == NULL)
		return;
	free(t->by_fh);
	free(t->by_name);
	free(t->hidden);
	lck_fini(&t->lock);
	free(t);
}

int
itable_fh(struct itable *t, ino_num ino, struct nfs_fh *ret)
{
	struct inode *i;

	lck_lock(&t->lock);
	i = itable_get(t, ino, NULL);
	if (i != NULL)
		*ret = i->fh;
	lck_unlock(&t->lock);
	return i != NULL ? 0 : -ESTALE;
}

/* --- names -------------------------------------------------------------------- */

/* PARENT/NAME is REF's from now on, not another's. */
static void
take_name(struct itable *t, ino_num parent, const char *name, slab_ref_t ref)
{
	slab_ref_t old = find_name(t, parent, name);

	if (old != 0 && name_at(t, old)->inode == ref)
		return;
	if (old != 0)
		drop_name(t, old);
	add_name(t, ref, parent, name);
}

/* PARENT/NAME was looked up by a call sent at SENT, which counts unless a change
 * of our own in PARENT overlapped. */
static void
check_name(struct itable *t, ino_num parent, const char *name, ns_t sent)
{
	const struct inode *d = itable_get(t, parent, NULL);
	slab_ref_t ref = find_name(t, parent, name);

	if (d != NULL && ref != 0 && d->changing == 0 && sent >= d->barrier &&
	    sent > name_at(t, ref)->checked)
		name_at(t, ref)->checked = sent;
}

int
itable_enter(struct itable *t, ino_num parent, const char *name,
	     const struct nfs_fh *fh, uint32_t mode, ns_t sent, ino_num *ret)
{
	uint32_t hash = hash_fh(fh);
	int r = -ENOMEM;
	slab_ref_t ref;

	lck_lock(&t->lock);
	ref = find_fh(t, fh, hash);
	if (ref != 0 && ref != t->root && at(t, ref)->attr.mode != 0 &&
	    (at(t, ref)->attr.mode & S_IFMT) != (mode & S_IFMT)) {
		unlink_fh(t, ref); /* another object by the old handle */
		at(t, ref)->flags |= INODE_UNHASHED;
		ref = 0;
	}
	if (ref == 0)
		ref = add(t, fh, hash);
	if (ref == 0)
		goto out;
	take_name(t, parent, name, ref);
	check_name(t, parent, name, sent);
	at(t, ref)->nlookup++;
	if (ref != t->root)
		t->lookups++;
	if (at(t, ref)->attr.mode == 0)
		at(t, ref)->attr.mode = mode;
	*ret = number(t, ref);
	r = 0;
out:
	lck_unlock(&t->lock);
	return r;
}

int
itable_recent(struct itable *t, ino_num parent, const char *name, ns_t oldest,
	      struct itable_recent *ret)
{
	const struct inode *d, *i;
	const struct name *n;
	slab_ref_t ref;
	int r = -ENOENT;

	lck_lock(&t->lock);
	ret->checked = 0;
	d = itable_get(t, parent, NULL);
	ref = find_name(t, parent, name);
	if (d == NULL || ref == 0)
		goto out;
	n = name_at(t, ref);
	i = at(t, n->inode);
	ret->checked = n->checked;
	if (d->changing > 0 || i->changing > 0 || n->checked < d->barrier ||
	    n->checked < oldest || i->attr_sent < oldest)
		goto out;
	ret->fh = i->fh;
	ret->attr = i->attr;
	ret->attr_sent = i->attr_sent;
	r = 0;
out:
	lck_unlock(&t->lock);
	return r;
}

int
itable_confirm(struct itable *t, ino_num parent, const char *name,
	       const struct nfs_fh *fh, ns_t sent, ino_num *ret)
{
	slab_ref_t ref;
	int r = -ENOENT;

	lck_lock(&t->lock);
	ref = named(t, parent, name);
	if (ref != 0 && nfs_fh_equal(&at(t, ref)->fh, fh)) {
		check_name(t, parent, name, sent);
		*ret = number(t, ref);
		r = 0;
	}
	lck_unlock(&t->lock);
	return r;
}

int
itable_replaces(struct itable *t, ino_num parent, const char *name,
		const struct nfs_fh *fh)
{
	slab_ref_t ref;
	int r;

	lck_lock(&t->lock);
	ref = named(t, parent, name);
	r = ref != 0 && (at(t, ref)->flags & INODE_READ) &&
	    !nfs_fh_equal(&at(t, ref)->fh, fh);
	lck_unlock(&t->lock);
	return r;
}

ino_num
itable_by_name(struct itable *t, ino_num parent, const char *name)
{
	slab_ref_t ref;
	ino_num ino;

	lck_lock(&t->lock);
	ref = named(t, parent, name);
	ino = ref == 0 ? 0 : number(t, ref);
	lck_unlock(&t->lock);
	return ino;
}

void
itable_name_gone(struct itable *t, ino_num parent, const char *name)
{
	slab_ref_t ref;

	lck_lock(&t->lock);
	ref = find_name(t, parent, name);
	if (ref != 0)
		drop_name(t, ref);
	lck_unlock(&t->lock);
}

void
itable_renamed(struct itable *t, ino_num ino, ino_num parent, const char *name)
{
	slab_ref_t ref;

	lck_lock(&t->lock);
	if (itable_get(t, ino, &ref) != NULL)
		take_name(t, parent, name, ref);
	lck_unlock(&t->lock);
}

int
itable_name(struct itable *t, ino_num ino, ino_num *ret_parent,
	    char ret_name[NFS_NAME_MAX + 1])
{
	const struct inode *i;
	int r = -ENOENT;

	lck_lock(&t->lock);
	i = itable_get(t, ino, NULL);
	if (i != NULL && i->names != 0) {
		const struct name *n = name_at(t, i->names);

		memcpy(ret_name, n->text, (size_t)n->len + 1);
		*ret_parent = n->parent;
		r = 0;
	}
	lck_unlock(&t->lock);
	return r;
}

/* --- lookup counts --------------------------------------------------------------- */

int
itable_forget(struct itable *t, ino_num ino, uint64_t n)
{
	struct inode *i;
	slab_ref_t ref;
	int last_hidden = 0;

	lck_lock(&t->lock);
	i = itable_get(t, ino, &ref);
	if (i == NULL || ref == t->root)
		goto out;
	if (n > i->nlookup)
		n = i->nlookup;
	i->nlookup -= n;
	t->lookups -= n;
	if (i->nlookup == 0 && (i->flags & INODE_HIDDEN) &&
	    !(i->flags & INODE_FORGOTTEN)) {
		i->flags |= INODE_FORGOTTEN;
		last_hidden = 1;
	}
	itable_reap(t, ref);
out:
	lck_unlock(&t->lock);
	return last_hidden;
}

/* --- figures --- */

void
itable_stat(struct itable *t, struct itable_stat *ret)
{
	lck_lock(&t->lock);
	ret->inodes = t->inodes;
	ret->lookups = t->lookups;
	ret->hidden = t->n_hidden;
	lck_unlock(&t->lock);
}
