/* SPDX-License-Identifier: Apache-2.0
 *
 * nfs_wire - one TCP connection to the server, by libnfs, which is hidden here.
 *
 * A wire carries attempts: one sending of one call.  Submitting encodes, the
 * next wire_service() with EPOLLOUT sends.  Everything libnfs calls back goes
 * through the wire's answer function, from inside wire_service() or
 * wire_free().
 *
 * Threading   one loop's thread; different wires on different threads.
 * Locks       libnfs (connecting).
 * Ownership   an attempt belongs to the caller; it must live until the answer
 *             function has seen it.  It may lose its call (CALL = NULL) before.
 */
#ifndef FS_RPC_NFS_WIRE_H
#define FS_RPC_NFS_WIRE_H

#include <stdint.h>

#include "base/clock.h"
#include "rpc/nfs.h"

/* Procedures that only nfs_mount() needs; their call is in a wire_setup. */
enum wire_proc {
	WIRE_FSINFO = NFS_PROC_MAX,
	WIRE_PATHCONF,
	WIRE_MNT, /* name: the export */
	WIRE_GETPORT, /* rpcbind v2: prog, vers */
	WIRE_GETADDR, /* rpcbind v3: prog, vers; TCP over IPv6 */
	WIRE_PROC_MAX
};

struct wire_setup {
	struct nfs_call call;
	unsigned prog;
	unsigned vers;
	struct nfs_server ret_server; /* FSINFO and PATHCONF: their fields */
	uint32_t ret_mount_stat; /* MNT; the handle is in call.ret_fh */
	int ret_sys_refused; /* MNT: flavors without SYS and NONE */
	unsigned ret_port; /* GETPORT and GETADDR, 0: none */
};

enum wire_got {
	WIRE_ANSWERED, /* call->status and the results are there */
	WIRE_JUKEBOX, /* answered: later */
	WIRE_FAILED, /* attempt->error; or the connection is gone */
};

struct wire;

struct nfs_wire {
	struct nfs_call *call; /* peek; NULL: nobody waits any more */
	void *owner; /* peek; the caller's */
	struct nfs_wire *next, **prev; /* the caller's */
	ns_t sent; /* the caller's */
	struct wire *wire; /* peek */
	int is_over; /* libnfs has let go of it */
	int error; /* WIRE_FAILED: -EACCES the server refuses the
				  credential, -EOPNOTSUPP the procedure,
				  -EPROTONOSUPPORT the program; else -EIO */
	void *buf; /* own: what libnfs reads from or writes to */
};

typedef void wire_answer_fn(struct nfs_wire *w, enum wire_got got);

/* Begin to connect to the numeric address ADDR.  QUIET: the kernel gives up on
 * unacknowledged data after this.  NULL: *ret_error is -errno. */
struct wire *wire_new(const char *addr, unsigned port, ns_t quiet,
		      wire_answer_fn *answer, int *ret_error);

/* Every attempt that is out is answered WIRE_FAILED on the way.  Never from
 * inside an answer function. */
void wire_free(struct wire *w);

int wire_fd(const struct wire *w);
uint32_t wire_events(const struct wire *w); /* EPOLL* it waits for */
int wire_is_up(const struct wire *w);

/* Returns 0, or -errno when the connection is of no more use. */
int wire_service(struct wire *w, uint32_t events);

/* Encode A->call.  Returns 0, or -errno: the answer function will not see it. */
int wire_submit(struct wire *w, struct nfs_wire *a);

/* Port in a universal address ("::1.8.1"), 0 if there is none. */
unsigned nfs_uaddr_port(const char *uaddr);

/* May the kernel see this name? */
int nfs_name_ok(const char *name);

#endif
