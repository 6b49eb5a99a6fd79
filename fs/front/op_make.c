/* SPDX-License-Identifier: Apache-2.0
 *
 * op_make - operations that make a name: mknod, mkdir, symlink, create, link.
 *
 * An exclusive create is sent EXCLUSIVE, with a verifier that makes a second
 * sending harmless (RFC 1813 3.3.8); the server keeps the verifier in the
 * times, so mode and times are set by a SETATTR after it.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/count.h"
#include "base/mem.h"
#include "front/op.h"

struct op_make {
	struct op op;
	mode_t mode;
	int creates; /* CREATE: FI goes with the answer */
	struct fuse_file_info fi;
	struct nfs_fh fh;
	ns_t sent;
	char target[]; /* SYMLINK */
};

#define make_of(callp) container_of(op_of(callp), struct op_make, op)

static struct fuse_file_info *
make_fi(struct op_make *mk)
{
	return mk->creates ? &mk->fi : NULL;
}

/* The directory's attributes after the change, whatever its outcome. */
static void
learn_dir(struct op_make *mk, const struct nfs_call *c)
{
	(void)itable_change_end(mk->op.w->fs->itable, mk->op.ino,
				c->has_dir_attr ? &c->dir_attr : NULL,
				c->has_wcc ? &c->wcc : NULL, c->sent);
}

static void
make_reply(struct op_make *mk, const struct nfs_call *c)
{
	if (c->has_attr)
		op_reply_entry(&mk->op, &mk->fh, &c->attr, mk->sent,
			       make_fi(mk));
	else
		op_lookup_reply(&mk->op, make_fi(mk));
}

static void
made(struct nfs_call *c)
{
	struct op_make *mk = make_of(c);

	learn_dir(mk, c);
	if (c->status < 0) {
		op_reply_err(&mk->op, c->status);
		return;
	}
	if (!c->has_ret_fh) { /* it may be left out, RFC 1813 3.3.8 */
		op_lookup_reply(&mk->op, make_fi(mk));
		return;
	}
	mk->fh = c->ret_fh;
	mk->sent = c->sent;
	make_reply(mk, c);
}

/* Begin making NAME in PARENT: an op whose call is ready but for what PROC
 * needs, or NULL when the request is answered already. */
static struct op_make *
make_begin(fuse_req_t req, fuse_ino_t parent, const char *name,
	   enum nfs_proc proc, size_t extra)
{
	struct op_make *mk = op_new(req, sizeof(*mk) + extra);
	int r;

	count(fuse_create);
	if (mk == NULL)
		return NULL;
	mk->op.ino = parent;
	r = op_set_name(&mk->op, name);
	if (r == 0 && op_name_is_hidden(mk->op.w->fs, name))
		r = -EACCES;
	if (r == 0)
		r = op_call(&mk->op, proc, parent, made);
	if (r < 0) {
		op_reply_err(&mk->op, r);
		return NULL;
	}
	return mk;
}

static void
make_send(struct op_make *mk)
{
	itable_change_begin(mk->op.w->fs->itable, mk->op.ino);
	op_submit(&mk->op);
}

/* --- mkdir, symlink, special files --------------------------------------------- */

void
op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	struct op_make *mk = make_begin(req, parent, name, NFS_MKDIR, 0);

	if (mk == NULL)
		return;
	mk->op.call.sattr.set = NFS_SET_MODE;
	mk->op.call.sattr.mode = mode & 07777;
	make_send(mk);
}

void
op_symlink(fuse_req_t req, const char *target, fuse_ino_t parent,
	   const char *name)
{
	size_t len = strlen(target) + 1;
	struct op_make *mk = make_begin(req, parent, name, NFS_SYMLINK, len);

	if (mk == NULL)
		return;
	memcpy(mk->target, target, len);
	mk->op.call.name2 = mk->target;
	mk->op.call.sattr.set = NFS_SET_MODE;
	mk->op.call.sattr.mode = 0777;
	make_send(mk);
}

static void create_exclusive(struct op_make *mk);

void
op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	 dev_t rdev)
{
	struct op_make *mk = make_begin(
		req, parent, name, S_ISREG(mode) ? NFS_CREATE : NFS_MKNOD, 0);

	if (mk == NULL)
		return;
	mk->mode = mode;
	if (S_ISREG(mode)) {
		create_exclusive(mk);
		return;
	}
	mk->op.call.sattr.set = NFS_SET_MODE;
	mk->op.call.sattr.mode = mode;
	mk->op.call.rdev_major = major(rdev);
	mk->op.call.rdev_minor = minor(rdev);
	make_send(mk);
}

/* --- create --------------------------------------------------------------------------- */

static void
create_finished(struct nfs_call *c)
{
	struct op_make *mk = make_of(c);

	if (c->status < 0)
		op_reply_err(&mk->op, c->status);
	else
		make_reply(mk, c);
}

/* The file is ours; give it its mode, and real times for the verifier's. */
static void
create_set_mode(struct op_make *mk)
{
	struct nfs_call *c = &mk->op.call;

	(void)op_call(&mk->op, NFS_SETATTR, mk->op.ino, create_finished);
	c->fh = mk->fh;
	c->sattr.set = NFS_SET_MODE | NFS_SET_ATIME_NOW | NFS_SET_MTIME_NOW;
	c->sattr.mode = mk->mode & 07777;
	op_submit(&mk->op);
}

static void
create_found(struct nfs_call *c)
{
	struct op_make *mk = make_of(c);

	if (c->status < 0) {
		op_reply_err(&mk->op, c->status);
		return;
	}
	mk->fh = c->ret_fh;
	mk->sent = c->sent;
	create_set_mode(mk);
}

static void
create_done(struct nfs_call *c)
{
	struct op_make *mk = make_of(c);

	learn_dir(mk, c);
	if (c->status < 0) {
		op_reply_err(&mk->op, c->status);
		return;
	}
	if (!c->has_ret_fh) {
		(void)op_call(&mk->op, NFS_LOOKUP, mk->op.ino, create_found);
		op_submit(&mk->op);
		return;
	}
	mk->fh = c->ret_fh;
	mk->sent = c->sent;
	create_set_mode(mk);
}

static void
create_exclusive(struct op_make *mk)
{
	struct fs *fs = mk->op.w->fs;

	mk->op.call.done = create_done;
	mk->op.call.how = NFS_CREATE_EXCLUSIVE;
	mk->op.call.verf = fs->mount_id + __atomic_add_fetch(&fs->next_id, 1,
							     __ATOMIC_RELAXED);
	make_send(mk);
}

void
op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	  struct fuse_file_info *fi)
{
	struct op_make *mk = make_begin(req, parent, name, NFS_CREATE, 0);

	if (mk == NULL)
		return;
	mk->mode = mode;
	mk->creates = 1;
	mk->fi = *fi;
	mk->fi.fh = 0;
	if (fi->flags & O_EXCL) {
		create_exclusive(mk);
		return;
	}
	/* Another client may have made it meanwhile: then it is opened, and
	 * emptied if that was asked for (the kernel thinks it is new). */
	mk->op.call.how = NFS_CREATE_UNCHECKED;
	mk->op.call.sattr.set = NFS_SET_MODE;
	mk->op.call.sattr.mode = mode & 07777;
	if (fi->flags & O_TRUNC)
		mk->op.call.sattr.set |= NFS_SET_SIZE;
	make_send(mk);
}

/* --- link --------------------------------------------------------------------------------- */

static void
link_got_attr(struct nfs_call *c)
{
	struct op_make *mk = make_of(c);

	if (c->status < 0 || !c->has_attr)
		op_reply_err(&mk->op, c->status < 0 ? c->status : -EIO);
	else
		op_reply_entry(&mk->op, &mk->fh, &c->attr, c->sent, NULL);
}

static void
link_done(struct nfs_call *c)
{
	struct op_make *mk = make_of(c);
	struct itable *t = mk->op.w->fs->itable;

	(void)itable_change_end(t, mk->op.ino,
				c->has_dir2_attr ? &c->dir2_attr : NULL, NULL,
				c->sent);
	(void)itable_change_end(t, mk->op.ino2, c->has_attr ? &c->attr : NULL,
				NULL, c->sent);
	wback_unsee(mk->op.w->fs->wback, mk->op.ino2);
	if (c->status < 0) {
		op_reply_err(&mk->op, c->status);
		return;
	}
	mk->fh = c->fh;
	if (c->has_attr) {
		op_reply_entry(&mk->op, &mk->fh, &c->attr, c->sent, NULL);
		return;
	}
	(void)op_call(&mk->op, NFS_GETATTR, mk->op.ino2, link_got_attr);
	op_submit(&mk->op);
}

void
op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
	struct op_make *mk = op_new(req, sizeof(*mk));
	struct itable *t;
	struct nfs_fh dir;
	int r;

	count(fuse_link);
	if (mk == NULL)
		return;
	t = mk->op.w->fs->itable;
	mk->op.ino = parent;
	mk->op.ino2 = ino;
	r = op_set_name(&mk->op, name);
	if (r == 0 && op_name_is_hidden(mk->op.w->fs, name))
		r = -EACCES;
	if (r == 0)
		r = itable_fh(t, parent, &dir);
	if (r == 0)
		r = op_call(&mk->op, NFS_LINK, ino, link_done);
	if (r < 0) {
		op_reply_err(&mk->op, r);
		return;
	}
	mk->op.call.fh2 = dir;
	itable_change_begin(t, parent);
	itable_change_begin(t, ino);
	op_submit(&mk->op);
}
