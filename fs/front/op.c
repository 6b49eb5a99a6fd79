/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/count.h"
#include "base/mem.h"
#include "front/notify.h"
#include "front/op.h"
#include "front/who.h"

/* Names of unlinked open files; podfs mounts do not show them. */
#define HIDDEN_PREFIX ".podfs-unlinked-"

/* --- beginnings -------------------------------------------------------------- */

void *
op_new_quiet(struct worker *w, const struct nfs_cred *cred, size_t size)
{
	struct op *op = calloc(1, size);

	if (op == NULL)
		return NULL;
	count(ops_started);
	op->w = w;
	op->cred = *cred;
	op->deadline = clock_now() + w->fs->limits.op_timeout;
	return op;
}

void *
op_new(fuse_req_t req, size_t size)
{
	static const struct nfs_cred nobody_yet;
	struct op *op;

	op = op_new_quiet(fuse_req_userdata(req), &nobody_yet, size);
	if (op == NULL) {
		(void)fuse_reply_err(req, ENOMEM);
		return NULL;
	}
	op->req = req;
	op->is_anonymous = 1;
	return op;
}

/* Who asks costs a look into /proc: an answer from what is known needs none. */
const struct nfs_cred *
op_cred(struct op *op)
{
	const struct fs *fs = op->w->fs;

	if (!op->is_anonymous)
		return &op->cred;
	op->is_anonymous = 0;
	who_asks(op->w->who, op->req, &op->cred);
	if (fs_maps_ids(fs))
		op->cred.n_groups = 0;
	if (fs->map_uid >= 0)
		op->cred.uid = (uint32_t)fs->map_uid;
	if (fs->map_gid >= 0)
		op->cred.gid = (uint32_t)fs->map_gid;
	return &op->cred;
}

int
op_set_name(struct op *op, const char *name)
{
	size_t len = strlen(name);

	if (len > NFS_NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(op->name, name, len + 1);
	return 0;
}

int
op_call(struct op *op, enum nfs_proc proc, ino_num ino,
	void (*done)(struct nfs_call *c))
{
	struct nfs_call *c = &op->call;

	memset(c, 0, sizeof(*c));
	c->proc = proc;
	c->done = done;
	c->cred = op_cred(op);
	c->deadline = op->deadline;
	c->name = op->name;
	return itable_fh(op->w->fs->itable, ino, &c->fh);
}

void
op_submit(struct op *op)
{
	nfs_submit(op->w->client, &op->call);
}

/* --- ends ----------------------------------------------------------------------- */

void
op_end(struct op *op)
{
	count(ops_ended);
	free(op);
}

/* The kernel will look the names up again, from the root if need be: it must not
 * be told once more what is not true any more. */
static void
forget_stale(struct op *op)
{
	itable_expire(op->w->fs->itable, op->ino);
	if (op->ino2 != 0)
		itable_expire(op->w->fs->itable, op->ino2);
}

void
op_reply_err(struct op *op, int status)
{
	if (status != 0 && status != -ENOENT)
		count(fuse_failed);
	if (status == -ESTALE)
		forget_stale(op);
	if (op->req != NULL)
		(void)fuse_reply_err(op->req, -status);
	op_end(op);
}

void
op_stat(const struct nfs_attr *attr, struct stat *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->st_ino = attr->fileid;
	ret->st_mode = attr->mode;
	ret->st_nlink = attr->nlink;
	ret->st_uid = attr->uid;
	ret->st_gid = attr->gid;
	ret->st_rdev = makedev(attr->rdev_major, attr->rdev_minor);
	ret->st_size = (off_t)attr->size;
	ret->st_blocks = (blkcnt_t)((attr->used + 511) / 512);
	ret->st_atim.tv_sec = attr->atime.sec;
	ret->st_atim.tv_nsec = attr->atime.nsec;
	ret->st_mtim.tv_sec = attr->mtime.sec;
	ret->st_mtim.tv_nsec = attr->mtime.nsec;
	ret->st_ctim.tv_sec = attr->ctime.sec;
	ret->st_ctim.tv_nsec = attr->ctime.nsec;
}

static void
resume_mail(struct mail *m)
{
	struct op *op = container_of(m, struct op, mail);

	op->resume(op);
}

/* Go on with RESUME once the kernel has dropped the pages of INO. */
static void
after_inval(struct op *op, ino_num ino, void (*resume)(struct op *op))
{
	op->resume = resume;
	op->mail.fn = resume_mail;
	if (notify_inval_data(op->w->fs->notify, ino, op->w->loop, &op->mail))
		op_reply_err(op, -ENOMEM);
}

static void
send_attr(struct op *op)
{
	struct stat st;

	op_stat(&op->attr, &st);
	(void)fuse_reply_attr(op->req, &st, fs_left(op->w->fs, op->valid));
	op_end(op);
}

void
op_reply_attr(struct op *op, const struct nfs_attr *attr, ns_t valid)
{
	op->attr = *attr;
	op->valid = valid;
	if (itable_tell(op->w->fs->itable, op->ino, &op->attr) || op->suspect)
		after_inval(op, op->ino, send_attr);
	else
		send_attr(op);
}

/* --- entries ------------------------------------------------------------------------ */

/* While pages are dropped OP->ino2 is the inode that was found, and OP->call,
 * which is free by then, holds when the name was asked for. */
static void
entry_param(const struct op *op, struct fuse_entry_param *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->ino = op->ino2;
	ret->generation = 1; /* numbers are never used twice */
	op_stat(&op->attr, &ret->attr);
	ret->attr_timeout = fs_left(op->w->fs, op->valid);
	ret->entry_timeout = fs_left(op->w->fs, op->call.sent);
}

/* The answer went out with R: a caller that was interrupted holds no lookup. */
static void
entry_sent(struct op *op, int r)
{
	if (r < 0 && itable_forget(op->w->fs->itable, op->ino2, 1))
		op_hide_remove(op->w, op->ino2);
	op_end(op);
}

static void
send_entry(struct op *op)
{
	struct fuse_entry_param e;

	entry_param(op, &e);
	entry_sent(op, fuse_reply_entry(op->req, &e));
}

static void
send_create(struct op *op, struct fuse_file_info *fi)
{
	struct fuse_entry_param e;

	entry_param(op, &e);
	entry_sent(op, fuse_reply_create(op->req, &e, fi));
}

void
op_reply_entry(struct op *op, const struct nfs_fh *fh,
	       const struct nfs_attr *attr, ns_t sent,
	       struct fuse_file_info *create)
{
	struct fs *fs = op->w->fs;
	ino_num found;
	int stale_pages;

	if (itable_enter(fs->itable, op->ino, op->name, fh, attr->mode, sent,
			 &found) < 0) {
		op_reply_err(op, -ENOMEM);
		return;
	}
	op->attr = *attr;
	op->ino2 = found;
	op->valid = itable_learn(fs->itable, found, attr, sent);
	op->call.sent = sent;
	stale_pages = itable_tell(fs->itable, found, &op->attr);
	if (create != NULL)
		send_create(op, create);
	else if (stale_pages)
		after_inval(op, found, send_entry);
	else
		send_entry(op);
}

void
op_reply_absent(struct op *op, ns_t sent)
{
	struct fuse_entry_param e;

	itable_name_gone(op->w->fs->itable, op->ino, op->name);
	memset(&e, 0, sizeof(e));
	e.entry_timeout = fs_left(op->w->fs, sent);
	if (e.entry_timeout > 0)
		(void)fuse_reply_entry(op->req, &e);
	else
		(void)fuse_reply_err(op->req, ENOENT);
	op_end(op);
}

int
op_name_is_hidden(const struct fs *fs, const char *name)
{
	if (name[0] != '.')
		return 0;
	if (!fs->show_snapshots && strcmp(name, ".snapshot") == 0)
		return 1;
	return strncmp(name, HIDDEN_PREFIX, strlen(HIDDEN_PREFIX)) == 0;
}

void
op_hide_name(struct fs *fs, char ret[NFS_NAME_MAX + 1])
{
	uint64_t n = __atomic_add_fetch(&fs->next_id, 1, __ATOMIC_RELAXED);

	(void)snprintf(ret, NFS_NAME_MAX + 1, HIDDEN_PREFIX "%016llx-%llx",
		       (unsigned long long)fs->mount_id, (unsigned long long)n);
}
