/* SPDX-License-Identifier: Apache-2.0
 *
 * Our calls as libnfs wants them, one function for each procedure.
 */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "rpc/nfs_libnfs.h"

/* libnfs takes char * where it only reads. */
static char *
unconst(const void *p)
{
	union {
		const void *from;
		char *to;
	} u = { .from = p };

	return u.to;
}

static nfs_fh3
put_fh(const struct nfs_fh *fh)
{
	nfs_fh3 out;

	out.data.data_len = fh->len;
	out.data.data_val = unconst(fh->data);
	return out;
}

static diropargs3
put_name(const struct nfs_fh *dir, const char *name)
{
	diropargs3 out;

	out.dir = put_fh(dir);
	out.name = unconst(name);
	return out;
}

static nfstime3
put_time(struct nfs_time t)
{
	nfstime3 out;

	out.seconds = t.sec;
	out.nseconds = t.nsec;
	return out;
}

static sattr3
put_sattr(const struct nfs_sattr *s)
{
	sattr3 out;

	memset(&out, 0, sizeof(out));
	if (s->set & NFS_SET_MODE) {
		out.mode.set_it = 1;
		out.mode.set_mode3_u.mode = s->mode & 07777;
	}
	if (s->set & NFS_SET_UID) {
		out.uid.set_it = 1;
		out.uid.set_uid3_u.uid = s->uid;
	}
	if (s->set & NFS_SET_GID) {
		out.gid.set_it = 1;
		out.gid.set_gid3_u.gid = s->gid;
	}
	if (s->set & NFS_SET_SIZE) {
		out.size.set_it = 1;
		out.size.set_size3_u.size = s->size;
	}
	if (s->set & NFS_SET_ATIME_NOW) {
		out.atime.set_it = SET_TO_SERVER_TIME;
	} else if (s->set & NFS_SET_ATIME) {
		out.atime.set_it = SET_TO_CLIENT_TIME;
		out.atime.set_atime_u.atime = put_time(s->atime);
	}
	if (s->set & NFS_SET_MTIME_NOW) {
		out.mtime.set_it = SET_TO_SERVER_TIME;
	} else if (s->set & NFS_SET_MTIME) {
		out.mtime.set_it = SET_TO_CLIENT_TIME;
		out.mtime.set_mtime_u.mtime = put_time(s->mtime);
	}
	return out;
}

/* --- one for each procedure ------------------------------------------------ */

#define SEND(name) LIBNFS_CALL(name, rpc, wire_reply, &args, a)

static int
ask_getattr(struct rpc_context *rpc, struct nfs_wire *a)
{
	GETATTR3args args = { .object = put_fh(&a->call->fh) };

	return SEND(nfs3_getattr);
}

static int
ask_setattr(struct rpc_context *rpc, struct nfs_wire *a)
{
	const struct nfs_call *c = a->call;
	SETATTR3args args;

	memset(&args, 0, sizeof(args));
	args.object = put_fh(&c->fh);
	args.new_attributes = put_sattr(&c->sattr);
	if (c->has_guard) {
		args.guard.check = 1;
		args.guard.sattrguard3_u.obj_ctime = put_time(c->guard);
	}
	return SEND(nfs3_setattr);
}

static int
ask_lookup(struct rpc_context *rpc, struct nfs_wire *a)
{
	LOOKUP3args args = { .what = put_name(&a->call->fh, a->call->name) };

	return SEND(nfs3_lookup);
}

static int
ask_access(struct rpc_context *rpc, struct nfs_wire *a)
{
	ACCESS3args args = { .object = put_fh(&a->call->fh),
			     .access = a->call->access };

	return SEND(nfs3_access);
}

static int
ask_readlink(struct rpc_context *rpc, struct nfs_wire *a)
{
	READLINK3args args = { .symlink = put_fh(&a->call->fh) };

	return SEND(nfs3_readlink);
}

static int
ask_read(struct rpc_context *rpc, struct nfs_wire *a)
{
	READ3args args = { .file = put_fh(&a->call->fh),
			   .offset = a->call->offset,
			   .count = a->call->count };

#if HAVE_DECL_RPC_NFS3_READ_TASK
	/* zeroed: a server may claim to have sent more than it did */
	a->buf = calloc(1, (size_t)args.count + 1);
	if (a->buf == NULL)
		return -1;
	return LIBNFS_CALL(nfs3_read, rpc, wire_reply, a->buf, args.count,
			   &args, a);
#else
	return SEND(nfs3_read);
#endif
}

/* What does not copy the data would still point to it after the deadline. */
static int
ask_write(struct rpc_context *rpc, struct nfs_wire *a)
{
	const struct nfs_call *c = a->call;
	WRITE3args args;

	args.file = put_fh(&c->fh);
	args.offset = c->offset;
	args.count = c->count;
	args.stable = (stable_how)c->stable;
	args.data.data_len = c->count;
	args.data.data_val = unconst(c->data);
	if (!LIBNFS_COPIES_WRITES) {
		a->buf = malloc((size_t)c->count + 1);
		if (a->buf == NULL)
			return -1;
		memcpy(a->buf, c->data, c->count);
		args.data.data_val = a->buf;
	}
	return SEND(nfs3_write);
}

static int
ask_create(struct rpc_context *rpc, struct nfs_wire *a)
{
	const struct nfs_call *c = a->call;
	CREATE3args args;

	memset(&args, 0, sizeof(args));
	args.where = put_name(&c->fh, c->name);
	args.how.mode = (createmode3)c->how;
	if (c->how == NFS_CREATE_EXCLUSIVE)
		memcpy(args.how.createhow3_u.verf, &c->verf, sizeof(c->verf));
	else
		args.how.createhow3_u.obj_attributes = put_sattr(&c->sattr);
	return SEND(nfs3_create);
}

static int
ask_mkdir(struct rpc_context *rpc, struct nfs_wire *a)
{
	MKDIR3args args = { .where = put_name(&a->call->fh, a->call->name),
			    .attributes = put_sattr(&a->call->sattr) };

	return SEND(nfs3_mkdir);
}

static int
ask_symlink(struct rpc_context *rpc, struct nfs_wire *a)
{
	SYMLINK3args args;

	args.where = put_name(&a->call->fh, a->call->name);
	args.symlink.symlink_attributes = put_sattr(&a->call->sattr);
	args.symlink.symlink_data = unconst(a->call->name2);
	return SEND(nfs3_symlink);
}

static int
ask_mknod(struct rpc_context *rpc, struct nfs_wire *a)
{
	const struct nfs_call *c = a->call;
	devicedata3 dev;
	MKNOD3args args;

	memset(&args, 0, sizeof(args));
	args.where = put_name(&c->fh, c->name);
	dev.dev_attributes = put_sattr(&c->sattr);
	dev.spec.specdata1 = c->rdev_major;
	dev.spec.specdata2 = c->rdev_minor;
	switch (c->sattr.mode & S_IFMT) {
	case S_IFCHR:
		args.what.type = NF3CHR;
		args.what.mknoddata3_u.chr_device = dev;
		break;
	case S_IFBLK:
		args.what.type = NF3BLK;
		args.what.mknoddata3_u.blk_device = dev;
		break;
	case S_IFSOCK:
		args.what.type = NF3SOCK;
		args.what.mknoddata3_u.sock_attributes = dev.dev_attributes;
		break;
	default:
		args.what.type = NF3FIFO;
		args.what.mknoddata3_u.pipe_attributes = dev.dev_attributes;
	}
	return SEND(nfs3_mknod);
}

static int
ask_remove(struct rpc_context *rpc, struct nfs_wire *a)
{
	REMOVE3args args = { .object = put_name(&a->call->fh, a->call->name) };

	return SEND(nfs3_remove);
}

static int
ask_rmdir(struct rpc_context *rpc, struct nfs_wire *a)
{
	RMDIR3args args = { .object = put_name(&a->call->fh, a->call->name) };

	return SEND(nfs3_rmdir);
}

static int
ask_rename(struct rpc_context *rpc, struct nfs_wire *a)
{
	RENAME3args args = { .from = put_name(&a->call->fh, a->call->name),
			     .to = put_name(&a->call->fh2, a->call->name2) };

	return SEND(nfs3_rename);
}

static int
ask_link(struct rpc_context *rpc, struct nfs_wire *a)
{
	LINK3args args = { .file = put_fh(&a->call->fh),
			   .link = put_name(&a->call->fh2, a->call->name) };

	return SEND(nfs3_link);
}

static int
ask_readdirplus(struct rpc_context *rpc, struct nfs_wire *a)
{
	const struct nfs_call *c = a->call;
	READDIRPLUS3args args;

	args.dir = put_fh(&c->fh);
	args.cookie = c->offset;
	memcpy(args.cookieverf, &c->verf, sizeof(args.cookieverf));
	args.dircount = c->count;
	args.maxcount = c->count;
	return SEND(nfs3_readdirplus);
}

static int
ask_fsstat(struct rpc_context *rpc, struct nfs_wire *a)
{
	FSSTAT3args args = { .fsroot = put_fh(&a->call->fh) };

	return SEND(nfs3_fsstat);
}

static int
ask_commit(struct rpc_context *rpc, struct nfs_wire *a)
{
	COMMIT3args args = { .file = put_fh(&a->call->fh),
			     .offset = a->call->offset,
			     .count = a->call->count };

	return SEND(nfs3_commit);
}

static int
ask_fsinfo(struct rpc_context *rpc, struct nfs_wire *a)
{
	FSINFO3args args = { .fsroot = put_fh(&a->call->fh) };

	return SEND(nfs3_fsinfo);
}

static int
ask_pathconf(struct rpc_context *rpc, struct nfs_wire *a)
{
	PATHCONF3args args = { .object = put_fh(&a->call->fh) };

	return SEND(nfs3_pathconf);
}

static int
ask_mnt(struct rpc_context *rpc, struct nfs_wire *a)
{
	return LIBNFS_CALL(mount3_mnt, rpc, wire_reply, unconst(a->call->name),
			   a);
}

#define TCP_PROTOCOL 6

static int
ask_getport(struct rpc_context *rpc, struct nfs_wire *a)
{
	const struct wire_setup *s =
		container_of(a->call, struct wire_setup, call);

	return LIBNFS_CALL(pmap2_getport, rpc, (int)s->prog, (int)s->vers,
			   TCP_PROTOCOL, wire_reply, a);
}

static int
ask_getaddr(struct rpc_context *rpc, struct nfs_wire *a)
{
	const struct wire_setup *s =
		container_of(a->call, struct wire_setup, call);
	struct pmap3_mapping map = { .prog = s->prog,
				     .vers = s->vers,
				     .netid = unconst("tcp6"),
				     .addr = unconst(""),
				     .owner = unconst("") };

	return LIBNFS_CALL(pmap3_getaddr, rpc, &map, wire_reply, a);
}

static int (*const asks[WIRE_PROC_MAX])(struct rpc_context *rpc,
					struct nfs_wire *a) = {
	[NFS_GETATTR] = ask_getattr,   [NFS_SETATTR] = ask_setattr,
	[NFS_LOOKUP] = ask_lookup,     [NFS_ACCESS] = ask_access,
	[NFS_READLINK] = ask_readlink, [NFS_READ] = ask_read,
	[NFS_WRITE] = ask_write,       [NFS_CREATE] = ask_create,
	[NFS_MKDIR] = ask_mkdir,       [NFS_SYMLINK] = ask_symlink,
	[NFS_MKNOD] = ask_mknod,       [NFS_REMOVE] = ask_remove,
	[NFS_RMDIR] = ask_rmdir,       [NFS_RENAME] = ask_rename,
	[NFS_LINK] = ask_link,         [NFS_READDIRPLUS] = ask_readdirplus,
	[NFS_FSSTAT] = ask_fsstat,     [NFS_COMMIT] = ask_commit,
	[WIRE_FSINFO] = ask_fsinfo,    [WIRE_PATHCONF] = ask_pathconf,
	[WIRE_MNT] = ask_mnt,          [WIRE_GETPORT] = ask_getport,
	[WIRE_GETADDR] = ask_getaddr,
};

int
ask_send(struct rpc_context *rpc, struct nfs_wire *a)
{
	if (asks[a->call->proc](rpc, a) == 0)
		return 0;
	/* libnfs 4 and 5 encode into 4 KiB, all but the data of a WRITE: the
	 * only thing of ours that does not fit is a long symlink. */
	return a->call->proc == NFS_SYMLINK ? -ENAMETOOLONG : -EIO;
}
