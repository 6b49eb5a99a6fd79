/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "front/who.h"

#define SLOTS 64u
/* A process that changes its groups without its uid is trusted with the old
 * ones this long. */
#define WHO_TTL NS_SEC

struct slot {
	pid_t pid;
	ns_t since; /* 0: empty */
	struct nfs_cred cred;
};

struct who {
	struct slot slots[SLOTS];
};

struct who *
who_new(void)
{
	return calloc(1, sizeof(struct who));
}

void
who_free(struct who *w)
{
	free(w);
}

static void
ask_groups(fuse_req_t req, struct nfs_cred *cred)
{
	gid_t list[NFS_GROUPS_MAX + 1];
	int n = fuse_req_getgroups(req, NFS_GROUPS_MAX, list);
	int i;

	cred->n_groups = 0;
	if (n > (int)NFS_GROUPS_MAX)
		n = NFS_GROUPS_MAX; /* AUTH_SYS carries no more */
	for (i = 0; i < n; i++)
		if (list[i] != cred->gid)
			cred->groups[cred->n_groups++] = list[i];
}

void
who_asks(struct who *w, fuse_req_t req, struct nfs_cred *ret)
{
	const struct fuse_ctx *ctx = fuse_req_ctx(req);
	struct slot *s = &w->slots[(unsigned)ctx->pid % SLOTS];
	ns_t now = clock_now();

	if (ctx->pid != 0 && s->since != 0 && now - s->since < WHO_TTL &&
	    s->pid == ctx->pid && s->cred.uid == ctx->uid &&
	    s->cred.gid == ctx->gid) {
		*ret = s->cred;
		return;
	}
	memset(ret, 0, sizeof(*ret));
	ret->uid = ctx->uid;
	ret->gid = ctx->gid;
	if (ctx->pid == 0)
		return;
	ask_groups(req, ret);
	s->pid = ctx->pid;
	s->since = now;
	s->cred = *ret;
}
