/* SPDX-License-Identifier: Apache-2.0
 *
 * slab - small objects in one file of shared memory, named by number.
 *
 * What must outlive this process lives here: the memory is a memfd that
 * another process can hold and a successor can map, so objects refer to each
 * other by reference (offset / 16), never by pointer.  Reference 0 is none.
 * An object does not move.
 *
 * Threading   any thread.
 * Locks       slab.
 * Ownership   the caller of slab_alloc() owns the object.
 */
#ifndef FS_BASE_SLAB_H
#define FS_BASE_SLAB_H

#include <stddef.h>
#include <stdint.h>

#define SLAB_OBJ_MAX 512

struct slab;
typedef uint32_t slab_ref_t;

/* A new slab that may grow to MAX bytes.  NULL: no memory (errno says why). */
struct slab *slab_new(uint64_t max);
void slab_free(struct slab *s); /* NULL is a no-op */

/* The file that the slab lives in; it stays the slab's. */
int slab_fd(const struct slab *s);

/* An object of SIZE bytes (at most SLAB_OBJ_MAX), zeroed; 0 when full. */
slab_ref_t slab_alloc(struct slab *s, size_t size);

/* Give it back.  SIZE must be the one it was allocated with. */
void slab_release(struct slab *s, slab_ref_t ref, size_t size);

void *slab_ptr(const struct slab *s, slab_ref_t ref);

/* True if REF can name an object (numbers from the kernel are input). */
int slab_valid(const struct slab *s, slab_ref_t ref);

/* Bytes of memory in use by objects. */
uint64_t slab_used(struct slab *s);

#endif
