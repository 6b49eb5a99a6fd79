/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers of the server, as libnfs decoded them, into our calls.  What the
 * server says is input: counts, lengths, types and names are checked here.
 */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/count.h"
#include "base/mem.h"
#include "rpc/nfs_err.h"
#include "rpc/nfs_libnfs.h"

static const uint32_t type_bits[] = {
	[NF3REG] = S_IFREG,  [NF3DIR] = S_IFDIR, [NF3BLK] = S_IFBLK,
	[NF3CHR] = S_IFCHR,  [NF3LNK] = S_IFLNK, [NF3SOCK] = S_IFSOCK,
	[NF3FIFO] = S_IFIFO,
};

static struct nfs_time
get_time(nfstime3 t)
{
	struct nfs_time out = { .sec = t.seconds, .nsec = t.nseconds };

	if (out.nsec > 999999999)
		out.nsec = 999999999;
	return out;
}

/* Returns 0 if the type is one that we do not know. */
static int
get_fattr(const fattr3 *a, struct nfs_attr *ret)
{
	uint32_t type = (uint32_t)a->type;

	if (type < NF3REG || type > NF3FIFO)
		return 0;
	ret->mode = type_bits[type] | (a->mode & 07777);
	ret->nlink = a->nlink;
	ret->uid = a->uid;
	ret->gid = a->gid;
	ret->rdev_major = a->rdev.specdata1;
	ret->rdev_minor = a->rdev.specdata2;
	ret->size = a->size;
	ret->used = a->used;
	ret->fsid = a->fsid;
	ret->fileid = a->fileid;
	ret->atime = get_time(a->atime);
	ret->mtime = get_time(a->mtime);
	ret->ctime = get_time(a->ctime);
	return 1;
}

static int
get_attr(const post_op_attr *a, struct nfs_attr *ret)
{
	return a->attributes_follow &&
	       get_fattr(&a->post_op_attr_u.attributes, ret);
}

static int
get_handle(size_t len, const char *data, struct nfs_fh *ret)
{
	if (len == 0 || len > NFS_FH_MAX)
		return 0;
	ret->len = (uint8_t)len;
	memcpy(ret->data, data, len);
	return 1;
}

static int
get_fh(const post_op_fh3 *fh, struct nfs_fh *ret)
{
	const nfs_fh3 *h = &fh->post_op_fh3_u.handle;

	return fh->handle_follows &&
	       get_handle(h->data.data_len, h->data.data_val, ret);
}

static void
get_before(struct nfs_call *c, const pre_op_attr *a)
{
	const wcc_attr *w = &a->pre_op_attr_u.attributes;

	c->has_wcc = a->attributes_follow != 0;
	if (!c->has_wcc)
		return;
	c->wcc.size = w->size;
	c->wcc.mtime = get_time(w->mtime);
	c->wcc.ctime = get_time(w->ctime);
}

/* wcc_data of the object itself, and of the directory of a change. */
static void
get_wcc(struct nfs_call *c, const wcc_data *w)
{
	get_before(c, &w->before);
	c->has_attr = get_attr(&w->after, &c->attr);
}

static void
get_dir_wcc(struct nfs_call *c, const wcc_data *w)
{
	get_before(c, &w->before);
	c->has_dir_attr = get_attr(&w->after, &c->dir_attr);
}

/* --- one for each procedure: returns 0 or -errno ----------------------------- */

static int
take_getattr(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const GETATTR3res *r = res;

	(void)ret_garbage;
	if (r->status != NFS3_OK)
		return 0;
	c->has_attr =
		get_fattr(&r->GETATTR3res_u.resok.obj_attributes, &c->attr);
	return c->has_attr ? 0 : -EIO;
}

static int
take_setattr(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const SETATTR3res *r = res;

	(void)ret_garbage;
	get_wcc(c, r->status == NFS3_OK ? &r->SETATTR3res_u.resok.obj_wcc
					: &r->SETATTR3res_u.resfail.obj_wcc);
	return 0;
}

static int
take_lookup(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const LOOKUP3res *r = res;
	const LOOKUP3resok *ok = &r->LOOKUP3res_u.resok;

	(void)ret_garbage;
	if (r->status != NFS3_OK) {
		c->has_dir_attr = get_attr(
			&r->LOOKUP3res_u.resfail.dir_attributes, &c->dir_attr);
		return 0;
	}
	c->has_dir_attr = get_attr(&ok->dir_attributes, &c->dir_attr);
	c->has_attr = get_attr(&ok->obj_attributes, &c->attr);
	c->has_ret_fh = get_handle(ok->object.data.data_len,
				   ok->object.data.data_val, &c->ret_fh);
	return c->has_ret_fh ? 0 : -EIO;
}

static int
take_access(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const ACCESS3res *r = res;

	(void)ret_garbage;
	if (r->status != NFS3_OK) {
		c->has_attr = get_attr(&r->ACCESS3res_u.resfail.obj_attributes,
				       &c->attr);
		return 0;
	}
	c->has_attr = get_attr(&r->ACCESS3res_u.resok.obj_attributes, &c->attr);
	c->ret_access = r->ACCESS3res_u.resok.access;
	return 0;
}

static int
take_readlink(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const READLINK3res *r = res;
	const READLINK3resok *ok = &r->READLINK3res_u.resok;

	(void)ret_garbage;
	if (r->status != NFS3_OK) {
		c->has_attr =
			get_attr(&r->READLINK3res_u.resfail.symlink_attributes,
				 &c->attr);
		return 0;
	}
	c->has_attr = get_attr(&ok->symlink_attributes, &c->attr);
	c->ret_data = ok->data;
	return ok->data == NULL ? -EIO : 0;
}

static int
take_read(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const READ3res *r = res;
	const READ3resok *ok = &r->READ3res_u.resok;

	(void)ret_garbage;
	if (r->status != NFS3_OK) {
		c->has_attr = get_attr(&r->READ3res_u.resfail.file_attributes,
				       &c->attr);
		return 0;
	}
	c->has_attr = get_attr(&ok->file_attributes, &c->attr);
	c->ret_count = ok->count;
	c->eof = ok->eof != 0;
	if (ok->count > c->count)
		return -EIO;
#if HAVE_DECL_RPC_NFS3_READ_TASK
	c->ret_data = c->wire->buf; /* libnfs counted what it put there */
#else
	if (ok->count > ok->data.data_len)
		return -EIO;
	c->ret_data = ok->data.data_val;
#endif
	count_add(COUNT_read_bytes, ok->count);
	return 0;
}

static int
take_write(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const WRITE3res *r = res;
	const WRITE3resok *ok = &r->WRITE3res_u.resok;

	(void)ret_garbage;
	if (r->status != NFS3_OK) {
		get_wcc(c, &r->WRITE3res_u.resfail.file_wcc);
		return 0;
	}
	get_wcc(c, &ok->file_wcc);
	c->ret_count = ok->count;
	c->committed = (enum nfs_stable)ok->committed;
	memcpy(&c->ret_verf, ok->verf, sizeof(c->ret_verf));
	/* More than asked, or nothing at all, is no answer. */
	if (ok->count > c->count || (ok->count == 0 && c->count > 0))
		return -EIO;
	if ((uint32_t)ok->committed > FILE_SYNC)
		return -EIO;
	count_add(COUNT_write_bytes, ok->count);
	return 0;
}

/* CREATE, MKDIR, SYMLINK and MKNOD answer alike. */
static int
take_made(struct nfs_call *c, const post_op_fh3 *fh, const post_op_attr *attr,
	  const wcc_data *dir)
{
	c->has_ret_fh = get_fh(fh, &c->ret_fh);
	c->has_attr = get_attr(attr, &c->attr);
	get_dir_wcc(c, dir);
	return 0;
}

#define TAKE_MADE(name, res3, u)                                     \
	static int take_##name(struct nfs_call *c, const void *res,  \
			       void **ret_garbage)                   \
	{                                                            \
		const res3 *r = res;                                 \
                                                                     \
		(void)ret_garbage;                                   \
		if (r->status == NFS3_OK)                            \
			return take_made(c, &r->u.resok.obj,         \
					 &r->u.resok.obj_attributes, \
					 &r->u.resok.dir_wcc);       \
		get_dir_wcc(c, &r->u.resfail.dir_wcc);               \
		return 0;                                            \
	}

TAKE_MADE(create, CREATE3res, CREATE3res_u)
TAKE_MADE(mkdir, MKDIR3res, MKDIR3res_u)
TAKE_MADE(symlink, SYMLINK3res, SYMLINK3res_u)
TAKE_MADE(mknod, MKNOD3res, MKNOD3res_u)

static int
take_remove(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const REMOVE3res *r = res;

	(void)ret_garbage;
	get_dir_wcc(c, r->status == NFS3_OK ? &r->REMOVE3res_u.resok.dir_wcc
					    : &r->REMOVE3res_u.resfail.dir_wcc);
	return 0;
}

static int
take_rmdir(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const RMDIR3res *r = res;

	(void)ret_garbage;
	get_dir_wcc(c, r->status == NFS3_OK ? &r->RMDIR3res_u.resok.dir_wcc
					    : &r->RMDIR3res_u.resfail.dir_wcc);
	return 0;
}

static int
take_rename(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const RENAME3res *r = res;
	const RENAME3resok *ok = &r->RENAME3res_u.resok;
	const RENAME3resfail *fail = &r->RENAME3res_u.resfail;
	int is_ok = r->status == NFS3_OK;

	(void)ret_garbage;
	get_dir_wcc(c, is_ok ? &ok->fromdir_wcc : &fail->fromdir_wcc);
	c->has_dir2_attr =
		get_attr(is_ok ? &ok->todir_wcc.after : &fail->todir_wcc.after,
			 &c->dir2_attr);
	return 0;
}

static int
take_link(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const LINK3res *r = res;
	const LINK3resok *ok = &r->LINK3res_u.resok;
	const LINK3resfail *fail = &r->LINK3res_u.resfail;
	int is_ok = r->status == NFS3_OK;
	const wcc_data *dir = is_ok ? &ok->linkdir_wcc : &fail->linkdir_wcc;

	(void)ret_garbage;
	get_before(c, &dir->before);
	c->has_dir2_attr = get_attr(&dir->after, &c->dir2_attr);
	c->has_attr =
		get_attr(is_ok ? &ok->file_attributes : &fail->file_attributes,
			 &c->attr);
	return 0;
}

static void
get_entry(const entryplus3 *e, struct nfs_dirent *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->name = e->name;
	ret->cookie = e->cookie;
	ret->fileid = e->fileid;
	ret->is_dot = strcmp(e->name, ".") == 0 || strcmp(e->name, "..") == 0;
	ret->has_attr = get_attr(&e->name_attributes, &ret->attr);
	ret->has_fh = get_fh(&e->name_handle, &ret->fh);
}

/* libnfs 4 packs the entries: they are not aligned, and so are copied out. */
static const void *
load_entry(const void *p, entryplus3 *ret)
{
	if (p != NULL)
		memcpy(ret, p, sizeof(*ret));
	return p;
}

static int
take_entries(struct nfs_call *c, const void *first, void **ret_garbage)
{
	struct nfs_dirent *list;
	const void *p;
	entryplus3 e;
	size_t n = 0;

	for (p = first; load_entry(p, &e) != NULL; p = e.nextentry)
		n++;
	list = malloc((n + 1) * sizeof(*list));
	if (list == NULL)
		return -ENOMEM;
	*ret_garbage = list;
	c->entries = list;
	for (p = first; load_entry(p, &e) != NULL; p = e.nextentry) {
		if (nfs_name_ok(e.name))
			get_entry(&e, &list[c->n_entries++]);
		else
			count(bad_names);
	}
	/* Nothing to go on from and not the end: asking again would not end. */
	return c->n_entries == 0 && !c->eof ? -EIO : 0;
}

static int
take_readdirplus(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const READDIRPLUS3res *r = res;
	const READDIRPLUS3resok *ok = &r->READDIRPLUS3res_u.resok;

	if (r->status != NFS3_OK) {
		c->has_attr = get_attr(
			&r->READDIRPLUS3res_u.resfail.dir_attributes, &c->attr);
		return 0;
	}
	c->has_attr = get_attr(&ok->dir_attributes, &c->attr);
	memcpy(&c->ret_verf, ok->cookieverf, sizeof(c->ret_verf));
	c->eof = ok->reply.eof != 0;
	return take_entries(c, ok->reply.entries, ret_garbage);
}

static int
take_fsstat(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const FSSTAT3res *r = res;
	const FSSTAT3resok *ok = &r->FSSTAT3res_u.resok;

	(void)ret_garbage;
	if (r->status != NFS3_OK) {
		c->has_attr = get_attr(&r->FSSTAT3res_u.resfail.obj_attributes,
				       &c->attr);
		return 0;
	}
	c->has_attr = get_attr(&ok->obj_attributes, &c->attr);
	c->fsstat.tbytes = ok->tbytes;
	c->fsstat.fbytes = ok->fbytes;
	c->fsstat.abytes = ok->abytes;
	c->fsstat.tfiles = ok->tfiles;
	c->fsstat.ffiles = ok->ffiles;
	c->fsstat.afiles = ok->afiles;
	return 0;
}

static int
take_commit(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const COMMIT3res *r = res;

	(void)ret_garbage;
	if (r->status != NFS3_OK) {
		get_wcc(c, &r->COMMIT3res_u.resfail.file_wcc);
		return 0;
	}
	get_wcc(c, &r->COMMIT3res_u.resok.file_wcc);
	memcpy(&c->ret_verf, r->COMMIT3res_u.resok.verf, sizeof(c->ret_verf));
	return 0;
}

/* --- setting up --------------------------------------------------------------- */

static struct wire_setup *
to_setup(struct nfs_call *c)
{
	return container_of(c, struct wire_setup, call);
}

static int
take_fsinfo(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const FSINFO3res *r = res;
	const FSINFO3resok *ok = &r->FSINFO3res_u.resok;
	struct nfs_server *s = &to_setup(c)->ret_server;

	(void)ret_garbage;
	if (r->status != NFS3_OK)
		return 0;
	s->rtmax = ok->rtmax;
	s->wtmax = ok->wtmax;
	s->rtpref = ok->rtpref;
	s->wtpref = ok->wtpref;
	s->dtpref = ok->dtpref;
	s->maxfilesize = ok->maxfilesize;
	s->properties = ok->properties;
	return 0;
}

static int
take_pathconf(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const PATHCONF3res *r = res;
	const PATHCONF3resok *ok = &r->PATHCONF3res_u.resok;
	struct nfs_server *s = &to_setup(c)->ret_server;

	(void)ret_garbage;
	if (r->status != NFS3_OK)
		return 0;
	s->name_max = ok->name_max;
	s->link_max = ok->linkmax;
	s->no_trunc = ok->no_trunc != 0;
	return 0;
}

#define FLAVOR_NONE 0
#define FLAVOR_SYS 1

static int
take_mnt(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const mountres3 *r = res;
	const mountres3_ok *ok = &r->mountres3_u.mountinfo;
	struct wire_setup *s = to_setup(c);
	unsigned i;

	(void)ret_garbage;
	s->ret_mount_stat = (uint32_t)r->fhs_status;
	if (r->fhs_status != MNT3_OK)
		return nfs_err_mount((uint32_t)r->fhs_status);
	s->ret_sys_refused = ok->auth_flavors.auth_flavors_len > 0;
	for (i = 0; i < ok->auth_flavors.auth_flavors_len; i++) {
		int flavor = ok->auth_flavors.auth_flavors_val[i];

		if (flavor == FLAVOR_SYS || flavor == FLAVOR_NONE)
			s->ret_sys_refused = 0;
	}
	c->has_ret_fh = get_handle(ok->fhandle.fhandle3_len,
				   ok->fhandle.fhandle3_val, &c->ret_fh);
	return c->has_ret_fh ? 0 : -EIO;
}

static int
take_getport(struct nfs_call *c, const void *res, void **ret_garbage)
{
	uint32_t port;

	(void)ret_garbage;
	memcpy(&port, res, sizeof(port));
	to_setup(c)->ret_port = port < 65536 ? port : 0;
	return 0;
}

unsigned
nfs_uaddr_port(const char *uaddr)
{
	const char *low = uaddr == NULL ? NULL : strrchr(uaddr, '.');
	const char *high;
	unsigned hi, lo;
	char end;

	if (low == NULL || low == uaddr)
		return 0;
	for (high = low - 1; high > uaddr && *high != '.'; high--)
		;
	if (*high != '.' || sscanf(high, ".%3u.%3u%c", &hi, &lo, &end) != 2)
		return 0;
	return hi > 255 || lo > 255 ? 0 : hi * 256 + lo;
}

static int
take_getaddr(struct nfs_call *c, const void *res, void **ret_garbage)
{
	const struct pmap3_string_result *r = res;

	(void)ret_garbage;
	to_setup(c)->ret_port = nfs_uaddr_port(r->addr);
	return 0;
}

int
nfs_name_ok(const char *name)
{
	size_t len = name == NULL ? 0 : strnlen(name, NFS_NAME_MAX + 1);

	return len > 0 && len <= NFS_NAME_MAX && strchr(name, '/') == NULL;
}

/* --- all of them --------------------------------------------------------------- */

static int (*const takes[WIRE_PROC_MAX])(struct nfs_call *c, const void *res,
					 void **ret_garbage) = {
	[NFS_GETATTR] = take_getattr,   [NFS_SETATTR] = take_setattr,
	[NFS_LOOKUP] = take_lookup,     [NFS_ACCESS] = take_access,
	[NFS_READLINK] = take_readlink, [NFS_READ] = take_read,
	[NFS_WRITE] = take_write,       [NFS_CREATE] = take_create,
	[NFS_MKDIR] = take_mkdir,       [NFS_SYMLINK] = take_symlink,
	[NFS_MKNOD] = take_mknod,       [NFS_REMOVE] = take_remove,
	[NFS_RMDIR] = take_rmdir,       [NFS_RENAME] = take_rename,
	[NFS_LINK] = take_link,         [NFS_READDIRPLUS] = take_readdirplus,
	[NFS_FSSTAT] = take_fsstat,     [NFS_COMMIT] = take_commit,
	[WIRE_FSINFO] = take_fsinfo,    [WIRE_PATHCONF] = take_pathconf,
	[WIRE_MNT] = take_mnt,          [WIRE_GETPORT] = take_getport,
	[WIRE_GETADDR] = take_getaddr,
};

/* What an earlier attempt may have left there. */
static void
forget_results(struct nfs_call *c)
{
	c->has_attr = 0;
	c->has_wcc = 0;
	c->has_dir_attr = 0;
	c->has_dir2_attr = 0;
	c->has_ret_fh = 0;
	c->ret_access = 0;
	c->ret_count = 0;
	c->eof = 0;
	c->ret_data = NULL;
	c->ret_verf = 0;
	c->entries = NULL;
	c->n_entries = 0;
}

enum wire_got
take_answer(struct nfs_wire *a, const void *res, void **ret_garbage)
{
	struct nfs_call *c = a->call;
	uint32_t stat = 0;
	int r;

	forget_results(c);
	/* The NFS procedures begin their answer with the status. */
	if ((int)c->proc <= WIRE_PATHCONF)
		memcpy(&stat, res, sizeof(stat));
	if (stat == NFS_STAT_JUKEBOX)
		return WIRE_JUKEBOX;
	r = takes[c->proc](c, res, ret_garbage);
	c->status = stat != 0 ? nfs_err(stat) : r;
	return WIRE_ANSWERED;
}
