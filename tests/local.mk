# SPDX-License-Identifier: Apache-2.0

# Helpers of the mounted tests (tests/lib/common.sh: tool, need_try).
check_PROGRAMS += %D%/tools/try
%C%_tools_try_SOURCES = %D%/tools/try.c
check_PROGRAMS += %D%/tools/replaceload
%C%_tools_replaceload_SOURCES = %D%/tools/replaceload.c

# Random operations against a model (tests/real/random_*.t).
check_PROGRAMS += %D%/tools/randdata %D%/tools/randns
%C%_tools_randdata_SOURCES = %D%/tools/randdata.c
%C%_tools_randns_SOURCES = %D%/tools/randns.c

# --- unit tests: one program per module; tests/run finds them -----------------
if HAVE_CMOCKA
UNIT_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
UNIT_LDADD = fs/libfs.a $(CMOCKA_LIBS) $(FUSE3_LIBS) $(LIBNFS_LIBS) $(INIH_LIBS) $(XXHASH_LIBS)
check_PROGRAMS += \
	%D%/unit/t_clock \
	%D%/unit/t_conf \
	%D%/unit/t_conf_file \
	%D%/unit/t_count \
	%D%/unit/t_err \
	%D%/unit/t_lck \
	%D%/unit/t_loop \
	%D%/unit/t_nfs_client \
	%D%/unit/t_slab

%C%_unit_t_clock_SOURCES = %D%/unit/t_clock.c
%C%_unit_t_clock_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_clock_LDADD = $(UNIT_LDADD)

%C%_unit_t_conf_SOURCES = %D%/unit/t_conf.c \
	%D%/unit/conf_try.c %D%/unit/conf_try.h
%C%_unit_t_conf_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_conf_LDADD = $(UNIT_LDADD)

%C%_unit_t_conf_file_SOURCES = %D%/unit/t_conf_file.c \
	%D%/unit/conf_try.c %D%/unit/conf_try.h
%C%_unit_t_conf_file_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_conf_file_LDADD = $(UNIT_LDADD)

%C%_unit_t_count_SOURCES = %D%/unit/t_count.c
%C%_unit_t_count_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_count_LDADD = $(UNIT_LDADD)

%C%_unit_t_err_SOURCES = %D%/unit/t_err.c
%C%_unit_t_err_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_err_LDADD = $(UNIT_LDADD)

%C%_unit_t_lck_SOURCES = %D%/unit/t_lck.c
%C%_unit_t_lck_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_lck_LDADD = $(UNIT_LDADD)

%C%_unit_t_loop_SOURCES = %D%/unit/t_loop.c
%C%_unit_t_loop_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_loop_LDADD = $(UNIT_LDADD)

%C%_unit_t_nfs_client_SOURCES = %D%/unit/t_nfs_client.c
%C%_unit_t_nfs_client_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_nfs_client_LDADD = $(UNIT_LDADD)

%C%_unit_t_slab_SOURCES = %D%/unit/t_slab.c
%C%_unit_t_slab_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_slab_LDADD = $(UNIT_LDADD)

# The rest of fs/: metadata and data (fake_nfs stands for fs/rpc/nfs_client.c).
check_PROGRAMS += \
	%D%/unit/t_dirs \
	%D%/unit/t_extents \
	%D%/unit/t_fill \
	%D%/unit/t_itable \
	%D%/unit/t_itable_attr \
	%D%/unit/t_kept \
	%D%/unit/t_wback \
	%D%/unit/t_wback_foreign \
	%D%/unit/t_wback_random

%C%_unit_t_dirs_SOURCES = %D%/unit/t_dirs.c
%C%_unit_t_dirs_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_dirs_LDADD = $(UNIT_LDADD)

%C%_unit_t_extents_SOURCES = %D%/unit/t_extents.c
%C%_unit_t_extents_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_extents_LDADD = $(UNIT_LDADD)

%C%_unit_t_fill_SOURCES = %D%/unit/t_fill.c \
	%D%/unit/fake_nfs.c %D%/unit/fake_nfs.h
%C%_unit_t_fill_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_fill_LDADD = $(UNIT_LDADD)

%C%_unit_t_itable_SOURCES = %D%/unit/t_itable.c \
	%D%/unit/itable_try.c %D%/unit/itable_try.h
%C%_unit_t_itable_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_itable_LDADD = $(UNIT_LDADD)

%C%_unit_t_itable_attr_SOURCES = %D%/unit/t_itable_attr.c \
	%D%/unit/itable_try.c %D%/unit/itable_try.h
%C%_unit_t_itable_attr_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_itable_attr_LDADD = $(UNIT_LDADD)

%C%_unit_t_kept_SOURCES = %D%/unit/t_kept.c
%C%_unit_t_kept_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_kept_LDADD = $(UNIT_LDADD)

%C%_unit_t_wback_SOURCES = %D%/unit/t_wback.c \
	%D%/unit/fake_nfs.c %D%/unit/fake_nfs.h \
	%D%/unit/wback_try.c %D%/unit/wback_try.h
%C%_unit_t_wback_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_wback_LDADD = $(UNIT_LDADD)

%C%_unit_t_wback_foreign_SOURCES = %D%/unit/t_wback_foreign.c \
	%D%/unit/fake_nfs.c %D%/unit/fake_nfs.h \
	%D%/unit/wback_try.c %D%/unit/wback_try.h
%C%_unit_t_wback_foreign_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_wback_foreign_LDADD = $(UNIT_LDADD)

%C%_unit_t_wback_random_SOURCES = %D%/unit/t_wback_random.c \
	%D%/unit/fake_nfs.c %D%/unit/fake_nfs.h \
	%D%/unit/wback_try.c %D%/unit/wback_try.h
%C%_unit_t_wback_random_CFLAGS = $(UNIT_CFLAGS)
%C%_unit_t_wback_random_LDADD = $(UNIT_LDADD)
endif

# --- running them -------------------------------------------------------------
# tests/run finds the tests; TEST_ARGS says which (default: all).
EXTRA_DIST += %D%/run %D%/lib %D%/lint %D%/mounted %D%/real %D%/demo

check-local:
	BUILDDIR=$(abs_builddir) $(top_srcdir)/tests/run $(TEST_ARGS)
