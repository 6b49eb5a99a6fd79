/* SPDX-License-Identifier: Apache-2.0
 *
 * nfs_types - what goes into NFSv3 calls and comes out of them: handles,
 * attributes, identities, names.  Values, without pointers but for names.
 */
#ifndef FS_RPC_NFS_TYPES_H
#define FS_RPC_NFS_TYPES_H

#include <stdint.h>

#define NFS_FH_MAX 64 /* NFS3_FHSIZE, RFC 1813 2.4 */
#define NFS_NAME_MAX 255 /* what the kernel takes; servers say so too */
#define NFS_GROUPS_MAX 16 /* AUTH_SYS, RFC 5531 appendix A */

struct nfs_fh {
	uint8_t len;
	uint8_t data[NFS_FH_MAX];
};

/* Seconds and nanoseconds, unsigned as on the wire (nfstime3). */
struct nfs_time {
	uint32_t sec;
	uint32_t nsec;
};

/* fattr3.  MODE includes the S_IFMT bits of the type. */
struct nfs_attr {
	uint32_t mode;
	uint32_t nlink;
	uint32_t uid;
	uint32_t gid;
	uint32_t rdev_major;
	uint32_t rdev_minor;
	uint64_t size;
	uint64_t used; /* bytes */
	uint64_t fsid;
	uint64_t fileid;
	struct nfs_time atime;
	struct nfs_time mtime;
	struct nfs_time ctime;
};

/* wcc_data's "before", RFC 1813 2.6. */
struct nfs_wcc {
	uint64_t size;
	struct nfs_time mtime;
	struct nfs_time ctime;
};

enum nfs_sattr_set {
	NFS_SET_MODE = 1,
	NFS_SET_UID = 2,
	NFS_SET_GID = 4,
	NFS_SET_SIZE = 8,
	NFS_SET_ATIME = 16, /* to the given time */
	NFS_SET_ATIME_NOW = 32, /* to the server's */
	NFS_SET_MTIME = 64,
	NFS_SET_MTIME_NOW = 128,
};

struct nfs_sattr {
	unsigned set; /* enum nfs_sattr_set */
	uint32_t mode;
	uint32_t uid;
	uint32_t gid;
	uint64_t size;
	struct nfs_time atime;
	struct nfs_time mtime;
};

/* Who asks: what AUTH_SYS carries.  Compared by value. */
struct nfs_cred {
	uint32_t uid;
	uint32_t gid;
	uint32_t n_groups;
	uint32_t groups[NFS_GROUPS_MAX];
};

enum nfs_proc {
	NFS_GETATTR,
	NFS_SETATTR,
	NFS_LOOKUP,
	NFS_ACCESS,
	NFS_READLINK,
	NFS_READ,
	NFS_WRITE,
	NFS_CREATE,
	NFS_MKDIR,
	NFS_SYMLINK,
	NFS_MKNOD,
	NFS_REMOVE,
	NFS_RMDIR,
	NFS_RENAME,
	NFS_LINK,
	NFS_READDIRPLUS,
	NFS_FSSTAT,
	NFS_COMMIT,
	NFS_PROC_MAX
};

enum nfs_create_how {
	NFS_CREATE_UNCHECKED,
	NFS_CREATE_GUARDED,
	NFS_CREATE_EXCLUSIVE
};
enum nfs_stable { NFS_UNSTABLE = 0, NFS_DATA_SYNC = 1, NFS_FILE_SYNC = 2 };

/* One name of a READDIRPLUS answer. */
struct nfs_dirent {
	const char *
		name; /* checked: 1..255 bytes, no '/', not "." or ".." unless is_dot */
	uint64_t cookie;
	uint64_t fileid;
	int is_dot; /* "." or ".." */
	int has_attr;
	int has_fh;
	struct nfs_attr attr;
	struct nfs_fh fh;
};

struct nfs_fsstat {
	uint64_t tbytes, fbytes, abytes;
	uint64_t tfiles, ffiles, afiles;
};

#endif
