/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <errno.h>
#include <sys/stat.h>

#include "meta/itable_int.h"

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
	i = itable_get(t, ino, NULL);
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
	i = itable_get(t, ino, NULL);
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
	i = itable_get(t, ino, NULL);
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
	i = itable_get(t, ino, NULL);
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
	i = itable_get(t, ino, NULL);
	if (i != NULL)
		i->attr_sent = 0;
	lck_unlock(&t->lock);
}

void
itable_unlinked(struct itable *t, ino_num ino)
{
	struct inode *i;

	lck_lock(&t->lock);
	i = itable_get(t, ino, NULL);
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
	i = itable_get(t, ino, NULL);
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
	i = itable_get(t, ino, NULL);
	solo = i != NULL && S_ISREG(i->attr.mode) && i->attr.nlink <= 1;
	lck_unlock(&t->lock);
	return solo;
}

static int
is_unseen(const struct inode *i, const struct nfs_attr *attr)
{
	/* The size does not matter: after a write of our own the kernel knows
	 * another one than it was told. */
	return S_ISREG(attr->mode) && (i->flags & INODE_TOLD) &&
	       !time_equal(&attr->ctime, &i->told_ctime) &&
	       time_equal(&attr->mtime, &i->told_mtime);
}

int
itable_suspect(struct itable *t, ino_num ino, const struct nfs_wcc *before)
{
	const struct inode *i;
	int suspect;

	lck_lock(&t->lock);
	i = itable_get(t, ino, NULL);
	suspect =
		i != NULL && S_ISREG(i->attr.mode) && (i->flags & INODE_TOLD) &&
		(before == NULL || !time_equal(&before->ctime, &i->told_ctime));
	lck_unlock(&t->lock);
	return suspect;
}

int
itable_unseen(struct itable *t, ino_num ino, const struct nfs_attr *attr)
{
	const struct inode *i;
	int unseen;

	lck_lock(&t->lock);
	i = itable_get(t, ino, NULL);
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
	i = itable_get(t, ino, NULL);
	if (i == NULL)
		goto out;
	unseen = is_unseen(i, attr);
	i->told_ctime = attr->ctime;
	i->told_mtime = attr->mtime;
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
	i = itable_get(t, ino, NULL);
	if (i != NULL)
		i->flags |= INODE_READ;
	lck_unlock(&t->lock);
}
