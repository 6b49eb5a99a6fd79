/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/lck.h"
#include "meta/dirs.h"

#define DIRS_BUCKETS 64u

struct dirs {
	struct lck lock;
	uint64_t last_id; /* [D] */
	struct dir_stream *streams[DIRS_BUCKETS]; /* [D] */
};

struct dirs *
dirs_new(void)
{
	struct dirs *d = calloc(1, sizeof(*d));

	if (d != NULL)
		lck_init(&d->lock, LCK_dirs);
	return d;
}

static void
stream_free(struct dir_stream *s)
{
	dir_stream_reset(s);
	free(s);
}

void
dirs_free(struct dirs *d)
{
	unsigned b;

	if (d == NULL)
		return;
	for (b = 0; b < DIRS_BUCKETS; b++) {
		while (d->streams[b] != NULL) {
			struct dir_stream *s = d->streams[b];

			d->streams[b] = s->next;
			stream_free(s);
		}
	}
	lck_fini(&d->lock);
	free(d);
}

static struct dir_stream **
slot(struct dirs *d, uint64_t id)
{
	struct dir_stream **p = &d->streams[id % DIRS_BUCKETS];

	while (*p != NULL && (*p)->id != id)
		p = &(*p)->next;
	return p;
}

uint64_t
dirs_open(struct dirs *d)
{
	struct dir_stream *s = calloc(1, sizeof(*s));
	struct dir_stream **p;
	uint64_t id;

	if (s == NULL)
		return 0;
	lck_lock(&d->lock);
	id = ++d->last_id;
	s->id = id;
	p = &d->streams[id % DIRS_BUCKETS];
	s->next = *p;
	*p = s;
	lck_unlock(&d->lock);
	return id;
}

void
dirs_close(struct dirs *d, uint64_t id)
{
	struct dir_stream **p, *s;

	lck_lock(&d->lock);
	p = slot(d, id);
	s = *p;
	if (s != NULL) {
		*p = s->next;
		s->closed = 1;
		if (s->taken) /* its user frees it */
			s = NULL;
	}
	lck_unlock(&d->lock);
	if (s != NULL)
		stream_free(s);
}

struct dir_stream *
dirs_take(struct dirs *d, uint64_t id)
{
	struct dir_stream *s;

	lck_lock(&d->lock);
	s = *slot(d, id);
	if (s != NULL && s->taken)
		s = NULL;
	if (s != NULL)
		s->taken = 1;
	lck_unlock(&d->lock);
	if (s == NULL) {
		s = calloc(1, sizeof(*s));
		if (s != NULL)
			s->closed = 1;
	}
	return s;
}

void
dirs_put(struct dirs *d, struct dir_stream *s)
{
	int closed;

	lck_lock(&d->lock);
	s->taken = 0;
	closed = s->closed;
	lck_unlock(&d->lock);
	if (closed)
		stream_free(s);
}

static void
chunk_free(struct dir_chunk *chunk)
{
	free(chunk->entries);
	free(chunk->names);
	memset(chunk, 0, sizeof(*chunk));
}

void
dir_stream_reset(struct dir_stream *s)
{
	chunk_free(&s->chunk);
	s->verf = 0;
	s->start = 0;
	s->hint = 0;
	s->eof = 0;
	s->sent = 0;
}

static int
chunk_copy(struct dir_chunk *chunk, const struct nfs_call *c)
{
	size_t bytes = 0;
	char *name;
	size_t i;

	for (i = 0; i < c->n_entries; i++)
		bytes += strlen(c->entries[i].name) + 1;
	chunk->entries = calloc(c->n_entries + 1, sizeof(*chunk->entries));
	chunk->names = malloc(bytes + 1);
	if (chunk->entries == NULL || chunk->names == NULL) {
		chunk_free(chunk);
		return -ENOMEM;
	}
	name = chunk->names;
	for (i = 0; i < c->n_entries; i++) {
		size_t len = strlen(c->entries[i].name) + 1;

		chunk->entries[i] = c->entries[i];
		chunk->entries[i].name = memcpy(name, c->entries[i].name, len);
		name += len;
	}
	chunk->n = c->n_entries;
	return 0;
}

int
dir_stream_fill(struct dir_stream *s, uint64_t start, const struct nfs_call *c)
{
	struct dir_chunk chunk = { NULL, 0, NULL };

	if (chunk_copy(&chunk, c) < 0)
		return -ENOMEM;
	chunk_free(&s->chunk);
	s->chunk = chunk;
	s->start = start;
	s->verf = c->ret_verf;
	s->eof = c->eof;
	s->sent = c->sent;
	s->hint = 0;
	return 0;
}

long
dir_stream_find(const struct dir_stream *s, uint64_t off)
{
	size_t i = s->hint;

	if (s->sent == 0)
		return -1;
	if (off == s->start)
		return 0;
	if (i > 0 && i <= s->chunk.n && s->chunk.entries[i - 1].cookie == off)
		return (long)i;
	for (i = 0; i < s->chunk.n; i++)
		if (s->chunk.entries[i].cookie == off)
			return (long)i + 1;
	return -1;
}
