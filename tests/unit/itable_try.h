/* SPDX-License-Identifier: Apache-2.0
 *
 * itable_try - a table, and handles and attributes to put into it.
 *
 * Threading   none.
 */
#ifndef TESTS_UNIT_ITABLE_TRY_H
#define TESTS_UNIT_ITABLE_TRY_H

#include <sys/stat.h>

#include "meta/itable.h"

extern struct itable *table;
extern struct slab *slab;

/* An empty table, and a clock that stands at 1000. */
int try_setup(void **state);
int try_teardown(void **state);

/* The handle of number N; 0 is the root's. */
struct nfs_fh try_fh(unsigned n);

/* PARENT/NAME was found to be the file, or directory, N; by a call sent NOW. */
ino_num try_enter(ino_num parent, const char *name, unsigned n);
ino_num try_enter_dir(ino_num parent, const char *name, unsigned n);

/* Attributes of a regular file of SIZE bytes, changed at MTIME and CTIME. */
struct nfs_attr try_attr(uint64_t size, uint32_t mtime, uint32_t ctime);

/* How many inodes the table has; the root is one. */
unsigned try_inodes(void);

#endif
