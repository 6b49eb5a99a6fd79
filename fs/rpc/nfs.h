/* SPDX-License-Identifier: Apache-2.0
 *
 * nfs - NFSv3 as the rest of podfs sees it: handles, attributes, calls.
 *
 * The one door to the server.  No type of libnfs leaves this folder.  A caller
 * fills a struct nfs_call and submits it; the call is answered exactly once by
 * its DONE function, from the loop of its client and never from inside
 * nfs_submit().  Lost connections, JUKEBOX and the deadline are dealt with
 * here: DONE sees a result of the procedure or -EIO.
 *
 * Threading   a client belongs to one loop's thread; a struct nfs_server is
 *             shared and read-only once nfs_mount() filled it.
 * Ownership   calls are the caller's and live until DONE; what their pointers
 *             name (names, data) as well.  Result pointers (data, entries,
 *             link target) are valid inside DONE only.
 */
#ifndef FS_RPC_NFS_H
#define FS_RPC_NFS_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/loop.h"
#include "rpc/nfs_types.h"

struct nfs_client;
struct nfs_wire;

struct nfs_call {
	/* --- what the caller fills in ------------------------------------- */
	enum nfs_proc proc;
	void (*done)(struct nfs_call *c);
	const struct nfs_cred *cred; /* peek; lives until DONE */
	ns_t deadline; /* 0: now + op_timeout, set by submit */
	struct nfs_fh fh; /* object, or directory of NAME */
	const char *name; /* LOOKUP CREATE MKDIR SYMLINK MKNOD REMOVE
					RMDIR RENAME(from) LINK(new name) */
	struct nfs_fh fh2; /* RENAME: target directory;
					LINK: directory of NAME (fh: the file) */
	const char *name2; /* RENAME: new name; SYMLINK: target text */
	struct nfs_fh fh3; /* RENAME: what is renamed, if known (else
					len 0): tells a replay from ENOENT */
	struct nfs_sattr sattr; /* SETATTR CREATE MKDIR SYMLINK MKNOD;
					MKNOD: type is in sattr.mode & S_IFMT */
	int has_guard; /* SETATTR: only if ctime is GUARD */
	struct nfs_time guard;
	uint32_t rdev_major, rdev_minor; /* MKNOD */
	enum nfs_create_how how;
	uint64_t verf; /* CREATE exclusive; READDIRPLUS cookieverf */
	uint64_t offset; /* READ WRITE COMMIT(0); READDIRPLUS cookie */
	uint32_t count; /* READ WRITE; READDIRPLUS maxcount bytes */
	uint32_t access; /* ACCESS: ACCESS3_* bits asked */
	enum nfs_stable stable; /* WRITE */
	const void *data; /* WRITE: COUNT bytes */

	/* --- what DONE finds ------------------------------------------------ */
	int status; /* 0 or -errno, see nfs_err.h */
	ns_t sent; /* when the attempt that was answered was sent */
	int resent; /* it had been sent before on a lost connection */
	int has_attr; /* ATTR: of fh (LOOKUP/CREATE...: of the object
				  found or made; LINK: of the file) */
	struct nfs_attr attr;
	int has_wcc; /* WCC: fh before a SETATTR/WRITE/COMMIT, or
				  the directory before a change in it */
	struct nfs_wcc wcc;
	int has_dir_attr; /* of the directory fh (LOOKUP, changes in it);
				  RENAME: of the source directory */
	struct nfs_attr dir_attr;
	int has_dir2_attr; /* RENAME and LINK: of fh2 */
	struct nfs_attr dir2_attr;
	int has_ret_fh;
	struct nfs_fh ret_fh; /* LOOKUP CREATE MKDIR SYMLINK MKNOD */
	uint32_t ret_access;
	uint32_t ret_count; /* READ WRITE */
	int eof; /* READ READDIRPLUS */
	const void *ret_data; /* READ: ret_count bytes; READLINK: NUL-ended */
	enum nfs_stable committed;
	uint64_t ret_verf; /* WRITE COMMIT READDIRPLUS */
	struct nfs_dirent *entries; /* READDIRPLUS: n_entries */
	size_t n_entries;
	struct nfs_fsstat fsstat;

	/* --- nfs_client.c's own ---------------------------------------------- */
	struct nfs_client *client;
	struct nfs_wire *wire; /* the attempt in flight, or NULL */
	struct timer timer; /* deadline, or end of a JUKEBOX pause */
	struct nfs_call *next, **prev;
	unsigned tries;
	ns_t since; /* when it was submitted */
	unsigned refused; /* of those, not understood by either side */
	struct nfs_call *check; /* own: the open question about a replay */
	ns_t pause; /* the last one after JUKEBOX */
};

/* ACCESS3_*, RFC 1813 3.3.4. */
#define NFS_ACCESS_READ 0x01
#define NFS_ACCESS_LOOKUP 0x02
#define NFS_ACCESS_MODIFY 0x04
#define NFS_ACCESS_EXTEND 0x08
#define NFS_ACCESS_DELETE 0x10
#define NFS_ACCESS_EXECUTE 0x20

/* --- the server, as mounting found it -------------------------------------- */

struct nfs_where {
	const char *host; /* name, IPv4 or IPv6 (without brackets) */
	const char *export; /* as MOUNT wants it: "/vol1" */
	const char *subdir; /* below the export, or NULL */
	unsigned port; /* 0: ask the portmapper */
	unsigned mountport; /* 0: ask the portmapper */
	ns_t timeout; /* for the whole of nfs_mount() */
	struct nfs_cred cred;
};

/* const after nfs_mount() */
struct nfs_server {
	char addr[64]; /* numeric address that answered */
	unsigned port; /* NFS */
	struct nfs_fh root; /* of the export, or of subdir */
	struct nfs_attr root_attr;
	uint32_t rtmax, wtmax, dtpref; /* FSINFO; at least 512, at most 1 MiB */
	uint32_t rtpref, wtpref;
	uint64_t maxfilesize;
	unsigned properties; /* FSF3_* */
	uint32_t name_max; /* PATHCONF; 255 if the server did not say */
	uint32_t link_max;
	int no_trunc;
};

#define NFS_FSF_LINK 0x1
#define NFS_FSF_SYMLINK 0x2

/* Blocking: portmapper (unless ports are given; rpcbind v2 for IPv4, v3/v4
 * GETADDR for IPv6), MOUNT, FSINFO, PATHCONF, GETATTR of the root, and one
 * LOOKUP for each component of subdir ("." and ".." refused, a component that
 * is no directory refused).  Every error says what was asked of whom:
 * "mount host:/export: access denied by the server (MNT3ERR_ACCES) ...".
 * Returns 0 or -errno. */
int nfs_mount(const struct nfs_where *where, struct nfs_server *ret,
	      struct err *err);

/* --- a client: the connections of one loop ---------------------------------- */

struct nfs_limits {
	unsigned connections;
	ns_t op_timeout; /* deadline of a call: -EIO after this */
	ns_t server_timeout; /* silence with calls in flight: reconnect */
};

/* NULL: no memory.  LOOP and SERVER outlive the client.  Connects when first
 * needed. */
struct nfs_client *nfs_client_new(struct loop *loop,
				  const struct nfs_server *server,
				  const struct nfs_limits *limits);

/* Every call, open or submitted from now on, is answered -EIO in the next turns
 * of the loop. */
void nfs_client_stop(struct nfs_client *c);

/* Calls still open are dropped without DONE: answer them before.  Not from
 * inside a DONE. */
void nfs_client_free(struct nfs_client *c);

/* Take on C.  Never fails: what cannot be sent is reported by DONE. */
void nfs_submit(struct nfs_client *client, struct nfs_call *c);

/* Take a call back: DONE will not run. */
void nfs_cancel(struct nfs_call *c);

/* Calls not yet answered. */
unsigned nfs_in_flight(const struct nfs_client *c);

int nfs_fh_equal(const struct nfs_fh *a, const struct nfs_fh *b);

#endif
