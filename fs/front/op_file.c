/* SPDX-License-Identifier: Apache-2.0
 *
 * op_file - data: read, write, truncate and the other attributes, fsync.
 *
 * OPEN is refused with ENOSYS: the kernel then opens, checks and closes on its
 * own, and a file whose pages it has costs us no message (design.md section 2).
 * What an open file would carry, the inode carries.
 */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/count.h"
#include "base/mem.h"
#include "data/fill.h"
#include "front/notify.h"
#include "front/op.h"

void
op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	(void)fi;
	count(fuse_open);
	(void)fuse_reply_err(req, ENOSYS);
}

/* Of a file that CREATE opened, or that was opened before the first ENOSYS. */
void
op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	(void)fi;
	count(fuse_release);
	(void)fuse_reply_err(req, 0);
}

/* --- read ------------------------------------------------------------------------ */

struct op_read {
	struct op op;
	struct fill fill;
};

/* The file is gone from the server.  Its name may be another file's by now: the
 * next open must ask.  This read fails: it is never completed from another
 * file. */
static void
read_stale(struct op *op)
{
	struct fs *fs = op->w->fs;
	char name[NFS_NAME_MAX + 1];
	ino_num parent;

	itable_expire(fs->itable, op->ino);
	if (itable_name(fs->itable, op->ino, &parent, name) == 0)
		notify_expire_name(fs->notify, parent, name);
}

static void
read_filled(struct fill *f)
{
	struct op_read *rd = container_of(f, struct op_read, fill);
	struct fs *fs = rd->op.w->fs;

	if (f->has_attr)
		(void)itable_learn(fs->itable, rd->op.ino, &f->attr, f->sent);
	if (f->status < 0) {
		if (f->status == -ESTALE)
			read_stale(&rd->op);
		op_reply_err(&rd->op, f->status);
		return;
	}
	(void)fuse_reply_buf(rd->op.req, f->data, f->got);
	op_end(&rd->op);
}

/* Answer from a file that was fetched with its lookup. */
static int
read_kept(struct op_read *rd, size_t size, off_t off)
{
	struct fs *fs = rd->op.w->fs;
	struct nfs_attr attr;
	struct buf *buf;
	size_t at = (size_t)off;
	ns_t sent;

	if (itable_attr(fs->itable, rd->op.ino, 1, &attr, &sent) < 0)
		return 0;
	buf = kept_get(fs->kept, rd->op.ino, &attr);
	if (buf == NULL)
		return 0;
	if (at > buf->len)
		at = buf->len;
	if (size > buf->len - at)
		size = buf->len - at;
	count(kept_reads);
	(void)fuse_reply_buf(rd->op.req, buf->data + at, size);
	buf_put(buf);
	op_end(&rd->op);
	return 1;
}

void
op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
	struct fuse_file_info *fi)
{
	struct op_read *rd = op_new(req, sizeof(*rd));
	struct fill *f;
	int r;

	(void)fi;
	count(fuse_read);
	if (rd == NULL)
		return;
	rd->op.ino = ino;
	itable_was_read(rd->op.w->fs->itable, ino);
	if (read_kept(rd, size, off))
		return;
	f = &rd->fill;
	f->done = read_filled;
	f->client = rd->op.w->client;
	f->cred = op_cred(&rd->op);
	f->offset = (uint64_t)off;
	f->len = size;
	f->rtmax = rd->op.w->fs->limits.rsize;
	f->deadline = rd->op.deadline;
	r = itable_fh(rd->op.w->fs->itable, ino, &f->fh);
	if (r == 0)
		r = fill_start(f);
	if (r < 0)
		op_reply_err(&rd->op, r);
}

/* --- write ------------------------------------------------------------------------ */

struct write_part {
	struct op_write *wr;
	size_t at; /* in the request's data */
	size_t len;
	size_t done;
	struct nfs_call call;
};

struct op_write {
	struct op op;
	struct wback_wait wait;
	uint64_t offset;
	struct buf *buf; /* own: the data */
	struct nfs_fh fh;
	int status;
	unsigned n_parts;
	unsigned open;
	struct write_part *parts; /* own */
};

static void write_part_done(struct nfs_call *c);

static void
write_part_send(struct write_part *p)
{
	struct op_write *wr = p->wr;
	struct nfs_call *c = &p->call;

	c->proc = NFS_WRITE;
	c->done = write_part_done;
	c->cred = op_cred(&wr->op);
	c->deadline = wr->op.deadline;
	c->fh = wr->fh;
	c->offset = wr->offset + p->at + p->done;
	c->count = (uint32_t)(p->len - p->done);
	c->data = wr->buf->data + p->at + p->done;
	c->stable = wback_how(wr->op.w->fs->wback, c->count);
	itable_change_begin(wr->op.w->fs->itable, wr->op.ino);
	nfs_submit(wr->op.w->client, c);
}

/* What was written without a gap from the beginning counts; an error counts
 * when nothing was. */
static void
write_reply(struct op_write *wr)
{
	size_t done = 0;
	unsigned i;

	for (i = 0; i < wr->n_parts; i++) {
		done += wr->parts[i].done;
		if (wr->parts[i].done < wr->parts[i].len)
			break;
	}
	wback_end(wr->op.w->fs->wback, &wr->op.w->io, wr->op.ino);
	fs_arm(wr->op.w);
	free(wr->parts);
	buf_put(wr->buf);
	if (done == 0 && wr->status < 0) {
		op_reply_err(&wr->op, wr->status);
		return;
	}
	(void)fuse_reply_write(wr->op.req, done);
	op_end(&wr->op);
}

static int
write_part_took(struct write_part *p, const struct nfs_call *c)
{
	struct op_write *wr = p->wr;
	struct wback *wb = wr->op.w->fs->wback;
	int r = 0;

	if (c->ret_count == 0)
		return -EIO; /* neither bytes nor an error */
	if (c->committed == NFS_UNSTABLE)
		r = wback_keep(wb, wr->op.ino, c, wr->buf);
	else
		wback_stable(wb, wr->op.ino, c->offset, c->ret_count);
	p->done += c->ret_count;
	return r;
}

static void
write_part_done(struct nfs_call *c)
{
	struct write_part *p = container_of(c, struct write_part, call);
	struct op_write *wr = p->wr;
	int status = c->status;

	(void)itable_change_end(wr->op.w->fs->itable, wr->op.ino,
				c->has_attr ? &c->attr : NULL,
				c->has_wcc ? &c->wcc : NULL, c->sent);
	if (status == 0)
		status = write_part_took(p, c);
	if (status == 0 && c->has_attr)
		wback_saw(wr->op.w->fs->wback, wr->op.ino,
			  c->has_wcc && wr->n_parts == 1 ? &c->wcc : NULL,
			  &c->attr);
	if (status == 0 && p->done < p->len) {
		write_part_send(p);
		return;
	}
	if (status < 0 && wr->status == 0)
		wr->status = status;
	if (--wr->open == 0)
		write_reply(wr);
}

static void
write_go(struct op_write *wr)
{
	size_t wtmax = wr->op.w->fs->limits.wsize;
	unsigned i;

	if (!wback_begin(wr->op.w->fs->wback, wr->op.ino, &wr->wait))
		return; /* write_unparked() comes back here */
	wr->open = wr->n_parts;
	for (i = 0; i < wr->n_parts; i++) {
		struct write_part *p = &wr->parts[i];

		p->wr = wr;
		p->at = i * wtmax;
		p->len = wr->buf->len - p->at;
		if (p->len > wtmax)
			p->len = wtmax;
		write_part_send(p);
	}
}

static void
write_unparked(struct wback_wait *wait, int status)
{
	(void)status;
	write_go(container_of(wait, struct op_write, wait));
}

/* Pages of a shared map are written back by the kernel in nobody's name: the
 * owner may always write (as RFC 1813 4.4 wants of servers). */
static void
write_as_owner(struct op_write *wr)
{
	struct fs *fs = wr->op.w->fs;
	struct nfs_attr attr;

	(void)op_cred(&wr->op);
	if (fs_maps_ids(fs) ||
	    itable_last_attr(fs->itable, wr->op.ino, &attr) < 0)
		return;
	wr->op.cred.uid = attr.uid;
	wr->op.cred.gid = attr.gid;
	wr->op.cred.n_groups = 0;
}

void
op_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size,
	 off_t off, struct fuse_file_info *fi)
{
	struct op_write *wr = op_new(req, sizeof(*wr));
	size_t wtmax;
	int r;

	count(fuse_write);
	if (wr == NULL)
		return;
	wtmax = wr->op.w->fs->limits.wsize;
	wr->op.ino = ino;
	wr->offset = (uint64_t)off;
	if (fi->writepage)
		write_as_owner(wr);
	wr->wait.fn = write_unparked;
	wr->wait.loop = wr->op.w->loop;
	wr->n_parts = (unsigned)((size + wtmax - 1) / wtmax);
	wr->parts = calloc(wr->n_parts ? wr->n_parts : 1, sizeof(*wr->parts));
	wr->buf = buf_new(size);
	r = itable_fh(wr->op.w->fs->itable, ino, &wr->fh);
	if (wr->parts == NULL || wr->buf == NULL)
		r = -ENOMEM;
	if (r < 0 || size == 0) {
		free(wr->parts);
		buf_put(wr->buf);
		op_reply_err(&wr->op, r);
		return;
	}
	memcpy(wr->buf->data, buf, size);
	write_go(wr);
}

/* --- setattr ----------------------------------------------------------------------------- */

struct op_setattr {
	struct op op;
	struct wback_wait wait;
	int sizes; /* it truncates or extends */
};

#define setattr_of(callp) container_of(op_of(callp), struct op_setattr, op)

static void
setattr_got_attr(struct nfs_call *c)
{
	struct op *op = op_of(c);

	if (c->status < 0 || !c->has_attr) {
		op_reply_err(op, c->status < 0 ? c->status : -EIO);
		return;
	}
	op_reply_attr(
		op, &c->attr,
		itable_learn(op->w->fs->itable, op->ino, &c->attr, c->sent));
}

static void
setattr_done(struct nfs_call *c)
{
	struct op_setattr *sa = setattr_of(c);
	struct op *op = &sa->op;
	struct fs *fs = op->w->fs;
	ns_t valid;

	if (c->status == 0)
		op->suspect = itable_suspect(fs->itable, op->ino,
					     c->has_wcc ? &c->wcc : NULL);
	valid = itable_change_end(fs->itable, op->ino,
				  c->has_attr ? &c->attr : NULL,
				  c->has_wcc ? &c->wcc : NULL, c->sent);
	if (c->status == 0 && c->has_attr)
		wback_saw(fs->wback, op->ino, NULL, &c->attr);
	if (sa->sizes && c->status == 0)
		wback_trim(fs->wback, op->ino, c->sattr.size);
	if (sa->sizes)
		wback_end(fs->wback, &op->w->io, op->ino);
	if (c->status < 0) {
		op_reply_err(op, c->status);
		return;
	}
	if (c->has_attr) {
		op_reply_attr(op, &c->attr, valid);
		return;
	}
	(void)op_call(op, NFS_GETATTR, op->ino, setattr_got_attr);
	op_submit(op);
}

/* Times that the wire cannot carry (before 1970, after 2106) become the nearest
 * that it can, as file systems do. */
static struct nfs_time
wire_time(const struct timespec *ts)
{
	struct nfs_time t = { 0, 0 };

	if (ts->tv_sec < 0)
		return t;
	t.sec = ts->tv_sec > UINT32_MAX ? UINT32_MAX : (uint32_t)ts->tv_sec;
	t.nsec = (uint32_t)ts->tv_nsec;
	return t;
}

static void
fill_sattr(struct nfs_sattr *s, const struct stat *attr, int to_set)
{
	static const struct {
		int fuse;
		unsigned nfs;
	} bits[] = {
		{ FUSE_SET_ATTR_MODE, NFS_SET_MODE },
		{ FUSE_SET_ATTR_UID, NFS_SET_UID },
		{ FUSE_SET_ATTR_GID, NFS_SET_GID },
		{ FUSE_SET_ATTR_SIZE, NFS_SET_SIZE },
		{ FUSE_SET_ATTR_ATIME, NFS_SET_ATIME },
		{ FUSE_SET_ATTR_MTIME, NFS_SET_MTIME },
		{ FUSE_SET_ATTR_ATIME_NOW, NFS_SET_ATIME_NOW },
		{ FUSE_SET_ATTR_MTIME_NOW, NFS_SET_MTIME_NOW },
	};
	size_t i;

	for (i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (to_set & bits[i].fuse)
			s->set |= bits[i].nfs;
	if (s->set & NFS_SET_ATIME_NOW)
		s->set &= ~(unsigned)NFS_SET_ATIME;
	if (s->set & NFS_SET_MTIME_NOW)
		s->set &= ~(unsigned)NFS_SET_MTIME;
	s->mode = attr->st_mode & 07777;
	s->uid = attr->st_uid;
	s->gid = attr->st_gid;
	s->size = (uint64_t)attr->st_size;
	s->atime = wire_time(&attr->st_atim);
	s->mtime = wire_time(&attr->st_mtim);
}

static void
setattr_go(struct op_setattr *sa)
{
	struct fs *fs = sa->op.w->fs;

	if (sa->sizes && !wback_begin(fs->wback, sa->op.ino, &sa->wait))
		return; /* setattr_unparked() comes back here */
	itable_change_begin(fs->itable, sa->op.ino);
	op_submit(&sa->op);
}

static void
setattr_unparked(struct wback_wait *wait, int status)
{
	(void)status;
	setattr_go(container_of(wait, struct op_setattr, wait));
}

/* Data that must be written again after a restart of the server would give the
 * file another mtime than the one asked for: COMMIT it first, which is due soon
 * anyway.  Its errors are the next fsync's. */
static void
setattr_begin(struct op_setattr *sa, int to_set)
{
	struct worker *w = sa->op.w;

	sa->wait.settles = 1;
	if ((to_set & (FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_MTIME_NOW)) == 0 ||
	    wback_sync(w->fs->wback, &w->io, sa->op.ino, &sa->wait))
		setattr_go(sa);
}

void
op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
	   struct fuse_file_info *fi)
{
	struct op_setattr *sa = op_new(req, sizeof(*sa));
	int r;

	(void)fi;
	count(fuse_setattr);
	if (sa == NULL)
		return;
	sa->op.ino = ino;
	r = op_call(&sa->op, NFS_SETATTR, ino, setattr_done);
	if (r < 0) {
		op_reply_err(&sa->op, r);
		return;
	}
	fill_sattr(&sa->op.call.sattr, attr, to_set);
	sa->sizes = (to_set & FUSE_SET_ATTR_SIZE) != 0;
	sa->wait.fn = setattr_unparked;
	sa->wait.loop = sa->op.w->loop;
	setattr_begin(sa, to_set);
}

/* --- fsync -------------------------------------------------------------------------------- */

struct op_fsync {
	struct op op;
	struct wback_wait wait;
};

static void
fsync_done(struct wback_wait *wait, int status)
{
	struct op_fsync *fy = container_of(wait, struct op_fsync, wait);

	op_reply_err(&fy->op, status);
}

void
op_fsync(fuse_req_t req, fuse_ino_t ino, int datasync,
	 struct fuse_file_info *fi)
{
	struct op_fsync *fy = op_new(req, sizeof(*fy));

	(void)datasync;
	(void)fi;
	count(fuse_fsync);
	if (fy == NULL)
		return;
	fy->op.ino = ino;
	fy->wait.fn = fsync_done;
	fy->wait.loop = fy->op.w->loop;
	if (wback_sync(fy->op.w->fs->wback, &fy->op.w->io, ino, &fy->wait))
		op_reply_err(&fy->op, 0);
}
