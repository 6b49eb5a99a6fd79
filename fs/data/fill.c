/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/fill.h"

struct fill_part {
	struct fill *fill;
	size_t at; /* where it begins in the range */
	size_t len;
	size_t got;
	struct nfs_call call;
};

static void part_done(struct nfs_call *c);

static void
part_submit(struct fill_part *p)
{
	struct fill *f = p->fill;
	struct nfs_call *c = &p->call;

	c->proc = NFS_READ;
	c->done = part_done;
	c->cred = f->cred;
	c->deadline = f->deadline;
	c->fh = f->fh;
	c->offset = f->offset + p->at + p->got;
	c->count = (uint32_t)(p->len - p->got);
	nfs_submit(f->client, c);
}

static void
finish(struct fill *f)
{
	char *buf;
	size_t i;

	f->got = 0;
	for (i = 0; i < f->n_parts; i++) {
		f->got += f->parts[i].got;
		if (f->parts[i].got < f->parts[i].len)
			break;
	}
	free(f->parts);
	f->parts = NULL;
	if (f->buf != NULL)
		f->data = f->buf;
	else if (f->status < 0)
		f->data = NULL;
	buf = f->buf;
	f->buf = NULL;
	f->done(f); /* may free F */
	free(buf);
}

/* Put what part P got into the range's own buffer.  A lone part that is whole
 * needs none. */
static int
part_store(struct fill_part *p, const struct nfs_call *c, int whole)
{
	struct fill *f = p->fill;

	if (f->buf == NULL && f->n_parts == 1 && whole) {
		f->data = c->ret_data;
		return 0;
	}
	if (f->buf == NULL)
		f->buf = malloc(f->len);
	if (f->buf == NULL)
		return -ENOMEM;
	if (c->ret_count > 0)
		memcpy(f->buf + p->at + p->got, c->ret_data, c->ret_count);
	return 0;
}

static void
part_done(struct nfs_call *c)
{
	struct fill_part *p = container_of(c, struct fill_part, call);
	struct fill *f = p->fill;
	int status = c->status;
	int whole;

	if (c->has_attr) {
		f->has_attr = 1;
		f->attr = c->attr;
		f->sent = c->sent;
	}
	if (status == 0) {
		whole = c->eof || p->got + c->ret_count >= p->len;
		status = part_store(p, c, whole);
		p->got += c->ret_count;
		/* Nothing, and not the end: do not ask for ever. */
		if (status == 0 && !whole && c->ret_count == 0)
			status = -EIO;
		if (status == 0 && !whole) {
			part_submit(p);
			return;
		}
	}
	if (status < 0 && f->status == 0)
		f->status = status;
	if (--f->open == 0)
		finish(f);
}

int
fill_start(struct fill *f)
{
	size_t i;

	f->n_parts = (f->len + f->rtmax - 1) / f->rtmax;
	if (f->n_parts == 0)
		f->n_parts = 1;
	f->status = 0;
	f->has_attr = 0;
	f->buf = NULL;
	f->data = NULL;
	f->open = f->n_parts;
	f->parts = calloc(f->n_parts, sizeof(*f->parts));
	if (f->parts == NULL)
		return -ENOMEM;
	for (i = 0; i < f->n_parts; i++) {
		struct fill_part *p = &f->parts[i];

		p->fill = f;
		p->at = i * f->rtmax;
		p->len = f->len - p->at < f->rtmax ? f->len - p->at : f->rtmax;
		part_submit(p);
	}
	return 0;
}
