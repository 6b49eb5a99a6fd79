/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <errno.h>
#include <stdlib.h>

#include "data/extents.h"

void
extents_init(struct extents *x)
{
	TAILQ_INIT(&x->list);
	x->n = 0;
	x->bytes = 0;
}

void
extents_clear(struct extents *x)
{
	while (!TAILQ_EMPTY(&x->list))
		extents_del(x, TAILQ_FIRST(&x->list));
}

void
extents_del(struct extents *x, struct extent *e)
{
	TAILQ_REMOVE(&x->list, e, link);
	x->n--;
	x->bytes -= e->len;
	buf_put(e->buf);
	free(e);
}

int
extents_split(struct extents *x, struct extent *e, size_t len)
{
	struct extent *tail;

	if (len >= e->len)
		return 0;
	tail = malloc(sizeof(*tail));
	if (tail == NULL)
		return -ENOMEM;
	*tail = *e;
	tail->offset += len;
	tail->data += len;
	tail->len -= len;
	(void)buf_get(tail->buf);
	TAILQ_INSERT_AFTER(&x->list, e, tail, link);
	x->n++;
	e->len = len;
	return 0;
}

int
extents_cut(struct extents *x, uint64_t offset, uint64_t end)
{
	struct extent *e, *next;

	for (e = TAILQ_FIRST(&x->list); e != NULL && e->offset < end;
	     e = next) {
		next = TAILQ_NEXT(e, link);
		if (e->offset + e->len <= offset)
			continue;
		if (e->offset < offset) {
			if (extents_split(x, e, (size_t)(offset - e->offset)))
				return -ENOMEM;
			next = TAILQ_NEXT(e, link);
			continue;
		}
		if (e->offset + e->len > end &&
		    extents_split(x, e, (size_t)(end - e->offset)))
			return -ENOMEM;
		next = TAILQ_NEXT(e, link);
		extents_del(x, e);
	}
	return 0;
}

struct extent *
extents_put(struct extents *x, uint64_t offset, size_t len, struct buf *buf,
	    const char *data)
{
	struct extent *new = calloc(1, sizeof(*new));
	struct extent *e;

	if (new == NULL || extents_cut(x, offset, offset + len) < 0) {
		free(new);
		return NULL;
	}
	new->offset = offset;
	new->len = len;
	new->buf = buf_get(buf);
	new->data = data;
	/* Most files are written from front to back. */
	e = TAILQ_LAST(&x->list, extent_list);
	while (e != NULL && e->offset > offset)
		e = TAILQ_PREV(e, extent_list, link);
	if (e != NULL)
		TAILQ_INSERT_AFTER(&x->list, e, new, link);
	else
		TAILQ_INSERT_HEAD(&x->list, new, link);
	x->n++;
	x->bytes += len;
	return new;
}
