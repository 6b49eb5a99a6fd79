/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "meta/itable_int.h"

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
	struct inode *d = itable_get(t, dir, &ref);

	if (d != NULL && d->pins > 0) {
		d->pins--;
		d->unhidden++;
		itable_reap(t, ref);
	}
}

/* Undo what itable_hide() did to I but the count of hidden inodes. */
static void
unhide(struct itable *t, struct inode *i)
{
	ino_num dir = name_at(t, i->hidden)->parent;

	itable_name_free(t, i->hidden);
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
	i = itable_get(t, ino, &ref);
	d = itable_get(t, dir, NULL);
	text = itable_name_new(t, ref, dir, name);
	by = slab_alloc(t->slab, sizeof(*cred));
	if (i == NULL || d == NULL || text == 0 || by == 0 ||
	    (!(i->flags & INODE_HIDDEN) && hidden_add(t, ino) < 0)) {
		itable_name_free(t, text);
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
	itable_drop_names(t, ref);
	r = 0;
out:
	lck_unlock(&t->lock);
	return r;
}

static int
hidden_get(const struct itable *t, ino_num ino, struct itable_hidden *ret)
{
	const struct inode *i = itable_get(t, ino, NULL);
	const struct inode *d;
	const struct name *n;

	if (i == NULL || !(i->flags & INODE_HIDDEN))
		return -ENOENT;
	n = name_at(t, i->hidden);
	d = itable_get(t, n->parent, NULL);
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
		const struct inode *i = itable_get(t, t->hidden[k], NULL);

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
	d = itable_get(t, dir, NULL);
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
	i = itable_get(t, ino, &ref);
	if (i != NULL && (i->flags & INODE_HIDDEN)) {
		hidden_del(t, ino);
		i->flags &= (uint16_t) ~(INODE_HIDDEN | INODE_FORGOTTEN);
		unhide(t, i);
		itable_reap(t, ref);
	}
	lck_unlock(&t->lock);
}
