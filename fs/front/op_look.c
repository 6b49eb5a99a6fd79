/* SPDX-License-Identifier: Apache-2.0
 *
 * op_look - operations that look and change nothing: lookup, forget, getattr,
 * access, readlink, statfs.
 */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/count.h"
#include "base/mem.h"
#include "data/fill.h"
#include "front/fresh.h"
#include "front/op.h"

/* A lookup that finds a file gone again before it could be fetched starts
 * anew, this often. */
#define LOOKUP_TRIES 3

struct op_lookup {
	struct op op;
	struct fuse_file_info *create; /* own copy of what CREATE answers */
	struct fuse_file_info fi;
	struct nfs_fh fh;
	struct nfs_attr attr;
	ns_t sent;
	unsigned tries;
	struct fill fill;
};

static void lookup_send(struct op_lookup *lk);

/* --- lookup --------------------------------------------------------------------- */

static void
lookup_entry(struct op_lookup *lk)
{
	op_reply_entry(&lk->op, &lk->fh, &lk->attr, lk->sent, lk->create);
}

static void
lookup_filled(struct fill *f)
{
	struct op_lookup *lk = container_of(f, struct op_lookup, fill);
	struct fs *fs = lk->op.w->fs;
	ino_num found;
	struct buf *buf;

	if (f->status == -ESTALE && lk->tries++ < LOOKUP_TRIES) {
		lookup_send(lk); /* replaced once more meanwhile */
		return;
	}
	if (f->status == 0 && f->got == lk->attr.size && f->has_attr &&
	    itable_enter(fs->itable, lk->op.ino, lk->op.name, &lk->fh,
			 lk->attr.mode, lk->sent, &found) == 0) {
		buf = buf_new(f->got);
		if (buf != NULL) {
			if (f->got > 0)
				memcpy(buf->data, f->data, f->got);
			kept_put(fs->kept, found, &lk->attr, buf);
			fs_arm(lk->op.w);
			buf_put(buf);
		}
		lookup_entry(lk);
		(void)itable_forget(fs->itable, found, 1);
		return;
	}
	lookup_entry(lk);
}

/* The name has another file than the one that was read here: its readers are
 * about to come, and its server may soon replace it again.  Fetch it first, see
 * data/kept.h. */
static int
lookup_fetch(struct op_lookup *lk)
{
	struct fs *fs = lk->op.w->fs;
	struct fill *f = &lk->fill;

	if (!S_ISREG(lk->attr.mode) || lk->attr.size == 0 ||
	    lk->attr.size > KEPT_FILE_MAX ||
	    !itable_replaces(fs->itable, lk->op.ino, lk->op.name, &lk->fh))
		return 0;
	memset(f, 0, sizeof(*f));
	f->done = lookup_filled;
	f->client = lk->op.w->client;
	f->cred = op_cred(&lk->op);
	f->fh = lk->fh;
	f->len = lk->attr.size;
	f->rtmax = fs->limits.rsize;
	f->deadline = lk->op.deadline;
	return fill_start(f) == 0;
}

static void
lookup_got_attr(struct nfs_call *c)
{
	struct op_lookup *lk = container_of(op_of(c), struct op_lookup, op);

	if (c->status < 0 || !c->has_attr) {
		op_reply_err(&lk->op, c->status < 0 ? c->status : -EIO);
		return;
	}
	lk->attr = c->attr;
	/* The name is as old as the LOOKUP: keep its time. */
	if (!lookup_fetch(lk))
		lookup_entry(lk);
}

static void
lookup_done(struct nfs_call *c)
{
	struct op_lookup *lk = container_of(op_of(c), struct op_lookup, op);
	struct itable *t = lk->op.w->fs->itable;

	if (c->has_dir_attr)
		(void)itable_learn(t, lk->op.ino, &c->dir_attr, c->sent);
	if (c->status == -ENOENT) {
		op_reply_absent(&lk->op, c->sent);
		return;
	}
	if (c->status < 0) {
		op_reply_err(&lk->op, c->status);
		return;
	}
	lk->fh = c->ret_fh;
	lk->sent = c->sent;
	if (!c->has_attr) { /* it may be left out, RFC 1813 3.3.3 */
		struct nfs_fh fh = c->ret_fh;

		(void)op_call(&lk->op, NFS_GETATTR, lk->op.ino,
			      lookup_got_attr);
		lk->op.call.fh = fh;
		op_submit(&lk->op);
		return;
	}
	lk->attr = c->attr;
	if (!lookup_fetch(lk))
		lookup_entry(lk);
}

static void
lookup_send(struct op_lookup *lk)
{
	int r = op_call(&lk->op, NFS_LOOKUP, lk->op.ino, lookup_done);

	if (r < 0)
		op_reply_err(&lk->op, r);
	else
		op_submit(&lk->op);
}

/* Answer from what was asked for a moment ago, be it by fresh.c. */
static int
lookup_recent(struct op_lookup *lk)
{
	struct fs *fs = lk->op.w->fs;
	ns_t young = clock_now() - fs->limits.max_staleness / 4;
	struct itable_recent recent;
	int r;

	r = itable_recent(fs->itable, lk->op.ino, lk->op.name, young, &recent);
	fresh_asked(lk->op.w->fresh, &lk->op, lk->op.name, recent.checked);
	if (r < 0 || fs->limits.max_staleness == 0)
		return 0;
	/* The older of the two counts for both. */
	if (recent.attr_sent < recent.checked)
		recent.checked = recent.attr_sent;
	op_reply_entry(&lk->op, &recent.fh, &recent.attr, recent.checked, NULL);
	return 1;
}

void
op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct op_lookup *lk = op_new(req, sizeof(*lk));
	int r;

	count(fuse_lookup);
	if (lk == NULL)
		return;
	lk->op.ino = parent;
	r = op_set_name(&lk->op, name);
	if (r == 0 && op_name_is_hidden(lk->op.w->fs, name))
		r = -ENOENT;
	if (r < 0)
		op_reply_err(&lk->op, r);
	else if (!lookup_recent(lk))
		lookup_send(lk);
}

void
op_lookup_reply(struct op *op, struct fuse_file_info *create)
{
	struct op_lookup *lk = op_new_quiet(op->w, op_cred(op), sizeof(*lk));

	if (lk == NULL) {
		op_reply_err(op, -ENOMEM);
		return;
	}
	lk->op.req = op->req;
	lk->op.ino = op->ino;
	memcpy(lk->op.name, op->name, sizeof(lk->op.name));
	if (create != NULL) {
		lk->fi = *create;
		lk->create = &lk->fi;
	}
	op_end(op);
	lookup_send(lk);
}

/* --- forget ------------------------------------------------------------------------- */

static void
forget_one(struct worker *w, fuse_ino_t ino, uint64_t n)
{
	count(fuse_forget);
	if (itable_forget(w->fs->itable, ino, n))
		op_hide_remove(w, ino);
}

void
op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t n)
{
	forget_one(fuse_req_userdata(req), ino, n);
	fuse_reply_none(req);
}

void
op_forget_multi(fuse_req_t req, size_t count, struct fuse_forget_data *forgets)
{
	size_t i;

	for (i = 0; i < count; i++)
		forget_one(fuse_req_userdata(req), forgets[i].ino,
			   forgets[i].nlookup);
	fuse_reply_none(req);
}

/* --- getattr -------------------------------------------------------------------------- */

static void
getattr_done(struct nfs_call *c)
{
	struct op *op = op_of(c);
	ns_t valid;

	if (c->status < 0 || !c->has_attr) {
		op_reply_err(op, c->status < 0 ? c->status : -EIO);
		return;
	}
	valid = itable_learn(op->w->fs->itable, op->ino, &c->attr, c->sent);
	op_reply_attr(op, &c->attr, valid);
}

void
op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct op *op = op_new(req, sizeof(*op));
	struct nfs_attr attr;
	struct fs *fs;
	ns_t sent;
	int r;

	(void)fi;
	count(fuse_getattr);
	if (op == NULL)
		return;
	fs = op->w->fs;
	op->ino = ino;
	/* What another answer brought serves while it is young: an answer with
	 * little time left would only bring the kernel back sooner. */
	r = itable_attr(fs->itable, ino, 1, &attr, &sent);
	fresh_asked(op->w->fresh, op, "", r == 0 ? sent : 0);
	if (r == 0 && sent >= clock_now() - fs->limits.max_staleness / 4) {
		op_reply_attr(op, &attr, sent);
		return;
	}
	r = op_call(op, NFS_GETATTR, ino, getattr_done);
	if (r < 0)
		op_reply_err(op, r);
	else
		op_submit(op);
}

/* --- access: only asked when identities are mapped ---------------------------------------- */

static void
access_done(struct nfs_call *c)
{
	struct op *op = op_of(c);

	if (c->status == 0 && (c->access & ~c->ret_access) != 0)
		c->status = -EACCES;
	op_reply_err(op, c->status);
}

static uint32_t
access_bits(int mask)
{
	uint32_t bits = 0;

	if (mask & R_OK)
		bits |= NFS_ACCESS_READ;
	if (mask & W_OK)
		bits |= NFS_ACCESS_MODIFY | NFS_ACCESS_EXTEND;
	if (mask & X_OK)
		bits |= NFS_ACCESS_EXECUTE;
	return bits;
}

void
op_access(fuse_req_t req, fuse_ino_t ino, int mask)
{
	struct op *op = op_new(req, sizeof(*op));
	struct nfs_attr attr;
	int r;

	count(fuse_access);
	if (op == NULL)
		return;
	op->ino = ino;
	r = op_call(op, NFS_ACCESS, ino, access_done);
	op->call.access = access_bits(mask);
	/* To search a directory is its own right (RFC 1813 3.3.4). */
	if ((mask & X_OK) &&
	    itable_last_attr(op->w->fs->itable, ino, &attr) == 0 &&
	    S_ISDIR(attr.mode)) {
		op->call.access &= ~(uint32_t)NFS_ACCESS_EXECUTE;
		op->call.access |= NFS_ACCESS_LOOKUP;
	}
	if (r < 0)
		op_reply_err(op, r);
	else
		op_submit(op);
}

/* --- readlink, statfs ------------------------------------------------------------------------ */

static void
readlink_done(struct nfs_call *c)
{
	struct op *op = op_of(c);

	if (c->status < 0) {
		op_reply_err(op, c->status);
		return;
	}
	(void)fuse_reply_readlink(op->req, c->ret_data);
	op_end(op);
}

void
op_readlink(fuse_req_t req, fuse_ino_t ino)
{
	struct op *op = op_new(req, sizeof(*op));
	int r;

	count(fuse_readlink);
	if (op == NULL)
		return;
	r = op_call(op, NFS_READLINK, ino, readlink_done);
	if (r < 0)
		op_reply_err(op, r);
	else
		op_submit(op);
}

static void
statfs_done(struct nfs_call *c)
{
	struct op *op = op_of(c);
	const struct nfs_fsstat *s = &c->fsstat;
	struct statvfs st;

	if (c->status < 0) {
		op_reply_err(op, c->status);
		return;
	}
	memset(&st, 0, sizeof(st));
	st.f_bsize = 4096;
	st.f_frsize = 4096;
	st.f_blocks = s->tbytes / st.f_frsize;
	st.f_bfree = s->fbytes / st.f_frsize;
	st.f_bavail = s->abytes / st.f_frsize;
	st.f_files = s->tfiles;
	st.f_ffree = s->ffiles;
	st.f_favail = s->afiles;
	st.f_namemax = op->w->fs->server.name_max;
	(void)fuse_reply_statfs(op->req, &st);
	op_end(op);
}

void
op_statfs(fuse_req_t req, fuse_ino_t ino)
{
	struct op *op = op_new(req, sizeof(*op));
	int r;

	count(fuse_statfs);
	if (op == NULL)
		return;
	r = op_call(op, NFS_FSSTAT, ino, statfs_done);
	if (r < 0)
		op_reply_err(op, r);
	else
		op_submit(op);
}
