/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <stdlib.h>
#include <sys/queue.h>

#include "base/lck.h"
#include "data/kept.h"

/* [K] = kept.lock */
struct kept_file {
	TAILQ_ENTRY(kept_file) link; /* [K] */
	uint64_t ino; /* const */
	struct nfs_time mtime; /* const */
	struct nfs_time ctime; /* const */
	uint64_t size; /* const */
	ns_t since; /* const */
	struct buf *data; /* own, const */
};

TAILQ_HEAD(kept_list, kept_file);

struct kept {
	struct lck lock;
	size_t max; /* const */
	size_t used; /* [K] */
	struct kept_list files; /* [K] oldest first */
};

struct kept *
kept_new(size_t max)
{
	struct kept *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	lck_init(&k->lock, LCK_kept);
	TAILQ_INIT(&k->files);
	k->max = max;
	return k;
}

static void
drop(struct kept *k, struct kept_file *f) LCK_HOLDS(k->lock)
{
	TAILQ_REMOVE(&k->files, f, link);
	k->used -= f->data->len;
	buf_put(f->data);
	free(f);
}

void
kept_free(struct kept *k)
{
	if (k == NULL)
		return;
	(void)kept_expire(k, NS_NEVER);
	lck_fini(&k->lock);
	free(k);
}

static struct kept_file *
find(struct kept *k, uint64_t ino) LCK_HOLDS(k->lock)
{
	struct kept_file *f;

	TAILQ_FOREACH (f, &k->files, link)
		if (f->ino == ino)
			break;
	return f;
}

void
kept_put(struct kept *k, uint64_t ino, const struct nfs_attr *attr,
	 struct buf *data)
{
	struct kept_file *f = calloc(1, sizeof(*f));
	struct kept_file *old;

	if (f == NULL || data->len > k->max) {
		free(f);
		return;
	}
	f->ino = ino;
	f->mtime = attr->mtime;
	f->ctime = attr->ctime;
	f->size = attr->size;
	f->since = clock_now();
	f->data = buf_get(data);
	lck_lock(&k->lock);
	old = find(k, ino);
	if (old != NULL)
		drop(k, old);
	while (k->used + data->len > k->max)
		drop(k, TAILQ_FIRST(&k->files));
	TAILQ_INSERT_TAIL(&k->files, f, link);
	k->used += data->len;
	lck_unlock(&k->lock);
}

static int
same(const struct nfs_time *a, const struct nfs_time *b)
{
	return a->sec == b->sec && a->nsec == b->nsec;
}

struct buf *
kept_get(struct kept *k, uint64_t ino, const struct nfs_attr *attr)
{
	struct buf *data = NULL;
	struct kept_file *f;

	lck_lock(&k->lock);
	f = find(k, ino);
	if (f != NULL && f->size == attr->size &&
	    same(&f->mtime, &attr->mtime) && same(&f->ctime, &attr->ctime))
		data = buf_get(f->data);
	lck_unlock(&k->lock);
	return data;
}

unsigned
kept_expire(struct kept *k, ns_t oldest)
{
	struct kept_file *f;
	unsigned left = 0;

	lck_lock(&k->lock);
	while ((f = TAILQ_FIRST(&k->files)) != NULL && f->since < oldest)
		drop(k, f);
	TAILQ_FOREACH (f, &k->files, link)
		left++;
	lck_unlock(&k->lock);
	return left;
}
