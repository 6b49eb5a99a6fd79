/* SPDX-License-Identifier: Apache-2.0
 *
 * A server that executed a call but whose answer was lost with the connection
 * executes it again when we send it again, and says ENOENT or EEXIST.  Its reply
 * cache does not help: a resend has a new xid, and after a failover the cache is
 * gone.  So we look whether the state is the one that our call makes:
 *
 *   REMOVE RMDIR  ENOENT  done
 *   MKDIR         EEXIST  a directory of the caller's is there
 *   SYMLINK       EEXIST  a link with our target is there
 *   MKNOD         EEXIST  a node of our type and number is there
 *   LINK          EEXIST  the name has the handle of the file
 *   RENAME        ENOENT  the new name has the handle of what was renamed, or
 *                         is there at all when that handle is not known
 *
 * Somebody else may have made the same thing in the same second: then two
 * makers succeed.  MKDIR for root accepts any owner (root_squash); with
 * all_squash the owner never matches and EEXIST stays.  CREATE EXCLUSIVE needs
 * nothing: the server compares the verifier.
 */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/count.h"
#include "base/mem.h"
#include "rpc/nfs_client.h"

struct check {
	struct nfs_call call;
	struct nfs_call *of; /* peek: the call in question */
};

static void
check_free(struct check *k)
{
	k->of->check = NULL;
	free(k);
}

/* The answer was that of our own earlier sending. */
static void
mark_done(struct nfs_call *c)
{
	c->status = 0;
	count(rpc_replayed);
}

/* Take over what the LOOKUP says about the object. */
static void
copy_object(struct nfs_call *c, const struct nfs_call *found)
{
	c->has_attr = found->has_attr;
	c->attr = found->attr;
	if (c->proc == NFS_LINK || c->proc == NFS_RENAME)
		return;
	c->has_ret_fh = found->has_ret_fh;
	c->ret_fh = found->ret_fh;
}

static int
is_ours(const struct nfs_call *c, const struct nfs_call *found)
{
	const struct nfs_attr *a = &found->attr;

	switch (c->proc) {
	case NFS_MKDIR:
		return found->has_attr && S_ISDIR(a->mode) &&
		       (a->uid == c->cred->uid || c->cred->uid == 0);
	case NFS_MKNOD:
		return found->has_attr &&
		       (a->mode & S_IFMT) == (c->sattr.mode & S_IFMT) &&
		       ((!S_ISCHR(a->mode) && !S_ISBLK(a->mode)) ||
			(a->rdev_major == c->rdev_major &&
			 a->rdev_minor == c->rdev_minor));
	case NFS_SYMLINK: /* the target is asked for next */
		return found->has_attr && S_ISLNK(a->mode);
	case NFS_LINK:
		return nfs_fh_equal(&found->ret_fh, &c->fh);
	case NFS_RENAME:
		return c->fh3.len == 0 || nfs_fh_equal(&found->ret_fh, &c->fh3);
	default:
		return 0;
	}
}

static void
on_target(struct nfs_call *call)
{
	struct check *k = container_of(call, struct check, call);
	struct nfs_call *c = k->of;

	if (call->status == 0 && strcmp(call->ret_data, c->name2) == 0)
		mark_done(c);
	else
		c->has_attr = c->has_ret_fh = 0;
	check_free(k);
	nfs_call_end(c);
}

static void
on_lookup(struct nfs_call *call)
{
	struct check *k = container_of(call, struct check, call);
	struct nfs_call *c = k->of;

	if (call->status == 0 && is_ours(c, call)) {
		copy_object(c, call);
		if (c->proc == NFS_SYMLINK) {
			call->proc = NFS_READLINK;
			call->fh = call->ret_fh;
			call->done = on_target;
			nfs_submit(c->client, call);
			return;
		}
		mark_done(c);
	}
	if (call->status == -EIO) /* we do not know */
		c->status = -EIO;
	check_free(k);
	nfs_call_end(c);
}

/* Which name to look up; 0 if C is no candidate. */
static int
where_to_look(const struct nfs_call *c, struct nfs_call *ret)
{
	switch (c->proc) {
	case NFS_MKDIR:
	case NFS_SYMLINK:
	case NFS_MKNOD:
		ret->fh = c->fh;
		ret->name = c->name;
		return c->status == -EEXIST;
	case NFS_LINK:
		ret->fh = c->fh2;
		ret->name = c->name;
		return c->status == -EEXIST;
	case NFS_RENAME:
		ret->fh = c->fh2;
		ret->name = c->name2;
		return c->status == -ENOENT;
	default:
		return 0;
	}
}

int
nfs_replay_check(struct nfs_call *c)
{
	struct check *k;

	if (c->proc == NFS_REMOVE || c->proc == NFS_RMDIR) {
		if (c->status == -ENOENT)
			mark_done(c);
		return 0;
	}
	k = calloc(1, sizeof(*k));
	if (k == NULL)
		return 0;
	if (!where_to_look(c, &k->call)) {
		free(k);
		return 0;
	}
	k->of = c;
	k->call.proc = NFS_LOOKUP;
	k->call.done = on_lookup;
	k->call.cred = c->cred;
	k->call.deadline = c->deadline;
	c->check = &k->call;
	nfs_submit(c->client, &k->call);
	return 1;
}

void
nfs_replay_drop(struct nfs_call *c)
{
	struct check *k;

	if (c->check == NULL)
		return;
	k = container_of(c->check, struct check, call);
	nfs_cancel(&k->call);
	check_free(k);
}

struct nfs_call *
nfs_replay_of(struct nfs_call *c)
{
	if (c->done != on_lookup && c->done != on_target)
		return c;
	return container_of(c, struct check, call)->of;
}
