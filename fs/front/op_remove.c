/* SPDX-License-Identifier: Apache-2.0
 *
 * op_remove - operations that take a name away: unlink, rmdir, rename.
 *
 * NFSv3 has no open files, and the kernel does not tell us of ours.  So a file
 * that loses its last name gets a hidden one instead, and that is removed when
 * the kernel forgets the inode: at once if nobody has it open, else when the
 * last one closes it.
 *
 *   unlink a          RENAME a -> hidden;                  ... forget: REMOVE
 *   rename b over a   LINK a -> hidden, RENAME b -> a;     ... forget: REMOVE
 *   rmdir d           if only hidden names are left in it: those whose removal is
 *                     under way are waited for, the others move up
 *
 * LINK, not RENAME, before a replacement: there is no moment without the name.
 */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/count.h"
#include "base/mem.h"
#include "front/notify.h"
#include "front/op.h"

/* How long until a directory is tried again whose hidden files are being
 * removed: some round trips. */
#define RMDIR_PAUSE (2 * NS_MS)

struct op_remove {
	struct op op; /* ino/name: what goes, ino2: rename's target dir */
	ino_num target; /* unlink, rename: the inode that loses a name */
	ino_num moving; /* rename: the inode that is renamed */
	uint32_t unhidden; /* rmdir: of TARGET when the call was sent */
	int hides; /* HIDDEN is a name of TARGET (to be) */
	int saved; /* rename's status while HIDDEN is taken back */
	struct timer timer;
	void (*go)(struct op_remove *rm);
	char newname[NFS_NAME_MAX + 1];
	char hidden[NFS_NAME_MAX + 1];
};

#define remove_of(callp) container_of(op_of(callp), struct op_remove, op)

static struct itable *
table(const struct op_remove *rm)
{
	return rm->op.w->fs->itable;
}

static void
send_change(struct op_remove *rm, enum nfs_proc proc,
	    void (*done)(struct nfs_call *c))
{
	int r = op_call(&rm->op, proc, rm->op.ino, done);

	if (r < 0) {
		op_reply_err(&rm->op, r);
		return;
	}
	itable_change_begin(table(rm), rm->op.ino);
	op_submit(&rm->op);
}

static void
end_change(struct op_remove *rm, const struct nfs_call *c)
{
	(void)itable_change_end(table(rm), rm->op.ino,
				c->has_dir_attr ? &c->dir_attr : NULL,
				c->has_wcc ? &c->wcc : NULL, c->sent);
}

/* --- hidden names ---------------------------------------------------------------- */

/* A hidden name that cannot be removed is tried again, this often. */
#define HIDE_TRIES 10
#define HIDE_PAUSE (50 * NS_MS)

struct op_hide {
	struct op op;
	struct itable_hidden hidden;
	struct timer timer;
	unsigned tries;
};

static void hide_send(struct op_hide *h);

static void
hide_again(struct timer *t)
{
	hide_send(container_of(t, struct op_hide, timer));
}

static void
hide_removed(struct nfs_call *c)
{
	struct op_hide *h = container_of(op_of(c), struct op_hide, op);
	struct fs *fs = h->op.w->fs;

	(void)itable_change_end(fs->itable, h->hidden.dir,
				c->has_dir_attr ? &c->dir_attr : NULL,
				c->has_wcc ? &c->wcc : NULL, c->sent);
	h->timer.fn = hide_again;
	if (c->status < 0 && c->status != -ENOENT && ++h->tries < HIDE_TRIES &&
	    clock_now() < h->op.deadline &&
	    timer_set(h->op.w->loop, &h->timer, clock_now() + HIDE_PAUSE) == 0)
		return;
	if (c->status < 0 && c->status != -ENOENT)
		count(hidden_left);
	itable_removed(fs->itable, h->hidden.ino);
	op_end(&h->op);
}

static void
hide_send(struct op_hide *h)
{
	(void)op_call(&h->op, NFS_REMOVE, h->hidden.dir, hide_removed);
	h->op.call.fh = h->hidden.dir_fh;
	itable_change_begin(h->op.w->fs->itable, h->hidden.dir);
	op_submit(&h->op);
}

void
op_hide_remove(struct worker *w, ino_num ino)
{
	struct itable_hidden hidden;
	struct op_hide *h;

	if (itable_hidden_of(w->fs->itable, ino, &hidden) < 0)
		return;
	wback_drop(w->fs->wback, ino);
	h = op_new_quiet(w, &hidden.cred, sizeof(*h));
	if (h == NULL) {
		itable_removed(w->fs->itable, ino);
		return;
	}
	h->hidden = hidden;
	h->op.ino = hidden.dir;
	memcpy(h->op.name, hidden.name, sizeof(h->op.name));
	hide_send(h);
}

/* RM->target lost DIR/NAME and has RM->hidden there now.  Other names that it was
 * once found by would keep it in the kernel, open or not: they go.  Returns 0 or
 * -ENOMEM. */
static int
hide(struct op_remove *rm, ino_num dir, const char *name)
{
	char other[NFS_NAME_MAX + 1];
	ino_num parent;

	wback_unsee(rm->op.w->fs->wback, rm->target);
	itable_name_gone(table(rm), dir, name);
	while (itable_name(table(rm), rm->target, &parent, other) == 0) {
		notify_drop_name(rm->op.w->fs->notify, parent, other);
		itable_name_gone(table(rm), parent, other);
	}
	return itable_hide(table(rm), rm->target, dir, rm->hidden,
			   op_cred(&rm->op));
}

/* Another client may have removed the target's other names since its links were
 * counted: ask before relying on them, then go on with RM->go. */
static void
links_counted(struct nfs_call *c)
{
	struct op_remove *rm = remove_of(c);

	if (c->status == 0 && c->has_attr)
		(void)itable_learn(table(rm), rm->target, &c->attr, c->sent);
	rm->go(rm);
}

static void
count_links(struct op_remove *rm)
{
	struct nfs_attr attr;

	if (rm->target == 0 ||
	    itable_last_attr(table(rm), rm->target, &attr) < 0 ||
	    !S_ISREG(attr.mode) || attr.nlink <= 1 ||
	    op_call(&rm->op, NFS_GETATTR, rm->target, links_counted) < 0)
		rm->go(rm);
	else
		op_submit(&rm->op);
}

/* --- unlink ------------------------------------------------------------------------- */

static void
unlink_removed(struct nfs_call *c)
{
	struct op_remove *rm = remove_of(c);

	end_change(rm, c);
	if (rm->target != 0 && c->status == 0)
		itable_unlinked(table(rm), rm->target);
	if (c->status == 0 || c->status == -ENOENT)
		itable_name_gone(table(rm), rm->op.ino, rm->op.name);
	op_reply_err(&rm->op, c->status);
}

static void
unlink_hidden(struct nfs_call *c)
{
	struct op_remove *rm = remove_of(c);

	end_change(rm, c);
	switch (c->status) {
	case 0:
		if (hide(rm, rm->op.ino, rm->op.name) == 0) {
			op_reply_err(&rm->op, 0);
			return;
		}
		/* No memory to remember it: remove it at once. */
		memcpy(rm->op.name, rm->hidden, sizeof(rm->op.name));
		break;
	case -ENOENT:
		itable_name_gone(table(rm), rm->op.ino, rm->op.name);
		/* fall through */
	case -EACCES:
	case -EPERM:
	case -EROFS:
	case -ESTALE:
	case -EIO:
		op_reply_err(&rm->op, c->status);
		return;
	default: /* no space for a longer name, ...: without the net */
		break;
	}
	send_change(rm, NFS_REMOVE, unlink_removed);
}

/* NAME in PARENT is to go: an op, or NULL when the request is answered already. */
static struct op_remove *
remove_begin(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct op_remove *rm = op_new(req, sizeof(*rm));
	int r;

	count(fuse_unlink);
	if (rm == NULL)
		return NULL;
	rm->op.ino = parent;
	r = op_set_name(&rm->op, name);
	if (r < 0) {
		op_reply_err(&rm->op, r);
		return NULL;
	}
	rm->target = itable_by_name(table(rm), parent, name);
	return rm;
}

static void
unlink_go(struct op_remove *rm)
{
	ino_num parent = rm->op.ino;
	int r;

	if (!itable_is_solo(table(rm), rm->target)) {
		send_change(rm, NFS_REMOVE, unlink_removed);
		return;
	}
	op_hide_name(rm->op.w->fs, rm->hidden);
	r = op_call(&rm->op, NFS_RENAME, parent, unlink_hidden);
	if (r < 0) {
		op_reply_err(&rm->op, r);
		return;
	}
	rm->op.call.fh2 = rm->op.call.fh;
	rm->op.call.name2 = rm->hidden;
	itable_change_begin(table(rm), parent);
	op_submit(&rm->op);
}

void
op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct op_remove *rm = remove_begin(req, parent, name);

	if (rm == NULL)
		return;
	rm->go = unlink_go;
	count_links(rm);
}

/* --- rmdir ---------------------------------------------------------------------------- */

static void rmdir_done(struct nfs_call *c);

static void
rmdir_send(struct op_remove *rm)
{
	rm->unhidden = itable_unhidden(table(rm), rm->target);
	send_change(rm, NFS_RMDIR, rmdir_done);
}

static void
rmdir_again(struct timer *t)
{
	rmdir_send(container_of(t, struct op_remove, timer));
}

static void
rmdir_moved(struct nfs_call *c)
{
	struct op_remove *rm = remove_of(c);

	end_change(rm, c);
	if (c->status == 0)
		(void)itable_hide(table(rm), rm->moving, rm->op.ino, rm->hidden,
				  op_cred(&rm->op));
	if (c->status == 0 || c->status == -ENOENT)
		rmdir_send(rm);
	else
		op_reply_err(&rm->op, -ENOTEMPTY);
}

/* The directory is not empty: if that is for a hidden file of ours, get it out
 * of the way and try again.  False if it is not. */
static int
rmdir_clear(struct op_remove *rm)
{
	struct itable_hidden hidden;

	if (rm->target != 0 && clock_now() < rm->op.deadline &&
	    itable_unhidden(table(rm), rm->target) != rm->unhidden) {
		rmdir_send(rm); /* the last one went while we asked */
		return 1;
	}
	if (rm->target == 0 ||
	    itable_hidden(table(rm), rm->target, 0, &hidden) < 0 ||
	    clock_now() >= rm->op.deadline)
		return 0;
	if (hidden.forgotten) {
		rm->timer.fn = rmdir_again;
		return timer_set(rm->op.w->loop, &rm->timer,
				 clock_now() + RMDIR_PAUSE) == 0;
	}
	if (op_call(&rm->op, NFS_RENAME, rm->target, rmdir_moved) < 0 ||
	    itable_fh(table(rm), rm->op.ino, &rm->op.call.fh2) < 0)
		return 0;
	rm->moving = hidden.ino;
	memcpy(rm->hidden, hidden.name, sizeof(rm->hidden));
	rm->op.call.name = rm->hidden;
	rm->op.call.name2 = rm->hidden;
	itable_change_begin(table(rm), rm->op.ino);
	op_submit(&rm->op);
	return 1;
}

static void
rmdir_done(struct nfs_call *c)
{
	struct op_remove *rm = remove_of(c);

	end_change(rm, c);
	if ((c->status == -ENOTEMPTY || c->status == -EEXIST) &&
	    rmdir_clear(rm))
		return;
	if (c->status == -EEXIST) /* what some servers say for it */
		c->status = -ENOTEMPTY;
	if (c->status == 0 || c->status == -ENOENT)
		itable_name_gone(table(rm), rm->op.ino, rm->op.name);
	op_reply_err(&rm->op, c->status);
}

void
op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct op_remove *rm = remove_begin(req, parent, name);

	if (rm != NULL)
		rmdir_send(rm);
}

/* --- rename ------------------------------------------------------------------------------ */

static void
rename_unlinked(struct nfs_call *c)
{
	struct op_remove *rm = remove_of(c);

	/* The rename failed; the hidden link it did not need is gone. */
	(void)itable_change_end(table(rm), rm->op.ino2, NULL, NULL, c->sent);
	op_reply_err(&rm->op, rm->saved);
}

static void
rename_done(struct nfs_call *c)
{
	struct op_remove *rm = remove_of(c);
	struct itable *t = table(rm);
	int status = c->status;

	(void)itable_change_end(t, rm->op.ino,
				c->has_dir_attr ? &c->dir_attr : NULL,
				c->has_wcc ? &c->wcc : NULL, c->sent);
	(void)itable_change_end(t, rm->op.ino2,
				c->has_dir2_attr ? &c->dir2_attr : NULL, NULL,
				c->sent);
	if (rm->moving != 0) { /* its ctime is another */
		itable_expire(t, rm->moving);
		wback_unsee(rm->op.w->fs->wback, rm->moving);
	}
	if (status == 0) {
		if (rm->hides)
			(void)hide(rm, rm->op.ino2, rm->newname);
		else if (rm->target != 0)
			itable_unlinked(t, rm->target);
		itable_name_gone(t, rm->op.ino, rm->op.name);
		itable_renamed(t, rm->moving, rm->op.ino2, rm->newname);
	}
	if (status == 0 || !rm->hides ||
	    op_call(&rm->op, NFS_REMOVE, rm->op.ino2, rename_unlinked) < 0) {
		op_reply_err(&rm->op, status);
		return;
	}
	rm->op.call.name = rm->hidden;
	rm->saved = status;
	itable_change_begin(t, rm->op.ino2);
	op_submit(&rm->op);
}

static void
rename_send(struct op_remove *rm)
{
	struct nfs_call *c = &rm->op.call;
	int r = op_call(&rm->op, NFS_RENAME, rm->op.ino, rename_done);

	if (r == 0)
		r = itable_fh(table(rm), rm->op.ino2, &c->fh2);
	if (r < 0) {
		op_reply_err(&rm->op, r);
		return;
	}
	c->name2 = rm->newname;
	if (rm->moving == 0 || itable_fh(table(rm), rm->moving, &c->fh3) < 0)
		c->fh3.len = 0;
	itable_change_begin(table(rm), rm->op.ino);
	itable_change_begin(table(rm), rm->op.ino2);
	op_submit(&rm->op);
}

static void
rename_linked(struct nfs_call *c)
{
	struct op_remove *rm = remove_of(c);

	(void)itable_change_end(table(rm), rm->op.ino2,
				c->has_dir2_attr ? &c->dir2_attr : NULL, NULL,
				c->sent);
	/* A server without links, too many of them, a target that is gone: the
	 * rename does not depend on it. */
	rm->hides = c->status == 0;
	rename_send(rm);
}

/* Keep the file that is about to lose its name for those who have it open. */
static void
rename_hide_target(struct op_remove *rm)
{
	struct nfs_call *c = &rm->op.call;

	op_hide_name(rm->op.w->fs, rm->hidden);
	if (op_call(&rm->op, NFS_LINK, rm->target, rename_linked) < 0 ||
	    itable_fh(table(rm), rm->op.ino2, &c->fh2) < 0) {
		rename_send(rm);
		return;
	}
	c->name = rm->hidden;
	itable_change_begin(table(rm), rm->op.ino2);
	op_submit(&rm->op);
}

static void
rename_counted(struct op_remove *rm)
{
	if (rm->target != rm->moving && itable_is_solo(table(rm), rm->target))
		rename_hide_target(rm);
	else
		rename_send(rm);
}

static void
rename_go(struct op_remove *rm)
{
	rm->moving = itable_by_name(table(rm), rm->op.ino, rm->op.name);
	rm->target = itable_by_name(table(rm), rm->op.ino2, rm->newname);
	rm->go = rename_counted;
	count_links(rm);
}

static void
rename_looked(struct nfs_call *c)
{
	struct op_remove *rm = remove_of(c);

	if (c->status == -ENOENT)
		rename_go(rm);
	else
		op_reply_err(&rm->op, c->status == 0 ? -EEXIST : c->status);
}

void
op_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
	  fuse_ino_t newparent, const char *newname, unsigned int flags)
{
	struct op_remove *rm = op_new(req, sizeof(*rm));
	int r;

	count(fuse_rename);
	if (rm == NULL)
		return;
	rm->op.ino = parent;
	rm->op.ino2 = newparent;
	r = op_set_name(&rm->op, newname);
	memcpy(rm->newname, rm->op.name, sizeof(rm->newname));
	if (r == 0)
		r = op_set_name(&rm->op, name);
	if (r == 0 && op_name_is_hidden(rm->op.w->fs, newname))
		r = -EACCES;
	if (r == 0 && (flags & ~RENAME_NOREPLACE) != 0)
		r = -EINVAL; /* NFSv3 cannot exchange */
	if (r == 0 && (flags & RENAME_NOREPLACE))
		r = op_call(&rm->op, NFS_LOOKUP, newparent, rename_looked);
	if (r < 0) {
		op_reply_err(&rm->op, r);
		return;
	}
	if (flags & RENAME_NOREPLACE) {
		/* NFSv3 has no such rename: ask first.  Another client may
		 * still come in between. */
		rm->op.call.name = rm->newname;
		op_submit(&rm->op);
		return;
	}
	rename_go(rm);
}
