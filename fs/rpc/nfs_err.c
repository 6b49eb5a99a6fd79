/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <errno.h>
#include <stddef.h>

#include "rpc/nfs_err.h"

struct stat_errno {
	uint32_t stat;
	int err;
	const char *name; /* as a mountstat3; NULL: no such one */
};

/* RFC 1813 2.6 and 5.1.5 */
static const struct stat_errno stats[] = {
	{ 0, 0, "MNT3_OK" },
	{ 1, EPERM, "MNT3ERR_PERM" },
	{ 2, ENOENT, "MNT3ERR_NOENT" },
	{ 5, EIO, "MNT3ERR_IO" },
	{ 6, ENXIO, NULL },
	{ 13, EACCES, "MNT3ERR_ACCES" },
	{ 17, EEXIST, NULL },
	{ 18, EXDEV, NULL },
	{ 19, ENODEV, NULL },
	{ 20, ENOTDIR, "MNT3ERR_NOTDIR" },
	{ 21, EISDIR, NULL },
	{ 22, EINVAL, "MNT3ERR_INVAL" },
	{ 27, EFBIG, NULL },
	{ 28, ENOSPC, NULL },
	{ 30, EROFS, NULL },
	{ 31, EMLINK, NULL },
	{ 63, ENAMETOOLONG, "MNT3ERR_NAMETOOLONG" },
	{ 66, ENOTEMPTY, NULL },
	{ 69, EDQUOT, NULL },
	{ 70, ESTALE, NULL },
	{ 71, EREMOTE, NULL },
	{ 10001, ESTALE, NULL },
	{ 10002, EAGAIN, NULL },
	{ 10003, EBADE, NULL },
	{ 10004, EOPNOTSUPP, "MNT3ERR_NOTSUPP" },
	{ 10005, EIO, NULL }, /* TOOSMALL: we asked with too small a count */
	{ 10006, EIO, "MNT3ERR_SERVERFAULT" },
	{ 10007, EOPNOTSUPP, NULL },
};

static const struct stat_errno *
find(uint32_t stat)
{
	size_t i;

	for (i = 0; i < sizeof(stats) / sizeof(stats[0]); i++)
		if (stats[i].stat == stat)
			return &stats[i];
	return NULL;
}

int
nfs_err(uint32_t stat)
{
	const struct stat_errno *s = find(stat);

	return s == NULL ? -EIO : -s->err;
}

int
nfs_err_mount(uint32_t stat)
{
	const struct stat_errno *s = find(stat);

	return s == NULL || s->name == NULL ? -EIO : -s->err;
}

const char *
nfs_err_mount_name(uint32_t stat)
{
	const struct stat_errno *s = find(stat);

	return s == NULL || s->name == NULL ? "unknown status" : s->name;
}
