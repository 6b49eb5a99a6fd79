/* SPDX-License-Identifier: Apache-2.0 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "itable_try.h"

struct itable *table;
struct slab *slab;

int
try_setup(void **state)
{
	struct nfs_fh root = try_fh(0);

	(void)state;
	clock_fake(1000);
	slab = slab_new((uint64_t)1 << 30);
	if (slab == NULL)
		return -1;
	table = itable_new(slab, &root);
	return table == NULL;
}

int
try_teardown(void **state)
{
	(void)state;
	itable_free(table);
	slab_free(slab);
	clock_fake(0);
	return 0;
}

struct nfs_fh
try_fh(unsigned n)
{
	struct nfs_fh fh;

	memset(&fh, 0, sizeof(fh));
	fh.len = 28; /* as knfsd's */
	memcpy(fh.data + 20, &n, sizeof(n));
	return fh;
}

static ino_num
enter(ino_num parent, const char *name, unsigned n, uint32_t mode)
{
	struct nfs_fh fh = try_fh(n);
	ino_num ino = 0;

	assert_int_equal(
		itable_enter(table, parent, name, &fh, mode, clock_now(), &ino),
		0);
	assert_int_not_equal(ino, 0);
	return ino;
}

ino_num
try_enter(ino_num parent, const char *name, unsigned n)
{
	return enter(parent, name, n, S_IFREG | 0644);
}

ino_num
try_enter_dir(ino_num parent, const char *name, unsigned n)
{
	return enter(parent, name, n, S_IFDIR | 0755);
}

struct nfs_attr
try_attr(uint64_t size, uint32_t mtime, uint32_t ctime)
{
	struct nfs_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.mode = S_IFREG | 0644;
	attr.nlink = 1;
	attr.size = size;
	attr.mtime.sec = mtime;
	attr.ctime.sec = ctime;
	return attr;
}

unsigned
try_inodes(void)
{
	struct itable_stat st;

	itable_stat(table, &st);
	return (unsigned)st.inodes;
}
