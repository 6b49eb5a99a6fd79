/* SPDX-License-Identifier: Apache-2.0
 *
 * op - one request of the kernel on its way through the worker that read it.
 *
 * An op is begun with op_new(), makes its calls one after the other through
 * op->call, and is ended by exactly one op_reply_*(), which frees it.  Ops
 * without a request (removals after a forget) end by op_end().
 *
 * Threading   the worker's.
 * Ownership   the op owns copies of the names; the call is embedded.
 */
#ifndef FS_FRONT_OP_H
#define FS_FRONT_OP_H

#define FUSE_USE_VERSION 312
#include <fuse_lowlevel.h>

#include "front/fs.h"

struct op {
	struct worker *w; /* peek */
	fuse_req_t req; /* own; NULL: nobody waits for an answer */
	struct nfs_cred cred; /* op_cred() */
	int is_anonymous; /* CRED is not filled in yet */
	ns_t deadline; /* of all its calls together */
	ino_num ino; /* the object, or the directory of NAME */
	ino_num ino2;
	char name[NFS_NAME_MAX + 1];
	struct nfs_call call;

	/* Set while the kernel drops pages before it hears the answer. */
	struct mail mail;
	void (*resume)(struct op *op);
	struct nfs_attr attr;
	ns_t valid; /* ATTR may be trusted from then; 0: not at all */
	int suspect; /* the kernel's pages are, whatever ATTR says */
};

/* An op of SIZE bytes (a struct that begins with struct op), zeroed.  NULL: no memory, and the request is answered. */
void *op_new(fuse_req_t req, size_t size);

/* The same for W with nobody waiting, in the name of CRED. */
void *op_new_quiet(struct worker *w, const struct nfs_cred *cred, size_t size);

/* The identity that OP's calls are sent with; OP's. */
const struct nfs_cred *op_cred(struct op *op);

/* Copy a name from the kernel into OP->name.  Returns 0 or -ENAMETOOLONG. */
int op_set_name(struct op *op, const char *name);

/* Make OP->call ready: PROC on the handle of INO.  Returns 0 or -ESTALE. */
int op_call(struct op *op, enum nfs_proc proc, ino_num ino,
	    void (*done)(struct nfs_call *c));
void op_submit(struct op *op);

#define op_of(callp) container_of(callp, struct op, call)

/* --- ends ------------------------------------------------------------------ */

void op_end(struct op *op);
void op_reply_err(struct op *op, int status); /* 0 or -errno */

/* Tell the kernel ATTR of OP->ino; first make it drop its pages if it cannot see
 * that they are stale. */
void op_reply_attr(struct op *op, const struct nfs_attr *attr, ns_t valid);

/* OP->ino / OP->name was found or made: FH with ATTR, asked for at SENT.  Counts
 * the lookup, and takes it back if the kernel does not hear of it.  HOW adds a
 * file (CREATE) or is NULL. */
void op_reply_entry(struct op *op, const struct nfs_fh *fh,
		    const struct nfs_attr *attr, ns_t sent,
		    struct fuse_file_info *create);

/* OP->ino / OP->name does not exist, says a call sent at SENT. */
void op_reply_absent(struct op *op, ns_t sent);

/* --- for more than one op ---------------------------------------------------- */

/* ATTR as the kernel wants it. */
void op_stat(const struct nfs_attr *attr, struct stat *ret);

/* The LOOKUP that ends operations whose answer had no handle or attributes:
 * replies with the entry. */
void op_lookup_reply(struct op *op, struct fuse_file_info *create);

/* A name that is not shown: .snapshot, and hidden names of ours. */
int op_name_is_hidden(const struct fs *fs, const char *name);

/* What op_*.c give to the session. */
void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
void op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t n);
void op_forget_multi(fuse_req_t req, size_t count,
		     struct fuse_forget_data *forgets);
void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set,
		struct fuse_file_info *fi);
void op_access(fuse_req_t req, fuse_ino_t ino, int mask);
void op_readlink(fuse_req_t req, fuse_ino_t ino);
void op_statfs(fuse_req_t req, fuse_ino_t ino);
void op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	      dev_t rdev);
void op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
void op_symlink(fuse_req_t req, const char *target, fuse_ino_t parent,
		const char *name);
void op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	       struct fuse_file_info *fi);
void op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent,
	     const char *name);
void op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
void op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);
void op_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
	       fuse_ino_t newparent, const char *newname, unsigned int flags);
void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
	     struct fuse_file_info *fi);
void op_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size,
	      off_t off, struct fuse_file_info *fi);
void op_fsync(fuse_req_t req, fuse_ino_t ino, int datasync,
	      struct fuse_file_info *fi);
void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		struct fuse_file_info *fi);
void op_readdirplus(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off,
		    struct fuse_file_info *fi);

/* op_hide.c: unlinked while open. */

/* A new name that is not shown. */
void op_hide_name(struct fs *fs, char ret[NFS_NAME_MAX + 1]);

/* The last forget of a hidden inode: remove its name. */
void op_hide_remove(struct worker *w, ino_num ino);

#endif
