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

#include "base/lck.h"
#include "meta/itable.h"

#define INODE_MAGIC 0x69306e64u
#define BUCKETS_MIN 1024u
/* Others may rename a file again and again: the oldest names go. */
#define NAMES_MAX 16u

enum inode_flag {
	INODE_TOLD = 1,      /* told_* is what the kernel believes */
	INODE_READ = 2,      /* the kernel has read data of it */
	INODE_HIDDEN = 4,    /* HIDDEN is its only name */
	INODE_FORGOTTEN = 8, /* hidden, and its last forget has come */
	INODE_UNHASHED = 16, /* its handle has become another object */
	INODE_OVERLAP = 32,  /* changes of our own overlapped */
};

/* A name that an inode was found by.  Everything is const but the links: [T]. */
struct name {
	slab_ref_t next;     /* map by (parent, text) */
	slab_ref_t next_own; /* the inode's next name */
	slab_ref_t inode;
	uint32_t hash;
	ino_num parent;
	uint16_t len;
	char text[]; /* NUL-ended */
};

/* Everything is [T] = itable.lock; const = set before it is in a map. */
struct inode {
	uint32_t magic;         /* const */
	uint32_t gen;           /* const: upper half of its number */
	slab_ref_t next_fh;     /* map by handle */
	slab_ref_t names;       /* newest first; 0 = none */
	uint64_t nlookup;       /* owed by the kernel */
	ns_t attr_sent;         /* 0: ATTR is not to be trusted */
	ns_t barrier;           /* answers to calls sent before are too old */
	uint32_t fh_hash;       /* const */
	slab_ref_t hidden;      /* its hidden name: a struct name, in no map */
	slab_ref_t hidden_by;   /* who unlinked it: a struct nfs_cred */
	uint16_t n_names;
	uint16_t changing;      /* changes of our own in flight */
	uint32_t pins;          /* hidden names in this directory */
	uint16_t unhidden;      /* how many were removed or moved away */
	uint16_t flags;         /* enum inode_flag */
	struct nfs_time told_mtime;
	struct nfs_time told_ctime;
	uint64_t told_size;
	struct nfs_attr attr;
	struct nfs_fh fh;       /* const */
};

struct itable {
	struct lck lock;
	struct slab *slab;      /* peek, const */
	slab_ref_t *by_fh;      /* own, [T] */
	slab_ref_t *by_name;    /* own, [T] */
	uint32_t n_buckets;     /* [T] a power of two, of both maps */
	uint32_t next_gen;      /* [T] */
	slab_ref_t root;        /* const */
	uint64_t inodes;        /* [T] */
	uint64_t lookups;       /* [T] */
	ino_num *hidden;        /* own, [T] */
	size_t n_hidden;        /* [T] */
	size_t max_hidden;      /* [T] */
};

/* --- entries and numbers -------------------------------------------------- */

static struct inode *
at(const struct itable *t, slab_ref_t ref)
{
	return slab_ptr(t->slab, ref);
}

static ino_num
number(const struct itable *t, slab_ref_t ref)
{
	if (ref == t->root)
		return ITABLE_ROOT;
	return (ino_num)at(t, ref)->gen << 32 | ref;
}

/* The entry of INO, or NULL.  Numbers come from the kernel: input. */
static struct inode *
get(const struct itable *t, ino_num ino, slab_ref_t *ret_ref)
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

static struct name *
name_at(const struct itable *t, slab_ref_t ref)
{
	return slab_ptr(t->slab, ref);
}

static void
link_name(struct itable *t, slab_ref_t ref)
{
	struct name *n = name_at(t, ref);
	slab_ref_t *head = &t->by_name[n->hash & (t->n_buckets - 1)];

	n->next = *head;
	*head = ref;
}

static slab_ref_t
name_new(struct itable *t, slab_ref_t inode, ino_num parent, const char *text)
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

static void
name_free(struct itable *t, slab_ref_t ref)
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
	name_free(t, ref);
}

static void
drop_names(struct itable *t, slab_ref_t inode)
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
	slab_ref_t ref = name_new(t, inode, parent, text);
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

static void
reap(struct itable *t, slab_ref_t ref)
{
	struct inode *i = at(t, ref);

	if (i->nlookup > 0 || i->pins > 0 || ref == t->root ||
	    (i->flags & INODE_HIDDEN))
		return;
	drop_names(t, ref);
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
	i = get(t, ino, NULL);
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

int
itable_enter(struct itable *t, ino_num parent, const char *name,
	     const struct nfs_fh *fh, uint32_t mode, ino_num *ret)
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
	if (get(t, ino, &ref) != NULL)
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
	i = get(t, ino, NULL);
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
	i = get(t, ino, &ref);
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
	reap(t, ref);
out:
	lck_unlock(&t->lock);
	return last_hidden;
}

/* --- attributes ------------------------------------------------------------------- */

static int
time_equal(const struct nfs_time *a, const struct nfs_time *b)
{
	return a->sec == b->sec && a->nsec == b->nsec;
}

int
itable_attr(struct itable *t, ino_num ino, ns_t oldest, struct nfs_attr *ret,
	    ns_t *ret_sent)
{
	struct inode *i;
	int r = -ENOENT;

	lck_lock(&t->lock);
	i = get(t, ino, NULL);
	if (i != NULL && i->attr_sent != 0 && i->attr_sent >= oldest &&
	    i->changing == 0) {
		*ret = i->attr;
		*ret_sent = i->attr_sent;
		r = 0;
	}
	lck_unlock(&t->lock);
	return r;
}

ns_t
itable_learn(struct itable *t, ino_num ino, const struct nfs_attr *attr,
	     ns_t sent)
{
	ns_t valid = 0;
	struct inode *i;

	lck_lock(&t->lock);
	i = get(t, ino, NULL);
	if (i != NULL && i->changing == 0 && sent >= i->barrier) {
		valid = sent;
		if (sent >= i->attr_sent) {
			i->attr = *attr;
			i->attr_sent = sent;
		}
	}
	lck_unlock(&t->lock);
	return valid;
}

void
itable_change_begin(struct itable *t, ino_num ino)
{
	struct inode *i;

	lck_lock(&t->lock);
	i = get(t, ino, NULL);
	if (i != NULL && i->changing++ > 0)
		i->flags |= INODE_OVERLAP;
	lck_unlock(&t->lock);
}

ns_t
itable_change_end(struct itable *t, ino_num ino, const struct nfs_attr *attr,
		  const struct nfs_wcc *wcc, ns_t sent)
{
	ns_t valid = 0;
	struct inode *i;
	int overlap;

	lck_lock(&t->lock);
	i = get(t, ino, NULL);
	if (i == NULL)
		goto out;
	if (i->changing > 0)
		i->changing--;
	i->barrier = clock_now();
	i->attr_sent = 0;
	/* Of changes that overlapped nobody knows which the server made last. */
	overlap = (i->flags & INODE_OVERLAP) != 0;
	if (i->changing == 0)
		i->flags &= (uint16_t)~INODE_OVERLAP;
	if (attr == NULL || overlap)
		goto out;
	/* Only our own change moved ctime: the kernel's pages are right. */
	if (wcc != NULL && time_equal(&wcc->ctime, &i->told_ctime))
		i->told_ctime = attr->ctime;
	i->attr = *attr;
	i->attr_sent = sent;
	valid = sent;
out:
	lck_unlock(&t->lock);
	return valid;
}

void
itable_expire(struct itable *t, ino_num ino)
{
	struct inode *i;

	lck_lock(&t->lock);
	i = get(t, ino, NULL);
	if (i != NULL)
		i->attr_sent = 0;
	lck_unlock(&t->lock);
}

void
itable_unlinked(struct itable *t, ino_num ino)
{
	struct inode *i;

	lck_lock(&t->lock);
	i = get(t, ino, NULL);
	if (i != NULL) {
		i->attr_sent = 0;
		i->barrier = clock_now();
		if (i->attr.nlink > 0)
			i->attr.nlink--;
	}
	lck_unlock(&t->lock);
}

int
itable_last_attr(struct itable *t, ino_num ino, struct nfs_attr *ret)
{
	const struct inode *i;

	lck_lock(&t->lock);
	i = get(t, ino, NULL);
	if (i != NULL)
		*ret = i->attr;
	lck_unlock(&t->lock);
	return i != NULL ? 0 : -ESTALE;
}

int
itable_is_solo(struct itable *t, ino_num ino)
{
	const struct inode *i;
	int solo;

	lck_lock(&t->lock);
	i = get(t, ino, NULL);
	solo = i != NULL && S_ISREG(i->attr.mode) && i->attr.nlink <= 1;
	lck_unlock(&t->lock);
	return solo;
}

static int
is_unseen(const struct inode *i, const struct nfs_attr *attr)
{
	return S_ISREG(attr->mode) && (i->flags & INODE_TOLD) &&
	       !time_equal(&attr->ctime, &i->told_ctime) &&
	       time_equal(&attr->mtime, &i->told_mtime) &&
	       attr->size == i->told_size;
}

int
itable_unseen(struct itable *t, ino_num ino, const struct nfs_attr *attr)
{
	const struct inode *i;
	int unseen;

	lck_lock(&t->lock);
	i = get(t, ino, NULL);
	unseen = i != NULL && is_unseen(i, attr);
	lck_unlock(&t->lock);
	return unseen;
}

int
itable_tell(struct itable *t, ino_num ino, struct nfs_attr *attr)
{
	struct inode *i;
	int unseen = 0;

	lck_lock(&t->lock);
	i = get(t, ino, NULL);
	if (i == NULL)
		goto out;
	unseen = is_unseen(i, attr);
	i->told_ctime = attr->ctime;
	i->told_mtime = attr->mtime;
	i->told_size = attr->size;
	i->flags |= INODE_TOLD;
	if ((i->flags & INODE_HIDDEN) && attr->nlink > 0)
		attr->nlink--;
out:
	lck_unlock(&t->lock);
	return unseen;
}

void
itable_was_read(struct itable *t, ino_num ino)
{
	struct inode *i;

	lck_lock(&t->lock);
	i = get(t, ino, NULL);
	if (i != NULL)
		i->flags |= INODE_READ;
	lck_unlock(&t->lock);
}

/* --- unlinked while open --------------------------------------------------------------- */

static int
hidden_add(struct itable *t, ino_num ino)
{
	if (t->n_hidden == t->max_hidden) {
		size_t max = t->max_hidden ? 2 * t->max_hidden : 16;
		ino_num *all = realloc(t->hidden, max * sizeof(*all));

		if (all == NULL)
			return -ENOMEM;
		t->hidden = all;
		t->max_hidden = max;
	}
	t->hidden[t->n_hidden++] = ino;
	return 0;
}

static void
hidden_del(struct itable *t, ino_num ino)
{
	size_t n;

	for (n = 0; n < t->n_hidden && t->hidden[n] != ino; n++)
		;
	if (n < t->n_hidden)
		t->hidden[n] = t->hidden[--t->n_hidden];
}

static void
unpin(struct itable *t, ino_num dir)
{
	slab_ref_t ref;
	struct inode *d = get(t, dir, &ref);

	if (d != NULL && d->pins > 0) {
		d->pins--;
		d->unhidden++;
		reap(t, ref);
	}
}

/* Undo what itable_hide() did to I but the count of hidden inodes. */
static void
unhide(struct itable *t, struct inode *i)
{
	ino_num dir = name_at(t, i->hidden)->parent;

	name_free(t, i->hidden);
	slab_release(t->slab, i->hidden_by, sizeof(struct nfs_cred));
	i->hidden = 0;
	i->hidden_by = 0;
	unpin(t, dir);
}

int
itable_hide(struct itable *t, ino_num ino, ino_num dir, const char *name,
	    const struct nfs_cred *cred)
{
	slab_ref_t ref = 0, text, by;
	struct inode *i, *d;
	int r = -ENOMEM;

	lck_lock(&t->lock);
	i = get(t, ino, &ref);
	d = get(t, dir, NULL);
	text = name_new(t, ref, dir, name);
	by = slab_alloc(t->slab, sizeof(*cred));
	if (i == NULL || d == NULL || text == 0 || by == 0 ||
	    (!(i->flags & INODE_HIDDEN) && hidden_add(t, ino) < 0)) {
		name_free(t, text);
		slab_release(t->slab, by, sizeof(*cred));
		goto out;
	}
	d->pins++;
	if (i->flags & INODE_HIDDEN)
		unhide(t, i); /* it moves */
	memcpy(slab_ptr(t->slab, by), cred, sizeof(*cred));
	i->hidden = text;
	i->hidden_by = by;
	i->flags |= INODE_HIDDEN;
	i->attr_sent = 0;
	drop_names(t, ref);
	r = 0;
out:
	lck_unlock(&t->lock);
	return r;
}

static int
hidden_get(const struct itable *t, ino_num ino, struct itable_hidden *ret)
{
	const struct inode *i = get(t, ino, NULL);
	const struct inode *d;
	const struct name *n;

	if (i == NULL || !(i->flags & INODE_HIDDEN))
		return -ENOENT;
	n = name_at(t, i->hidden);
	d = get(t, n->parent, NULL);
	if (d == NULL)
		return -ENOENT;
	ret->ino = ino;
	ret->dir = n->parent;
	ret->dir_fh = d->fh;
	ret->forgotten = (i->flags & INODE_FORGOTTEN) != 0;
	memcpy(&ret->cred, slab_ptr(t->slab, i->hidden_by), sizeof(ret->cred));
	memcpy(ret->name, n->text, (size_t)n->len + 1);
	return 0;
}

int
itable_hidden(struct itable *t, ino_num dir, size_t n,
	      struct itable_hidden *ret)
{
	int r = -ENOENT;
	size_t k;

	lck_lock(&t->lock);
	for (k = 0; k < t->n_hidden && r < 0; k++) {
		const struct inode *i = get(t, t->hidden[k], NULL);

		if (i == NULL ||
		    (dir != 0 && name_at(t, i->hidden)->parent != dir) ||
		    n-- > 0)
			continue;
		r = hidden_get(t, t->hidden[k], ret);
	}
	lck_unlock(&t->lock);
	return r;
}

int
itable_hidden_of(struct itable *t, ino_num ino, struct itable_hidden *ret)
{
	int r;

	lck_lock(&t->lock);
	r = hidden_get(t, ino, ret);
	lck_unlock(&t->lock);
	return r;
}

uint32_t
itable_unhidden(struct itable *t, ino_num dir)
{
	const struct inode *d;
	uint32_t n;

	lck_lock(&t->lock);
	d = get(t, dir, NULL);
	n = d != NULL ? d->unhidden : 0;
	lck_unlock(&t->lock);
	return n;
}

void
itable_removed(struct itable *t, ino_num ino)
{
	struct inode *i;
	slab_ref_t ref;

	lck_lock(&t->lock);
	i = get(t, ino, &ref);
	if (i != NULL && (i->flags & INODE_HIDDEN)) {
		hidden_del(t, ino);
		i->flags &= (uint16_t)~(INODE_HIDDEN | INODE_FORGOTTEN);
		unhide(t, i);
		reap(t, ref);
	}
	lck_unlock(&t->lock);
}

void
itable_stat(struct itable *t, struct itable_stat *ret)
{
	lck_lock(&t->lock);
	ret->inodes = t->inodes;
	ret->lookups = t->lookups;
	ret->hidden = t->n_hidden;
	lck_unlock(&t->lock);
}
