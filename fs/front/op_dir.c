/* SPDX-License-Identifier: Apache-2.0
 *
 * op_dir - listings: opendir, readdir, readdirplus, releasedir.
 *
 * A listing is always the server's of now: what a stream reads ahead is what one
 * READDIRPLUS brings.  The first is sent by OPENDIR already, so that a directory
 * that has been replaced fails there: the kernel looks a path up again when an
 * open answers ESTALE, but not when a listing does.  With each name come its
 * handle and attributes; to the kernel's READDIRPLUS they are lookups.
 */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/count.h"
#include "base/mem.h"
#include "front/op.h"
#include "meta/dirs.h"

/* What one READDIRPLUS may bring: some hundred names.  More would only be held
 * longer, the kernel takes them in small pieces. */
#define DIR_BYTES (64u << 10)
/* A directory whose names are all hidden is read on, but not for ever. */
#define DIR_ROUNDS 1000
/* What OPENDIR read is the listing if the kernel comes for it at once. */
#define OPEN_TTL (50 * NS_MS)

struct op_dir {
	struct op op;
	struct dir_stream *stream; /* taken */
	struct fuse_file_info fi; /* OPENDIR's answer */
	int opens; /* it is an OPENDIR */
	int plus;
	uint64_t off;
	size_t size;
	unsigned rounds;
	int verf_retried;
	char *buf; /* own: the answer */
	size_t used;
	ino_num *counted; /* own: lookups in the answer */
	size_t n_counted;
};

static void dir_go(struct op_dir *od);

static void
dir_end(struct op_dir *od, int status)
{
	struct fs *fs = od->op.w->fs;
	int r = status;
	size_t i;

	if (status == 0 && od->opens)
		r = fuse_reply_open(od->op.req, &od->fi);
	else if (status == 0)
		r = fuse_reply_buf(od->op.req, od->buf, od->used);
	if (r < 0 && od->opens)
		dirs_close(fs->dirs, od->fi.fh);
	for (i = 0; r < 0 && i < od->n_counted; i++)
		if (itable_forget(fs->itable, od->counted[i], 1))
			op_hide_remove(od->op.w, od->counted[i]);
	dirs_put(fs->dirs, od->stream);
	free(od->buf);
	free(od->counted);
	if (status < 0)
		op_reply_err(&od->op, status);
	else
		op_end(&od->op);
}

/* --- the answer ----------------------------------------------------------------- */

static int
add_plain(struct op_dir *od, const struct nfs_dirent *d)
{
	struct stat st;
	size_t need;

	memset(&st, 0, sizeof(st));
	st.st_ino = d->fileid;
	st.st_mode = d->has_attr ? d->attr.mode : 0;
	need = fuse_add_direntry(od->op.req, od->buf + od->used,
				 od->size - od->used, d->name, &st,
				 (off_t)d->cookie);
	if (need > od->size - od->used)
		return 0;
	od->used += need;
	return 1;
}

/* Fill in what the kernel may know of D at once.  E stays empty (a name, no
 * lookup) when there is no handle, or when the kernel must drop pages first,
 * which a lookup will see to. */
static void
plus_entry(struct op_dir *od, const struct nfs_dirent *d,
	   struct fuse_entry_param *e)
{
	struct fs *fs = od->op.w->fs;
	ns_t sent = od->stream->sent;
	struct nfs_attr attr = d->attr;
	ino_num ino;

	e->attr.st_ino = d->fileid;
	e->attr.st_mode = d->has_attr ? d->attr.mode : 0;
	if (d->is_dot || !d->has_attr || !d->has_fh)
		return;
	if (itable_replaces(fs->itable, od->op.ino, d->name, &d->fh) ||
	    itable_enter(fs->itable, od->op.ino, d->name, &d->fh, attr.mode,
			 sent, &ino) < 0)
		return;
	if (itable_unseen(fs->itable, ino, &attr)) {
		(void)itable_forget(fs->itable, ino, 1);
		return;
	}
	e->ino = ino;
	e->generation = 1;
	e->attr_timeout =
		fs_left(fs, itable_learn(fs->itable, ino, &attr, sent));
	e->entry_timeout = fs_left(fs, sent);
	(void)itable_tell(fs->itable, ino, &attr);
	op_stat(&attr, &e->attr);
	od->counted[od->n_counted++] = ino;
}

static int
add_plus(struct op_dir *od, const struct nfs_dirent *d)
{
	size_t room = od->size - od->used;
	struct fuse_entry_param e;
	size_t need;

	memset(&e, 0, sizeof(e));
	/* Ask for the size first: what does not fit must not be counted. */
	need = fuse_add_direntry_plus(od->op.req, NULL, 0, d->name, &e, 0);
	if (need > room)
		return 0;
	plus_entry(od, d, &e);
	od->used += fuse_add_direntry_plus(od->op.req, od->buf + od->used, room,
					   d->name, &e, (off_t)d->cookie);
	return 1;
}

/* Put entries from I on into the answer.  Returns the index of the first that
 * did not fit, or the number of entries. */
static size_t
add_entries(struct op_dir *od, size_t i)
{
	const struct dir_chunk *chunk = &od->stream->chunk;

	for (; i < chunk->n; i++) {
		const struct nfs_dirent *d = &chunk->entries[i];

		if (!d->is_dot && op_name_is_hidden(od->op.w->fs, d->name))
			continue;
		if (!(od->plus ? add_plus(od, d) : add_plain(od, d)))
			break;
	}
	return i;
}

/* --- the way ------------------------------------------------------------------------ */

static void
dir_got(struct nfs_call *c)
{
	struct op_dir *od = container_of(op_of(c), struct op_dir, op);
	struct itable *t = od->op.w->fs->itable;

	if (c->has_dir_attr)
		(void)itable_learn(t, od->op.ino, &c->dir_attr, c->sent);
	/* The directory changed and the server remembers cookies by verifier:
	 * ask without one before giving up (RFC 1813 3.3.17). */
	if (c->status == -EBADE && !od->verf_retried) {
		od->verf_retried = 1;
		od->stream->verf = 0;
		dir_go(od);
		return;
	}
	if (c->status == -EBADE)
		c->status = -EIO;
	if (c->status == -ESTALE && !od->opens)
		c->status = -ENOENT; /* removed while it was open */
	if (c->status == 0 && c->n_entries == 0 && !c->eof)
		c->status = -EIO;
	if (c->status == 0)
		c->status = dir_stream_fill(od->stream, od->off, c);
	if (c->status < 0 || od->opens)
		dir_end(od, c->status);
	else
		dir_go(od);
}

static void
dir_fetch(struct op_dir *od)
{
	struct fs *fs = od->op.w->fs;
	struct nfs_call *c = &od->op.call;
	int r = op_call(&od->op, NFS_READDIRPLUS, od->op.ino, dir_got);

	if (r < 0) {
		dir_end(od, r);
		return;
	}
	c->offset = od->off;
	c->verf = od->off == 0 ? 0 : od->stream->verf;
	c->count =
		fs->server.dtpref > DIR_BYTES ? fs->server.dtpref : DIR_BYTES;
	if (c->count > fs->server.rtmax)
		c->count = fs->server.rtmax;
	op_submit(&od->op);
}

static void
dir_go(struct op_dir *od)
{
	struct dir_stream *s = od->stream;
	long i = dir_stream_find(s, od->off);
	size_t next;

	if (i < 0 || ((size_t)i == s->chunk.n && !s->eof)) {
		dir_fetch(od);
		return;
	}
	next = add_entries(od, (size_t)i);
	s->hint = next;
	/* Nothing to show in this chunk, and more behind it. */
	if (od->used == 0 && next == s->chunk.n && !s->eof &&
	    od->rounds++ < DIR_ROUNDS) {
		od->off = s->chunk.entries[next - 1].cookie;
		dir_fetch(od);
		return;
	}
	dir_end(od, 0);
}

static struct op_dir *
dir_new(fuse_req_t req, fuse_ino_t ino, uint64_t id, size_t size)
{
	struct op_dir *od = op_new(req, sizeof(*od));

	if (od == NULL)
		return NULL;
	od->op.ino = ino;
	od->size = size;
	od->stream = dirs_take(od->op.w->fs->dirs, id);
	od->buf = malloc(size ? size : 1);
	/* An entry takes more than a hundred bytes of a READDIRPLUS answer. */
	od->counted = calloc(size / 100 + 1, sizeof(*od->counted));
	if (od->stream != NULL && od->buf != NULL && od->counted != NULL)
		return od;
	if (od->stream != NULL)
		dirs_put(od->op.w->fs->dirs, od->stream);
	free(od->buf);
	free(od->counted);
	op_reply_err(&od->op, -ENOMEM);
	return NULL;
}

static void
dir_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, uint64_t id,
	 int plus)
{
	struct op_dir *od = dir_new(req, ino, id, size);

	count(fuse_readdir);
	if (od == NULL)
		return;
	od->plus = plus;
	od->off = (uint64_t)off;
	if (off == 0 && (od->stream->hint != 0 ||
			 od->stream->sent < clock_now() - OPEN_TTL))
		dir_stream_reset(od->stream);
	dir_go(od);
}

void
op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct worker *w = fuse_req_userdata(req);
	uint64_t id = dirs_open(w->fs->dirs);
	struct op_dir *od;

	count(fuse_opendir);
	od = dir_new(req, ino, id, 0);
	if (od == NULL) {
		dirs_close(w->fs->dirs, id);
		return;
	}
	od->opens = 1;
	od->fi = *fi;
	od->fi.fh = id;
	dir_fetch(od);
}

void
op_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct worker *w = fuse_req_userdata(req);

	(void)ino;
	dirs_close(w->fs->dirs, fi->fh);
	(void)fuse_reply_err(req, 0);
}

void
op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
	   struct fuse_file_info *fi)
{
	dir_read(req, ino, size, off, fi->fh, 0);
}

void
op_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
	       struct fuse_file_info *fi)
{
	dir_read(req, ino, size, off, fi->fh, 1);
}
