/* SPDX-License-Identifier: Apache-2.0
 *
 * The file is a row of 64 KiB pages.  Page 0 begins with the head; every other
 * page belongs to one size class and is cut into objects when it is taken.
 * Free objects are chained through their first word.
 */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/lck.h"
#include "base/mem.h"
#include "base/slab.h"

#define SLAB_MAGIC 0x706f6473u /* "pods" */
#define SLAB_VERSION 1
#define SLAB_PAGE 65536u
#define SLAB_UNIT 16u
#define SLAB_GROW (16 * SLAB_PAGE)
#define SLAB_MAX ((uint64_t)UINT32_MAX * SLAB_UNIT) /* what a ref can name */

static const uint16_t class_size[] = {
	32, 48, 64, 96, 128, 192, 240, 288, 512
};
#define N_CLASSES (sizeof(class_size) / sizeof(class_size[0]))

struct slab_head {
	uint32_t magic;
	uint32_t version;
	uint32_t n_pages; /* pages taken, the head's included */
	slab_ref_t chain[N_CLASSES]; /* free objects */
	uint64_t used;
};

/* [S] = slab.lock; const = set before the object is published */
struct slab {
	struct lck lock;
	int fd; /* own, const */
	uint64_t max; /* const: bytes mapped */
	uint64_t size; /* [S] bytes of file */
	char *base; /* own, const */
	struct slab_head *head; /* peek: what it points to is [S] */
};

static unsigned
class_of(size_t size)
{
	unsigned c = 0;

	while (class_size[c] < size)
		c++;
	return c;
}

struct slab *
slab_new(uint64_t max)
{
	struct slab *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	lck_init(&s->lock, LCK_slab);
	if (max > SLAB_MAX)
		max = SLAB_MAX;
	s->max = max - max % SLAB_PAGE;
	s->base = MAP_FAILED;
	s->fd = memfd_create("podfs-table", MFD_CLOEXEC);
	if (s->fd >= 0 && ftruncate(s->fd, SLAB_GROW) == 0)
		s->base = mmap(NULL, s->max, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_NORESERVE, s->fd, 0);
	if (s->base == MAP_FAILED) {
		slab_free(s);
		return NULL;
	}
	s->size = SLAB_GROW;
	s->head = (struct slab_head *)(void *)s->base;
	s->head->magic = SLAB_MAGIC;
	s->head->version = SLAB_VERSION;
	s->head->n_pages = 1;
	return s;
}

void
slab_free(struct slab *s)
{
	if (s == NULL)
		return;
	if (s->base != MAP_FAILED)
		(void)munmap(s->base, s->max);
	fd_drop(&s->fd);
	lck_fini(&s->lock);
	free(s);
}

int
slab_fd(const struct slab *s)
{
	return s->fd;
}

void *
slab_ptr(const struct slab *s, slab_ref_t ref)
{
	return s->base + (uint64_t)ref * SLAB_UNIT;
}

int
slab_valid(const struct slab *s, slab_ref_t ref)
{
	uint32_t n = __atomic_load_n(&s->head->n_pages, __ATOMIC_ACQUIRE);

	return ref >= SLAB_PAGE / SLAB_UNIT &&
	       (uint64_t)ref * SLAB_UNIT < (uint64_t)n * SLAB_PAGE;
}

/* Cut one more page into objects of class C.  False when there is no room. */
static int
slab_grow(struct slab *s, unsigned c) LCK_HOLDS(s->lock)
{
	uint64_t start = (uint64_t)s->head->n_pages * SLAB_PAGE;
	uint64_t off;

	if (start + SLAB_PAGE > s->max)
		return 0;
	if (start + SLAB_PAGE > s->size) {
		if (ftruncate(s->fd, (off_t)(s->size + SLAB_GROW)) != 0)
			return 0;
		s->size += SLAB_GROW;
	}
	for (off = SLAB_PAGE - SLAB_PAGE % class_size[c]; off > 0;) {
		slab_ref_t *obj;

		off -= class_size[c];
		obj = (slab_ref_t *)(void *)(s->base + start + off);
		*obj = s->head->chain[c];
		s->head->chain[c] = (slab_ref_t)((start + off) / SLAB_UNIT);
	}
	/* Pairs with slab_valid(). */
	__atomic_store_n(&s->head->n_pages, s->head->n_pages + 1,
			 __ATOMIC_RELEASE);
	return 1;
}

slab_ref_t
slab_alloc(struct slab *s, size_t size)
{
	slab_ref_t ref = 0;
	unsigned c;

	if (size > SLAB_OBJ_MAX)
		return 0;
	c = class_of(size);
	lck_lock(&s->lock);
	if (s->head->chain[c] != 0 || slab_grow(s, c)) {
		ref = s->head->chain[c];
		s->head->chain[c] = *(slab_ref_t *)slab_ptr(s, ref);
		s->head->used += class_size[c];
	}
	lck_unlock(&s->lock);
	if (ref != 0)
		memset(slab_ptr(s, ref), 0, class_size[c]);
	return ref;
}

void
slab_release(struct slab *s, slab_ref_t ref, size_t size)
{
	unsigned c = class_of(size);

	if (ref == 0)
		return;
	lck_lock(&s->lock);
	*(slab_ref_t *)slab_ptr(s, ref) = s->head->chain[c];
	s->head->chain[c] = ref;
	s->head->used -= class_size[c];
	lck_unlock(&s->lock);
}

uint64_t
slab_used(struct slab *s)
{
	uint64_t used;

	lck_lock(&s->lock);
	used = s->head->used;
	lck_unlock(&s->lock);
	return used;
}
